import { gzipSync } from 'node:zlib'
import { BIOS_RULES, type BiosRule } from '../flavours/bios-attributes.ts'
import type { Flavour } from '../flavours/flavour.ts'
import { type MessageId, message } from './message.ts'
import { collection, type Json, ok, type Reply, type Route, resource } from './route.ts'

const AT = '/redfish/v1/Registries'

export const registryName = (f: Flavour) => `Lab.${f.name}.1.0`

/** The registry of the BIOS's attributes, and where it lies (DSP0268: MessageRegistryFile, AttributeRegistry). */
export function registryRoutes(f: Flavour): Route[] {
  const name = registryName(f)
  const file = `${AT}/${name}/${name}.json`
  return [
    { path: AT, GET: () => ok(collection(AT, 'MessageRegistryFileCollection', 'Registries', [`${AT}/${name}`])) },
    {
      path: `${AT}/${name}`,
      GET: () =>
        ok(
          resource(`${AT}/${name}`, 'MessageRegistryFile.v1_1_3.MessageRegistryFile', name, 'BIOS Attribute Registry', {
            Languages: ['en'],
            Registry: name,
            Location: [{ Language: 'en', Uri: file }],
          }),
        ),
    },
    {
      path: file,
      GET: () =>
        packed(f, {
          ...resource(file, 'AttributeRegistry.v1_3_6.AttributeRegistry', name, 'BIOS Attribute Registry', {}),
          Language: 'en',
          OwningEntity: 'Lab',
          RegistryVersion: '1.0.0',
          SupportedSystems: [{ ProductName: f.model }],
          RegistryEntries: { Attributes: Object.keys(f.bios).map(key => entry(f, key)) },
        }),
    },
  ]
}

function packed(f: Flavour, registry: Json): Reply {
  if (f.registry === 'plain') return ok(registry)
  return { status: 200, body: gzipSync(JSON.stringify(registry)), headers: { 'Content-Encoding': 'gzip' } }
}

export function ruleOf(f: Flavour, name: string): BiosRule {
  const mode = f.biosBootMode
  if (mode?.attribute === name) return { type: 'Enumeration', values: [mode.uefi, mode.legacy] }
  const known = BIOS_RULES[name]
  if (!known) throw new Error(`there is no rule for the BIOS setting ${name}`)
  return known
}

function entry(f: Flavour, name: string): Json {
  const rule = ruleOf(f, name)
  return {
    AttributeName: name,
    DisplayName: name,
    Type: rule.type,
    DefaultValue: f.bios[name],
    ReadOnly: rule.readOnly ?? false,
    ResetRequired: true,
    ...(rule.type === 'Enumeration' ? { Value: rule.values.map(value => ({ ValueName: value, ValueDisplayName: value })) } : {}),
    ...(rule.type === 'Integer' ? { LowerBound: rule.least, UpperBound: rule.most } : {}),
    ...(rule.type === 'String' ? { MinLength: 0, MaxLength: rule.longest, IsSystemUniqueProperty: rule.unique ?? false } : {}),
  }
}

/** What is wrong with a value for a setting; undefined where nothing is. */
export function wrongValue(rule: BiosRule, name: string, value: unknown): Json | undefined {
  const at = [`#/Attributes/${name}`]
  const wrong = (id: MessageId) => message(id, [JSON.stringify(value), name], at)
  if (rule.readOnly) return message('PropertyNotWritable', [name], at)
  switch (rule.type) {
    case 'Enumeration':
      return typeof value !== 'string'
        ? wrong('PropertyValueTypeError')
        : rule.values.includes(value)
          ? undefined
          : wrong('PropertyValueNotInList')
    case 'Integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) return wrong('PropertyValueTypeError')
      return value < rule.least || value > rule.most ? wrong('PropertyValueFormatError') : undefined
    case 'String':
      if (typeof value !== 'string') return wrong('PropertyValueTypeError')
      return value.length > rule.longest ? wrong('PropertyValueFormatError') : undefined
    case 'Boolean':
      return typeof value === 'boolean' ? undefined : wrong('PropertyValueTypeError')
  }
}

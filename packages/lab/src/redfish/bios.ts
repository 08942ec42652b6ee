import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { message, Refusal } from './message.ts'
import { type Check, isFlag, isObject, oneOf, readAction, readPatch } from './patch.ts'
import { registryName, ruleOf, wrongValue } from './registries.ts'
import { type Ask, type Json, link, nothing, ok, type Route, resource } from './route.ts'
import { systemPath } from './system.ts'

/** BIOS attributes, which count from the next start on, and secure boot. */
export function biosRoutes(f: Flavour): Route[] {
  const at = systemPath(f)
  return [
    { path: `${at}/Bios`, GET: ({ machine }) => ok(bios(machine)) },
    {
      path: `${at}/Bios/Settings`,
      writes: 'operator',
      GET: ({ machine }) => ok(settings(machine)),
      PATCH: patchSettings,
      PUT: patchSettings,
    },
    {
      path: `${at}/Bios/Actions/Bios.ResetBios`,
      writes: 'operator',
      POST: ({ machine, body }) => {
        readAction('Bios.ResetBios', body, {})
        machine.state.biosPending = { ...f.bios }
        machine.note('OK', 'The BIOS will have its defaults from the next start on.')
        machine.saved()
        return nothing
      },
    },
    ...(f.secureBoot ? secureBoot(f, at) : []),
  ]
}

function bios(machine: Machine): Json {
  const at = `${systemPath(machine.flavour)}/Bios`
  return resource(at, 'Bios.v1_2_0.Bios', 'Bios', 'BIOS', {
    AttributeRegistry: registryName(machine.flavour),
    Attributes: machine.state.bios,
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_3.Settings',
      SettingsObject: link(`${at}/Settings`),
      SupportedApplyTimes: ['OnReset'],
    },
    Actions: { '#Bios.ResetBios': { target: `${at}/Actions/Bios.ResetBios` } },
  })
}

function settings(machine: Machine): Json {
  const at = `${systemPath(machine.flavour)}/Bios/Settings`
  return resource(at, 'Bios.v1_2_0.Bios', 'Settings', 'BIOS settings from the next start on', { Attributes: machine.state.biosPending })
}

function patchSettings({ machine, body, struck }: Ask) {
  const { flavour: f, state } = machine
  const attributes = body['Attributes']
  if (!isObject(attributes)) throw new Refusal(400, [message('PropertyMissing', ['Attributes'])])
  const when = body['@Redfish.SettingsApplyTime']
  if (isObject(when) && when['ApplyTime'] !== 'OnReset')
    throw new Refusal(400, [message('PropertyValueNotInList', [String(when['ApplyTime']), 'ApplyTime'])])
  const wrong: Json[] = []
  for (const [name, value] of Object.entries(attributes)) {
    if (state.bios[name] === undefined) wrong.push(message('PropertyUnknown', [name], [`#/Attributes/${name}`]))
    else {
      const why = wrongValue(ruleOf(f, name), name, value)
      if (why) wrong.push(why)
    }
  }
  if (wrong.length) throw new Refusal(400, wrong)
  if (!struck('bios-ignored')) Object.assign(state.biosPending, attributes)
  machine.note('OK', `BIOS settings wait for the next start: ${Object.keys(attributes).join(', ')}.`)
  machine.saved()
  return ok(settings(machine))
}

const RESETS = ['ResetAllKeysToDefault', 'DeleteAllKeys', 'DeletePK'] as const

function secureBoot(f: Flavour, at: string): Route[] {
  const path = `${at}/SecureBoot`
  const writable: Record<string, Check> = { SecureBootEnable: isFlag }
  return [
    {
      path,
      writes: 'operator',
      GET: ({ machine }) => ok(shownSecureBoot(machine)),
      PATCH: ({ machine, body }) => {
        const changes = readPatch(body, shownSecureBoot(machine), writable)
        machine.state.secureBoot.enabled = changes.get('SecureBootEnable') as boolean
        machine.note('OK', `Secure boot will be ${machine.state.secureBoot.enabled ? 'on' : 'off'} from the next start on.`)
        machine.saved()
        return ok(shownSecureBoot(machine))
      },
    },
    ...(f.resetKeys
      ? [
          {
            path: `${path}/Actions/SecureBoot.ResetKeys`,
            writes: 'operator' as const,
            POST: ({ machine, body }: { machine: Machine; body: Json }) => {
              const { ResetKeysType: type } = readAction('SecureBoot.ResetKeys', body, { ResetKeysType: oneOf(RESETS) }, ['ResetKeysType'])
              machine.state.secureBoot.keys = type === 'ResetAllKeysToDefault' ? 'factory' : 'none'
              machine.note('OK', `Secure boot keys: ${type}.`)
              machine.saved()
              return nothing
            },
          },
        ]
      : []),
  ]
}

function shownSecureBoot(machine: Machine): Json {
  const { flavour: f, state } = machine
  const path = `${systemPath(f)}/SecureBoot`
  return resource(path, 'SecureBoot.v1_1_0.SecureBoot', 'SecureBoot', 'Secure Boot', {
    SecureBootEnable: state.secureBoot.enabled,
    SecureBootCurrentBoot: state.secureBoot.current ? 'Enabled' : 'Disabled',
    SecureBootMode: state.secureBoot.keys === 'factory' ? 'UserMode' : 'SetupMode',
    ...(f.resetKeys
      ? {
          Actions: {
            '#SecureBoot.ResetKeys': {
              target: `${path}/Actions/SecureBoot.ResetKeys`,
              'ResetKeysType@Redfish.AllowableValues': RESETS,
            },
          },
        }
      : {}),
  })
}

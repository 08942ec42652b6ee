import { readFileSync } from 'node:fs'
import type { AnyResource, FieldSpec } from '@esi/api/define'
import type { Change } from '@esi/api/dialect'
import { escapePointer } from '@esi/api/json-patch'
import type { ResourceClient } from '@esi/client'
import { type Command, type Face, type Given, type Option, UsageError } from './command.ts'
import { listOf, oneOf } from './show.ts'
import { structured } from './structured.ts'

type Client = (face: Face) => Promise<ResourceClient<any>>

/** The five plain commands of a declared resource: their options, columns and checks come from its table. */
export interface Crud {
  readonly resource: AnyResource
  readonly client: Client
  /** Options whose name is not the field's: `{ properties: 'property' }`. */
  readonly names?: Readonly<Record<string, string>>
  /** `create` takes the name as its argument, not as an option. */
  readonly named?: boolean
  /** How the API makes one where that is not a POST of one: under an identifier that is given, or several at once. */
  readonly makes?: 'by id' | 'in lists'
  /** What a person who looks at one should notice, in a sentence. */
  readonly remark?: (row: Readonly<Record<string, unknown>>) => string | undefined
}

const isObject = (field: FieldSpec): boolean => field.type.name === 'object' || field.type.schema['type'] === 'object'

/** Lists of more than words: given as JSON, best in a file. */
const isStructured = (field: FieldSpec | undefined): boolean =>
  field?.type.name === 'array' &&
  (field.secret === true || !['string', undefined].includes((field.type.schema['items'] as { type?: string } | undefined)?.type))

/** A secret is never on the command line, where others can read it: its option names a file. */
const optionName = (c: Crud, field: string): string => {
  const name = c.names?.[field] ?? field.replaceAll('_', '-')
  return c.resource.fields[field]?.secret && !isStructured(c.resource.fields[field]) ? `${name}-file` : name
}

const title = (field: string): string =>
  field
    .split('_')
    .map(word => (['uuid', 'id', 'mac', 'url'].includes(word) ? word.toUpperCase() : word[0]!.toUpperCase() + word.slice(1)))
    .join(' ')

export const listCommand = (c: Crud, brief: string): Command => {
  const filters = Object.entries(c.resource.fields).filter(([, field]) => field.filter)
  return {
    brief,
    options: {
      long: { doc: 'more columns' },
      fields: { doc: 'only these fields, separated by commas', values: ['fields'] },
      sort: { doc: 'sort by this field, like name:asc', values: ['field'] },
      limit: { doc: 'at most so many', values: ['count'] },
      ...Object.fromEntries(
        filters.map(([name, field]): [string, Option] => [
          optionName(c, name),
          { doc: `only where ${name.replaceAll('_', ' ')} is this`, values: [field.type.name === 'boolean' ? 'true|false' : 'value'] },
        ]),
      ),
    },
    prints: 'list',
    async run(face, given) {
      const client = await c.client(face)
      const wanted = given.one('fields')?.split(',')
      const shown = wanted ?? [...c.resource.columns.list, ...(given.has('long') ? (c.resource.columns.long ?? []) : [])]
      const [sort, dir] = given.one('sort')?.split(':') ?? []
      const limit = given.one('limit')
      if (limit !== undefined && !/^\d+$/.test(limit)) throw new UsageError(`--limit must be a whole number, not "${limit}".`)
      const rows: object[] = []
      const each = client.each({
        filters: Object.fromEntries(filters.map(([name]) => [name, given.one(optionName(c, name))])),
        ...(c.resource.brief || wanted ? { fields: shown } : {}),
        ...(sort ? { sort: { field: sort, dir: dir === 'desc' ? 'desc' : 'asc' } } : {}),
        ...(limit ? { pageSize: Math.min(Number(limit), 1000) } : {}),
      })
      for await (const row of each) {
        rows.push(row)
        if (limit && rows.length >= Number(limit)) break
      }
      return listOf(
        shown.map(field => [title(field), field] as const),
        rows,
      )
    },
  }
}

export const showCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}` }],
  options: { fields: { doc: 'only these fields, separated by commas', values: ['fields'] } },
  prints: 'one',
  async run(face, given) {
    const client = await c.client(face)
    const row = await client.find(given.arg(noun(c)))
    const remark = c.remark?.(row)
    if (remark !== undefined) face.warn(remark)
    return whole(row, given.one('fields')?.split(','))
  },
})

export const createCommand = (c: Crud, brief: string): Command => {
  const first = c.named ? 'name' : c.makes === 'by id' ? c.resource.id : undefined
  const fields = Object.entries(c.resource.fields).filter(([name, field]) => field.on.create && name !== first)
  return {
    brief,
    ...(first ? { args: [{ name: first, doc: 'what it is to be called' }] } : {}),
    options: Object.fromEntries(fields.map(([name, field]) => [optionName(c, name), fieldOption(name, field, field.required ?? false)])),
    prints: 'one',
    changes: true,
    async run(face, given) {
      const draft: Record<string, unknown> = first ? { [first]: given.arg(first) } : {}
      for (const [name, field] of fields) {
        const value = optionValue(c, given, name, field)
        if (value !== undefined) draft[name] = value
      }
      return whole(await made(c, await c.client(face), draft, face.dryRun))
    },
  }
}

const made = async (c: Crud, client: ResourceClient<any>, draft: Record<string, unknown>, dryRun: boolean): Promise<object> => {
  const { name, plural, id, path } = c.resource
  const query = dryRun ? new URLSearchParams({ dry_run: 'true' }) : undefined
  if (c.makes === 'by id') {
    const { [id]: ident, ...rest } = draft
    return ((await client.call('PUT', client.one(String(ident)), { [name]: rest }, query)) as any)[name]
  }
  if (c.makes === 'in lists') return ((await client.call('POST', path, { [plural]: [draft] }, query)) as any)[plural][0]
  return client.create(draft, { dryRun })
}

export const setCommand = (c: Crud, brief: string): Command => {
  const fields = Object.entries(c.resource.fields).filter(([, field]) => field.on.update)
  return {
    brief,
    args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}` }],
    options: Object.fromEntries(fields.map(([name, field]) => [optionName(c, name), fieldOption(name, field, false)])),
    changes: true,
    async run(face, given) {
      const changes = changesOf(c, given)
      if (changes.length === 0) throw new UsageError('Nothing to change: say what with options (--help lists them).')
      await change(c, face, given, changes)
      return undefined
    },
  }
}

/** What the options of `set` say is to be changed. */
export const changesOf = (c: Crud, given: Given): Change[] => {
  const changes: Change[] = []
  for (const [name, field] of Object.entries(c.resource.fields).filter(([, f]) => f.on.update)) {
    const value = optionValue(c, given, name, field)
    if (value === undefined) continue
    if (isObject(field))
      for (const [key, inner] of Object.entries(value as object)) changes.push({ field: `${name}/${escapePointer(key)}`, value: inner })
    else changes.push({ field: name, value })
  }
  return changes
}

export const unsetCommand = (c: Crud, brief: string): Command => {
  const fields = Object.entries(c.resource.fields).filter(([, field]) => field.on.update && !field.required)
  return {
    brief,
    args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}` }],
    options: Object.fromEntries(
      fields.map(([name, field]): [string, Option] => [
        optionName(c, name),
        isObject(field)
          ? { doc: `remove this key of ${name}`, values: ['key'], repeat: true }
          : { doc: `unset ${name.replaceAll('_', ' ')}` },
      ]),
    ),
    changes: true,
    async run(face, given) {
      const changes = fields.flatMap(([name, field]): Change[] => {
        if (!given.has(optionName(c, name))) return []
        if (isObject(field))
          return given.all(optionName(c, name)).map(key => ({ field: `${name}/${escapePointer(key)}`, value: null, remove: true }))
        return [{ field: name, value: null, remove: true }]
      })
      if (changes.length === 0) throw new UsageError('Nothing to unset: say what with options (--help lists them).')
      await change(c, face, given, changes)
      return undefined
    },
  }
}

export const deleteCommand = (c: Crud, brief: string): Command => ({
  brief,
  args: [{ name: noun(c), doc: `the ${noun(c)}, by ${ident(c)}`, many: true }],
  changes: true,
  async run(face, given) {
    const client = await c.client(face)
    const names = given.args(noun(c))
    for (const name of names) await client.delete(await identifier(c, client, name), { dryRun: face.dryRun })
    return { text: names.map(name => `${face.dryRun ? 'Would delete' : 'Deleted'} ${noun(c)} ${name}`).join('\n') }
  },
})

/** Services that know names are given them; for the others the name is looked up. */
const identifier = async (c: Crud, client: ResourceClient<any>, ident: string): Promise<string> =>
  c.resource.alias || !c.resource.fields['name'] ? ident : String((await client.find(ident))[c.resource.id])

const change = async (c: Crud, face: Face, given: Given, changes: readonly Change[]): Promise<void> => {
  const client = await c.client(face)
  await client.update(await identifier(c, client, given.arg(noun(c))), changes, { dryRun: face.dryRun })
}

const noun = (c: Crud): string => c.resource.name.replaceAll('_', '-')
const ident = (c: Crud): string => (c.resource.alias ? `${c.resource.id.toUpperCase()} or name` : c.resource.id.toUpperCase())

const whole = (row: object, fields?: readonly string[]) =>
  oneOf(
    fields ??
      Object.keys(row)
        .filter(key => key !== 'links')
        .sort(),
    row,
  )

const fieldOption = (name: string, field: FieldSpec, required: boolean): Option => {
  const doc = field.doc ?? name.replaceAll('_', ' ')
  if (isStructured(field)) return { doc: `${doc}, as JSON, a file that holds it, or - for standard input`, values: ['json'], required }
  if (field.secret) return { doc: `the file that holds the ${doc}; - for standard input`, values: ['file'], required }
  if (isObject(field)) return { doc: `${doc}; several are added up`, values: ['key=value'], repeat: true, required }
  if (field.type.name === 'array') return { doc, values: ['value'], repeat: true, required }
  const choices = field.type.schema['enum'] as readonly string[] | undefined
  return {
    doc,
    values: [field.type.name === 'boolean' ? 'true|false' : field.type.name === 'time' ? 'time' : 'value'],
    ...(choices ? { choices } : {}),
    required,
  }
}

/** The value of a field's option; objects are `key=value` pairs, whose values are JSON where they read as such. */
const optionValue = (c: Crud, given: Given, name: string, field: FieldSpec): unknown => {
  const option = optionName(c, name)
  if (!given.has(option)) return undefined
  if (isStructured(field)) return structured(given.one(option)!, `--${option}`)
  if (field.type.name === 'array') return given.all(option).flatMap(text => (field.type.schema['items'] ? text : (jsonOr(text) as object)))
  if (isObject(field))
    return Object.fromEntries(
      given.all(option).map(text => {
        const at = text.indexOf('=')
        if (at < 1) throw new UsageError(`--${option} must be like key=value, not "${text}".`)
        return [text.slice(0, at), jsonOr(text.slice(at + 1))]
      }),
    )
  const text = field.secret
    ? readFileSync(given.one(option) === '-' ? 0 : given.one(option)!, 'utf8').replace(/\r?\n$/, '')
    : given.one(option)!
  try {
    return field.type.query(text)
  } catch (e) {
    throw new UsageError(`--${option} ${(e as Error).message}.`)
  }
}

/** As ironicclient does: what reads as a JSON object or list is one, everything else is text. */
const jsonOr = (text: string): unknown => {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

import { readFileSync } from 'node:fs'
import type { AnyResource, FieldSpec } from '@esi/api/define'
import { isObject as isMap } from '@esi/api/types'
import type { ResourceClient } from '@esi/client'
import { type Face, type Given, type Maybe, type Option, UsageError } from './command.ts'
import { nearest } from './parse.ts'
import type { Refer } from './refers.ts'
import { fileText, structured } from './structured.ts'

type Client = (face: Face) => Promise<ResourceClient<any>>

/** The five plain commands of a declared resource: their options, columns and checks come from its table. */
export interface Crud {
  readonly resource: AnyResource
  readonly client: Client
  /** Options whose name is not the field's: `{ properties: 'property' }`. */
  readonly names?: Readonly<Record<string, string>>
  /** `create` takes the name as its argument, not as an option. */
  readonly named?: boolean
  /** Other fields that `create` takes as its arguments, in their order; their options do as well. */
  readonly args?: readonly string[]
  /** Lists whose members a file may hold, one a line: its option, by field. */
  readonly lines?: Readonly<Record<string, string>>
  /** Texts that are given in a file. */
  readonly files?: readonly string[]
  /** Objects whose values stay the text that was given: numbers and the like may be a part of a password. */
  readonly texts?: readonly string[]
  /** Objects that are given as a whole, as JSON or in a file. */
  readonly whole?: readonly string[]
  /** Fields of yes and no as switches: the option that says no, by field. Without it such an option takes `true` or `false`. */
  readonly no?: Readonly<Record<string, string>>
  /** `list` takes the queries of the table too; options whose name is not the field's or query's. */
  readonly filters?: Readonly<Record<string, string>>
  /** Column titles that are not the field's name. */
  readonly titles?: Readonly<Record<string, string>>
  /** `show` finds one by another field, by the option that says so: `{ instance: 'instance_uuid' }`. */
  readonly by?: Readonly<Record<string, string>>
  /** `set` and `unset` take several. */
  readonly several?: boolean
  /** Fields that name another thing, which people call by its name. */
  readonly refers?: Readonly<Record<string, Refer>>
  /** The options that say in which domain the names of such fields are, by field. */
  readonly domains?: Readonly<Record<string, string>>
  /** What `list` and `list --long` show first, where a script of the original's client relies on it. */
  readonly shown?: { readonly list?: readonly string[]; readonly long?: readonly string[] }
  /** `list --long` shows every field. */
  readonly everything?: boolean
  /** More that `create` takes, as text, beside the fields of the table. */
  readonly creates?: Readonly<Record<string, string>>
  /** With `--wait`, `create` looks until this is so. */
  readonly settled?: (row: Readonly<Record<string, unknown>>) => boolean
  /** Options of `create` and `set` that are no field of the table, and what they say; objects are added to what a field's option says. */
  readonly extras?: { readonly options: Readonly<Record<string, Option>>; read(given: Given): Readonly<Record<string, unknown>> }
  /** The option that says in which domain the one is that is named, and the field that holds it. */
  readonly within?: { readonly option: string; readonly field: string; readonly find: Refer }
  /** `create --or-show` shows what is there already. */
  readonly orShow?: boolean
  /** How the API makes one where that is not a POST of one: under an identifier that is given, or several at once. */
  readonly makes?: 'by id' | 'in lists'
  /** What a person who looks at one should notice, in a sentence. */
  readonly remark?: (row: Readonly<Record<string, unknown>>) => string | undefined
}

/** Of whatever name its type is. */
export const isList = (field: Pick<FieldSpec, 'type'>): boolean => field.type.name === 'array' || field.type.schema['type'] === 'array'

export const isObject = (field: FieldSpec): boolean => field.type.name === 'object' || field.type.schema['type'] === 'object'

/** Fields that only lead elsewhere: links, and what has routes of its own. */
export const leads = (c: Crud, name: string): boolean => {
  const field = c.resource.fields[name]
  return field?.type.name === 'array' && field.computed === true
}

/** Lists of more than words: given as JSON, best in a file. */
const isStructured = (field: FieldSpec | undefined): boolean =>
  field?.type.name === 'array' &&
  (field.secret === true || !['string', undefined].includes((field.type.schema['items'] as { type?: string } | undefined)?.type))

/** A secret is never on the command line, where others can read it: its option names a file. */
export const optionName = (c: Crud, field: string): string => {
  const name = c.names?.[field] ?? field.replaceAll('_', '-')
  const spec = c.resource.fields[field]
  return spec?.secret && !isStructured(spec) && !isObject(spec) ? `${name}-file` : name
}

const YES_OR_NO: Maybe = { name: 'true|false', fits: word => /^(true|false|yes|no|on|off|0|1)$/i.test(word) }

/** The options that say in which domain a name is, for these fields. */
export const domainOptions = (c: Crud, fields: readonly string[]): Record<string, Option> =>
  Object.fromEntries(
    Object.entries(c.domains ?? {})
      .filter(([field]) => fields.includes(field))
      .map(([field, option]): [string, Option] => [
        option,
        { doc: `the domain of --${optionName(c, field)}, by id or name`, values: ['domain'] },
      ]),
  )

/** Options for a field; one of yes and no has two where its table names the other. */
export const fieldOptions = (c: Crud, name: string, field: FieldSpec, required: boolean): [string, Option][] => {
  const no = field.type.name === 'boolean' ? c.no?.[name] : undefined
  const lines = c.lines?.[name]
  const file: [string, Option][] =
    lines === undefined ? [] : [[lines, { doc: `a file with one --${optionName(c, name)} a line; - for standard input`, values: ['file'] }]]
  if (no === undefined) return [[optionName(c, name), fieldOption(c, name, field, required)], ...file]
  const doc = field.doc ?? name.replaceAll('_', ' ')
  return [
    [optionName(c, name), { doc, maybe: YES_OR_NO }],
    [no, { doc: `the opposite of --${optionName(c, name)}` }],
  ]
}

const fieldOption = (c: Crud, name: string, field: FieldSpec, required: boolean): Option => {
  const doc = field.doc ?? name.replaceAll('_', ' ')
  if (c.files?.includes(name)) return { doc: `the file that holds the ${doc}; - for standard input`, values: ['file'], required }
  if (isStructured(field) || c.whole?.includes(name))
    return { doc: `${doc}, as JSON, a file that holds it, or - for standard input`, values: ['json'], required }
  if (isObject(field))
    return {
      doc: `${doc}; several are added up. ${field.secret ? 'Secrets belong in a file' : 'Also a file'} of JSON, or - for standard input`,
      values: ['key=value'],
      repeat: true,
      required,
    }
  if (field.secret) return { doc: `the file that holds the ${doc}; - for standard input`, values: ['file'], required }
  if (isList(field)) return { doc, values: ['value'], repeat: true, required }
  const choices = field.type.schema['enum'] as readonly string[] | undefined
  return {
    doc,
    values: [field.type.name === 'boolean' ? 'true|false' : field.type.name === 'time' ? 'time' : 'value'],
    ...(choices ? { choices } : {}),
    required,
  }
}

/** A choice of fields: `--fields uuid name` or `--fields uuid,name`. Where arguments may follow, only words that are fields belong to it. */
export const fieldsOption = (known?: readonly string[]): Option => ({
  doc: 'only these fields',
  values: ['field'],
  maybe: {
    name: 'field',
    many: true,
    fits: word => (known ? word.split(',').every(each => known.includes(each)) : !word.startsWith('-')),
  },
  repeat: true,
})

/** Those that were chosen, if any. */
export const chosenFields = (given: Given, known: readonly string[]): readonly string[] | undefined => {
  if (!given.has('fields')) return undefined
  const chosen = given.words('fields')
  const unknown = chosen.find(field => !known.includes(field))
  if (unknown !== undefined)
    throw new UsageError(`There is no field "${unknown}".${nearest(unknown, known) || ` There are ${known.join(', ')}.`}`)
  return chosen
}

/** What the use of a switch, or of its opposite, says. */
export const yesOrNo = (given: Given, yes: string, no: string | undefined): boolean | undefined => {
  if (no !== undefined && given.has(no)) {
    if (given.has(yes)) throw new UsageError(`--${yes} and --${no} do not go together.`)
    return false
  }
  if (!given.has(yes)) return undefined
  const text = given.one(yes)
  return text === undefined || /^(true|yes|on|1)$/i.test(text)
}

/** The value of a field's option; objects are `key=value` pairs, whose values are JSON where they read as such. */
export const optionValue = (c: Crud, given: Given, name: string, field: FieldSpec): unknown => {
  const option = optionName(c, name)
  if (field.type.name === 'boolean' && c.no?.[name] !== undefined) return yesOrNo(given, option, c.no[name])
  const lines = c.lines?.[name]
  if (lines !== undefined && given.has(lines)) {
    if (given.has(option)) throw new UsageError(`--${option} and --${lines} do not go together.`)
    return fileText(given.one(lines)!, `--${lines}`)
      .split(/\r?\n/)
      .map(line => line.trim())
      .filter(Boolean)
  }
  if (!given.has(option)) return undefined
  if (isStructured(field) || c.whole?.includes(name)) return structured(given.one(option)!, `--${option}`)
  if (isList(field)) return given.all(option).flatMap(text => (field.type.schema['items'] ? text : (nestedJson(text) as object)))
  if (isObject(field))
    return Object.assign(
      {},
      ...given.all(option).map(text => pairOf(text, `--${option}`, c.everything && !c.texts?.includes(name) ? anyJson : nestedJson)),
    )
  const text = c.files?.includes(name)
    ? fileText(given.one(option)!, `--${option}`)
    : field.secret
      ? readFileSync(given.one(option) === '-' ? 0 : given.one(option)!, 'utf8').replace(/\r?\n$/, '')
      : given.one(option)!
  // Judged once it is looked up.
  if (c.refers?.[name]) return text
  try {
    return field.type.query(text)
  } catch (e) {
    throw new UsageError(`--${option} ${(e as Error).message}.`)
  }
}

/** The same of an argument. */
export const argumentValue = (c: Crud, text: string, name: string, field: FieldSpec): unknown => {
  if (isStructured(field) || c.whole?.includes(name)) return structured(text, `<${name}>`)
  if (c.files?.includes(name)) return fileText(text, `<${name}>`)
  return text
}

/** `key=value`, or JSON with several. */
export const pairOf = (text: string, option: string, read: (text: string) => unknown = anyJson): Record<string, unknown> => {
  const at = /^\s*\{/.test(text) ? -1 : text.indexOf('=')
  if (at > 0) return { [text.slice(0, at)]: read(text.slice(at + 1)) }
  if (at === 0 || !/^\s*\{|^-$|\.json$|\//.test(text)) throw new UsageError(`${option} must be like key=value, not "${text}".`)
  const value = structured(text, option)
  if (!isMap(value)) throw new UsageError(`${option}: that is no JSON object.`)
  return value
}

/** As ironicclient does: what reads as JSON is that, `cpus=4` a number; but for a number that would not be written so again. */
const anyJson = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'number' && String(value) !== text ? text : value
  } catch {
    return text
  }
}

/** Only an object or a list is more than text. */
const nestedJson = (text: string): unknown => (/^[[{]/.test(text) ? anyJson(text) : text)

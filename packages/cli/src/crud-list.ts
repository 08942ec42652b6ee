import type { FieldSpec } from '@esi/api/define'
import { type Command, type Given, type Option, UsageError } from './command.ts'
import { type Crud, chosenFields, domainOptions, fieldsOption, isList, leads, optionName, yesOrNo } from './crud-fields.ts'
import { text } from './output.ts'
import { nearest } from './parse.ts'
import { referred } from './refers.ts'
import { listOf } from './show.ts'

const title = (c: Crud, field: string): string =>
  c.titles?.[field] ??
  field
    .split('_')
    .map(word => (['uuid', 'id', 'mac', 'url'].includes(word) ? word.toUpperCase() : word[0]!.toUpperCase() + word.slice(1)))
    .join(' ')

/** One thing by which a list can be narrowed: its options, and what they say. */
interface Filter {
  readonly name: string
  readonly options: readonly (readonly [string, Option])[]
  value(given: Given): string | undefined
}

const filterOf = (c: Crud, name: string, spec: Pick<FieldSpec, 'type'>, said?: string): Filter => {
  const option = c.filters?.[name] ?? optionName(c, name)
  const words = name.replaceAll('_', ' ')
  const doc = said ?? `only where ${words} is this`
  const no = c.filters?.[`!${name}`] ?? c.no?.[name]
  if (spec.type.name === 'boolean' && no !== undefined) {
    const yes = { doc: said ?? `only where ${words} is so`, maybe: { name: 'true|false', fits: isWord } }
    return {
      name,
      options: [
        [option, yes],
        [no, { doc: `the opposite of --${option}` }],
      ],
      value: given => yesOrNo(given, option, no)?.toString(),
    }
  }
  if (isList(spec))
    return {
      name,
      options: [
        [option, { doc, values: ['value'], maybe: { name: 'value', many: true, fits: word => !word.startsWith('-') }, repeat: true }],
      ],
      value: given => (given.has(option) ? given.words(option).join(',') : undefined),
    }
  return {
    name,
    options: [[option, { doc, values: [spec.type.name === 'boolean' ? 'true|false' : 'value'] }]],
    value: given => given.one(option),
  }
}

const isWord = (word: string): boolean => /^(true|false)$/i.test(word)

const filtersOf = (c: Crud): Filter[] => {
  const { fields, queries = {} } = c.resource
  const all = new Map<string, Filter>()
  for (const [name, field] of Object.entries(fields)) if (field.filter) all.set(name, filterOf(c, name, field))
  if (c.filters) for (const [name, query] of Object.entries(queries)) all.set(name, filterOf(c, name, query, query.doc))
  return [...all.values()]
}

/** What `--long` shows: the columns of the table, or every field but those that only lead elsewhere. */
const longColumns = (c: Crud): readonly string[] => {
  const { fields, columns } = c.resource
  if (!c.everything) return c.shown?.long ?? [...columns.list, ...(columns.long ?? [])]
  const first = c.shown?.long ?? columns.list
  return [...first, ...Object.keys(fields).filter(name => !first.includes(name) && !leads(c, name))]
}

const shortColumns = (c: Crud): readonly string[] => c.shown?.list ?? c.resource.columns.list

/** One key of `--sort name:desc,uuid`. */
interface Key {
  readonly field: string
  readonly dir: 'asc' | 'desc'
}

export const sortKeys = (given: Given, known: readonly string[]): readonly Key[] =>
  (given.one('sort')?.split(',') ?? []).map(text => {
    const [field = '', dir = 'asc', ...rest] = text.split(':')
    if (!known.includes(field)) throw new UsageError(`--sort: there is no field "${field}".${nearest(field, known)}`)
    if (rest.length > 0 || (dir !== 'asc' && dir !== 'desc')) throw new UsageError(`--sort must be like name:asc,uuid:desc, not "${text}".`)
    return { field, dir }
  })

/** As the server does it with one key: nothing comes last. */
const sorted = (rows: readonly object[], keys: readonly Key[]): object[] =>
  rows.toSorted((one, other) => {
    for (const { field, dir } of keys) {
      const [a, b] = [one, other].map(row => (row as Record<string, unknown>)[field] ?? null)
      if (a === b) continue
      const order = a === null ? 1 : b === null ? -1 : typeof a === 'number' && typeof b === 'number' ? a - b : text(a) < text(b) ? -1 : 1
      return dir === 'desc' ? -order : order
    }
    return 0
  })

export const listCommand = (c: Crud, brief: string): Command => {
  const filters = filtersOf(c)
  const known = Object.keys(c.resource.fields)
  return {
    brief,
    options: {
      long: { doc: 'more columns' },
      fields: fieldsOption(),
      sort: { doc: 'sort by these fields, like name:asc,uuid:desc', values: ['fields'] },
      limit: { doc: 'at most so many; 0 for all', values: ['count'] },
      marker: { doc: 'only what comes after the one with this identifier', values: ['id'] },
      ...Object.fromEntries(filters.flatMap(filter => filter.options)),
      ...domainOptions(
        c,
        filters.map(filter => filter.name),
      ),
    },
    prints: 'list',
    async run(face, given) {
      const wanted = chosenFields(given, known)
      if (wanted && given.has('long')) throw new UsageError('--long and --fields do not go together.')
      const shown = wanted ?? (given.has('long') ? longColumns(c) : shortColumns(c))
      const keys = sortKeys(given, known)
      const limit = limitOf(given)
      // The server sorts by one field; by more it is done here, which takes all rows.
      const [alone, sortHere] = keys.length > 1 ? [undefined, true] : [keys[0], false]
      const values = await referred(c, face, Object.fromEntries(filters.map(filter => [filter.name, filter.value(given)])), given)
      const client = await c.client(face)
      const rows: object[] = []
      const each = client.each({
        filters: { ...values, marker: given.one('marker') },
        ...(c.resource.brief || wanted ? { fields: sortHere ? [...new Set([...shown, ...keys.map(key => key.field)])] : shown } : {}),
        ...(alone ? { sort: alone } : {}),
        ...(limit && !sortHere ? { pageSize: Math.min(limit, 1000) } : {}),
      })
      for await (const row of each) {
        rows.push(row)
        if (limit && !sortHere && rows.length >= limit) break
      }
      return listOf(
        shown.map(field => [title(c, field), field] as const),
        sortHere ? sorted(rows, keys).slice(0, limit || rows.length) : rows,
      )
    },
  }
}

export const limitOf = (given: Given): number | undefined => {
  const limit = given.one('limit')
  if (limit !== undefined && !/^\d+$/.test(limit)) throw new UsageError(`--limit must be a whole number, not "${limit}".`)
  return limit === undefined ? undefined : Number(limit)
}

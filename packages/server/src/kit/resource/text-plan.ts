import type { AnyResource, Version } from '@esi/api/define'
import type { TimeForm } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import { jsonText } from './json-text.ts'
import { hide } from './present.ts'
import type { Asked, View } from './view.ts'

/** How the database writes the members of a list's items. */
export interface TextPlan {
  /** JSON text made of the page's columns. */
  readonly members: readonly { readonly name: string; readonly text: RawBuilder<unknown> }[]
  /** Those in whose place it writes a mark, because only we know how they look. */
  readonly later: readonly Later[]
  /** What the page must have, and of what is `inner` there. */
  readonly columns: readonly string[]
  readonly inner: readonly string[]
}

export interface Later {
  readonly name: string
  /** The value as JSON text where the row has the mark, else null. */
  readonly raw: RawBuilder<unknown>
  readonly show: (value: unknown) => unknown
}

export interface Reader {
  readonly version: Version
  readonly time: TimeForm
  /** For each field that not everybody may read in every row: where this caller may. Without it: unknown. */
  readonly open: ReadonlyMap<string, Open> | undefined
}
/** In all rows, or in those of these kinds, by their numbers. */
export type Open = 'all' | readonly number[]

/** The column of `asked` in which the `i`th kind of rows has that relation. */
export const kindColumn = (i: number, relation: string): RawBuilder<unknown> => sql.id(`kind ${i} ${relation}`)

// A name that no field and no inner expression has.
export const own = (name: string): RawBuilder<unknown> => sql.id(`field ${name}`)
export const inner = (name: string): RawBuilder<unknown> => sql.id(`inner ${name}`)

/** What stands in a text for the value of the `n`th such member; no text of the database or of a client has U+0000 in it. */
const mark = (n: number): string => `"\\u0000${n}"`

/** See `piecesQuery`. */
const asked: Asked = { base: sql`asked.base`, at: sql`asked.at` }

/** Undefined where a field depends on more than the database knows, so that rows must be read and shown one by one. */
export const planText = (r: AnyResource, view: View, fields: readonly string[], reader: Reader): TextPlan | undefined => {
  const members: { name: string; text: RawBuilder<unknown> }[] = []
  const later: Later[] = []
  const columns = new Set([r.id, ...Object.values(r.relations)].filter(name => view.columns[name]))
  const inners = new Set(Object.values(r.relations).filter(name => !view.columns[name] && view.inner?.[name]))
  const of = (name: string): RawBuilder<unknown> => {
    const outside = view.columns[name] !== undefined
    const here = outside ? columns : inners
    here.add(name)
    return sql`page.${outside ? own(name) : inner(name)}`
  }
  const isOpen = (open: readonly number[]) => openRows(r, open, of)
  for (const name of fields) {
    const field = r.fields[name]!
    const column = !field.computed && view.columns[name] !== undefined
    const wired = field.wire !== undefined && reader.version < (field.wireUntil ?? Number.POSITIVE_INFINITY)
    const open = field.read === undefined ? 'all' : reader.open?.get(name)
    const write = view.written?.[name]
    const timed = field.type.name === 'time'
    const hidden = field.read?.hidden
    if (open === undefined) return undefined
    if (!column) {
      if (!write || open !== 'all') return undefined
      members.push({ name, text: write(of, asked) })
    } else if (open === 'all' && !wired) members.push({ name, text: jsonText(field, of(name), reader.time) })
    else if (open !== 'all' && !wired && typeof hidden === 'object' && 'as' in hidden)
      members.push({ name, text: either(isOpen(open), jsonText(field, of(name), reader.time), literal(hidden.as)) })
    else if (hidden === 'absent' && open.length === 0) continue
    else if (timed || hidden === 'absent' || (wired && open !== 'all')) return undefined
    else {
      const show = open === 'all' ? (v: unknown) => field.wire!(v, reader.version) : (v: unknown) => hide(v, hidden!)
      const here = of(name)
      // What is nothing, or an empty object, is written once and for all rows.
      const empty = field.type.name === 'object' ? sql`${here} = '{}'` : sql`false`
      const instead = sql`case when ${here} is null then ${literal(show(null))} when ${empty} then ${literal(show({}))}
        else ${sql.lit(mark(later.length))} end`
      const raw = sql`case when ${here} is null or ${empty} then null else to_json(${here})::text end`
      const seen = open === 'all' ? undefined : isOpen(open)
      later.push({ name, show, raw: either(seen, sql`null`, raw) })
      members.push({ name, text: either(seen, jsonText(field, here, reader.time), instead) })
    }
  }
  return { members, later, columns: [...columns], inner: [...inners] }
}

const literal = (value: unknown): RawBuilder<unknown> => sql.lit(JSON.stringify(value ?? null))

const either = (when: RawBuilder<unknown> | undefined, then: RawBuilder<unknown>, otherwise: RawBuilder<unknown>): RawBuilder<unknown> =>
  when ? sql`case when ${when} then ${then} else ${otherwise} end` : otherwise

/** The rows of those kinds; undefined for none. A row of a kind that nobody asked about is none of them, and stays closed. */
const openRows = (r: AnyResource, open: readonly number[], of: (name: string) => RawBuilder<unknown>): RawBuilder<unknown> | undefined => {
  if (open.length === 0) return undefined
  const relations = [...new Set(Object.values(r.relations))]
  const kinds = open.map(
    i =>
      sql`(${sql.join(
        relations.map(name => sql`${of(name)}::text is not distinct from asked.${kindColumn(i, name)}`),
        sql` and `,
      )})`,
  )
  return sql`(${sql.join(kinds, sql` or `)})`
}

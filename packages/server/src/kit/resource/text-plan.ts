import type { AnyResource, FieldSpec, Version } from '@esi/api/define'
import type { TimeForm } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import { hide } from './present.ts'
import { timeJson } from './time-json.ts'
import type { Item, View } from './view.ts'

/** How the fields of a list come to be text: written by the database as far as they can be, else added to each row's text here. */
export interface TextPlan {
  /** Members that the database writes, from the page's columns. */
  readonly plain: readonly { readonly name: string; readonly json: RawBuilder<unknown> }[]
  /** Members that it writes as JSON text, by the view's own expressions. */
  readonly told: readonly { readonly name: string; readonly text: RawBuilder<unknown> }[]
  /** Members in whose place it writes a mark, because only we know how they look. */
  readonly later: readonly Later[]
  readonly added: readonly Added[]
  /** Read apart, for rights and hooks. */
  readonly read: readonly string[]
  /** What the page must have, and of what is `inner` there. */
  readonly columns: readonly string[]
  readonly inner: readonly string[]
}

export interface Added {
  readonly name: string
  readonly field: FieldSpec
  /** `json`: comes as JSON text, and goes out so to those who may read it. */
  readonly how: 'json' | 'value' | 'computed'
}

export interface Later {
  readonly name: string
  /** The value as JSON text where the row has the mark, else null. */
  readonly raw: RawBuilder<unknown>
  readonly show: (value: unknown) => unknown
}

export interface Reader {
  readonly version: Version
  readonly base: string
  readonly time: TimeForm
  /** For each field that not everybody may read in every row: the relations of the rows where this caller may. Without it: unknown. */
  readonly open: ReadonlyMap<string, Open> | undefined
  /** The page is going to be one text, so that nothing can be added to its rows. */
  readonly whole: boolean
}
export type Open = 'all' | readonly Readonly<Item>[]

// A name that no field and no inner expression has.
export const own = (name: string): RawBuilder<unknown> => sql.id(`field ${name}`)
export const inner = (name: string): RawBuilder<unknown> => sql.id(`inner ${name}`)

/** What stands in a text for the value of the `n`th such member; no text of the database or of a client has U+0000 in it. */
export const mark = (n: number): string => `"\\u0000${n}"`

export const planText = (r: AnyResource, view: View, fields: readonly string[], reader: Reader): TextPlan => {
  const plain: { name: string; json: RawBuilder<unknown> }[] = []
  const told: { name: string; text: RawBuilder<unknown> }[] = []
  const later: Later[] = []
  const added: Added[] = []
  const read = [...new Set([r.id, ...Object.values(r.relations)])].filter(name => view.columns[name])
  const columns = new Set(read)
  const inners = new Set(Object.values(r.relations).filter(name => !view.columns[name] && view.inner?.[name]))
  const of = (name: string): RawBuilder<unknown> => {
    const outside = view.columns[name] !== undefined
    const here = outside ? columns : inners
    here.add(name)
    return sql`page.${outside ? own(name) : inner(name)}`
  }
  for (const name of fields) {
    const field = r.fields[name]!
    const column = !field.computed && view.columns[name] !== undefined
    const wired = field.wire !== undefined && reader.version < (field.wireUntil ?? Number.POSITIVE_INFINITY)
    const open = field.read === undefined ? 'all' : reader.open?.get(name)
    const write = view.written?.[name]
    const timed = field.type.name === 'time'
    if (!column && write && open === 'all') told.push({ name, text: write(of, reader.base) })
    else if (!column) added.push({ name, field, how: 'computed' })
    else if (open !== undefined && !wired && canWrite(field, open)) {
      const json = timed ? timeJson(of(name), reader.time) : of(name)
      plain.push({ name, json: open === 'all' ? json : guarded(r, view, json, open, literal((field.read!.hidden as { as: unknown }).as)) })
    } else if (open !== undefined && open !== 'all' && open.length === 0 && field.read?.hidden === 'absent') continue
    else if (reader.whole && open !== undefined && !timed && field.read?.hidden !== 'absent' && (!wired || open === 'all')) {
      const show = open === 'all' ? (v: unknown) => field.wire!(v, reader.version) : (v: unknown) => hide(v, field.read!.hidden)
      plain.push(marked(r, view, name, field, of(name), open, show, later))
    } else {
      added.push({ name, field, how: wired || timed || read.includes(name) ? 'value' : 'json' })
      columns.add(name)
    }
  }
  return { plain, told, later, added, read, columns: [...columns], inner: [...inners] }
}

const literal = (value: unknown): RawBuilder<unknown> => sql`${JSON.stringify(value ?? null)}::json`

/** A member that is ours to write; what is nothing, or an empty object, is written once and for all rows. */
const marked = (
  r: AnyResource,
  view: View,
  name: string,
  field: FieldSpec,
  here: RawBuilder<unknown>,
  open: Open,
  show: Later['show'],
  later: Later[],
): TextPlan['plain'][number] => {
  const empty = field.type.name === 'object' ? sql` when ${here} = '{}' then ${literal(show({}))}` : sql``
  const value = (then: RawBuilder<unknown>) => sql`case when ${here} is null then ${literal(show(null))}${empty} else ${then} end`
  const json = value(sql`${mark(later.length)}::json`)
  const raw = sql`case when ${here} is not null${field.type.name === 'object' ? sql` and ${here} <> '{}'` : sql``} then to_json(${here})::text end`
  const closed = open === 'all' ? raw : guarded(r, view, sql`null::text`, open, raw, sql``)
  later.push({ name, raw: closed, show })
  return { name, json: open === 'all' ? json : guarded(r, view, here, open, json) }
}

/** What takes the place of a value in the database's text must be one thing. */
const canWrite = (field: FieldSpec, open: Open): boolean =>
  open === 'all' || (typeof field.read!.hidden === 'object' && 'as' in field.read!.hidden)

/** The value in the rows with those relations, and what stands for it in all others: a row that nobody asked about stays closed. */
const guarded = (
  r: AnyResource,
  view: View,
  value: RawBuilder<unknown>,
  open: readonly Readonly<Item>[],
  instead: RawBuilder<unknown>,
  as: RawBuilder<unknown> = sql`to_json`,
): RawBuilder<unknown> => {
  if (open.length === 0) return instead
  const relations = [...new Set(Object.values(r.relations))]
  const rows = open.map(
    set =>
      sql`(${sql.join(
        relations.map(name => {
          const here = view.columns[name] ? sql`page.${own(name)}` : sql`page.${inner(name)}`
          return set[name] === null || set[name] === undefined ? sql`${here} is null` : sql`${here} = ${set[name]}`
        }),
        sql` and `,
      )})`,
  )
  return sql`case when ${sql.join(rows, sql` or `)} then ${as}(${value}) else ${instead} end`
}

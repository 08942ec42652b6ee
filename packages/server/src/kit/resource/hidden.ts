import type { AnyResource } from '@esi/api/define'
import type { ListQuery } from '@esi/api/dialect'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../auth/caller.ts'
import type { Context } from '../http/route.ts'
import { targetOf } from './present.ts'
import type { Open } from './text-plan.ts'
import type { Item, View } from './view.ts'

/** More distinct sets than this are not told apart in a statement. */
const MANY = 64

/** The distinct relations of the rows that a list may have: rights depend on a row only through these. */
const relationsOf = async (r: AnyResource, view: View, db: Kysely<any>, scope: Credentials | undefined, most?: number): Promise<Item[]> => {
  const relations = relationColumns(r, view)
  if (relations.length === 0) return [{}]
  const where = [...(view.always ? [view.always] : []), ...(scope ? [sql`(${view.visible(scope)})`] : [])]
  const { rows } =
    await sql<Item>`select distinct ${sql.join(relations.map(({ name, column }) => sql`${column} as ${sql.id(name)}`))} from ${view.from}${
      where.length > 0 ? sql` where ${sql.join(where, sql` and `)}` : sql``
    }${most === undefined ? sql`` : sql` limit ${most}`}`.execute(db)
  return rows
}

const relationColumns = (r: AnyResource, view: View) =>
  [...new Set(Object.values(r.relations))].map(name => ({ name, column: view.columns[name] ?? view.inner?.[name] ?? sql`null` }))

/** In which rows the caller may read which fields. */
export interface Opened {
  /** The kinds of rows that there are, by their relations. */
  readonly kinds: readonly Readonly<Item>[]
  /** For each field that not everybody may read: in all rows, or in those of these kinds. */
  readonly fields: ReadonlyMap<string, Open>
}

/** Undefined where there are too many kinds to say. */
export const openTo = async (
  r: AnyResource,
  view: View,
  fields: readonly string[],
  context: Context,
  db: Kysely<any>,
  scope: Credentials | undefined,
): Promise<Opened | undefined> => {
  const open = new Map<string, Open>()
  const asked = fields.filter(name => r.fields[name]?.read)
  for (const name of asked) if (context.may(r.fields[name]!.read!.policy)) open.set(name, 'all')
  const guarded = asked.filter(name => !open.has(name))
  if (guarded.length === 0) return { kinds: [], fields: open }
  const kinds = await relationsOf(r, view, db, scope, MANY + 1)
  if (kinds.length > MANY) return undefined
  const targets = kinds.map(kind => targetOf(r, kind))
  for (const name of guarded)
    open.set(
      name,
      kinds.flatMap((_, i) => (context.may(r.fields[name]!.read!.policy, targets[i]!) ? [i] : [])),
    )
  return { kinds, fields: open }
}

/**
 * Stands in for columns that the caller may not read in every row, in the filters and the order of a list: where it may not be
 * read there is no value. Otherwise a filter would find out what is hidden, and so would the order. Which rows those are depends
 * on their relations alone, and is asked once for each distinct set of them.
 */
export const readable = async (
  r: AnyResource,
  view: View,
  query: ListQuery,
  context: Context,
  db: Kysely<any>,
  scope: Credentials | undefined,
): Promise<Record<string, RawBuilder<unknown>>> => {
  const named = new Set([...query.filters, ...query.sort].map(part => part.field))
  const guarded = [...named].filter(name => {
    const read = r.fields[name]?.read
    return read !== undefined && view.columns[name] !== undefined && !context.may(read.policy)
  })
  if (guarded.length === 0) return {}
  const relations = relationColumns(r, view)
  const sets = await relationsOf(r, view, db, scope)
  return Object.fromEntries(
    guarded.map(name => {
      const open = sets.filter(set => context.may(r.fields[name]!.read!.policy, targetOf(r, set)))
      if (open.length === sets.length) return [name, view.columns[name]!]
      const any = open.map(
        set =>
          sql`(${sql.join(
            relations.map(({ name, column }) => same(column, set[name])),
            sql` and `,
          )})`,
      )
      return [name, sql`case when ${any.length === 0 ? sql`false` : sql.join(any, sql` or `)} then ${view.columns[name]!} end`]
    }),
  )
}

const same = (expression: RawBuilder<unknown>, value: unknown): RawBuilder<unknown> =>
  value === null || value === undefined ? sql`${expression} is null` : sql`${expression} = ${value}`

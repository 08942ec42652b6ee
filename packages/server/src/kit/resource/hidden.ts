import type { AnyResource } from '@esi/api/define'
import type { ListQuery } from '@esi/api/dialect'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../auth/caller.ts'
import type { Context } from '../http/route.ts'
import { targetOf } from './present.ts'
import type { Item, View } from './view.ts'

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
  const relations = [...new Set(Object.values(r.relations))]
  const expressions = relations.map(name => view.columns[name] ?? view.inner?.[name] ?? sql`null`)
  const where = [...(view.always ? [view.always] : []), ...(scope ? [sql`(${view.visible(scope)})`] : [])]
  const sets =
    relations.length === 0
      ? [{}]
      : (
          await sql<Item>`select distinct ${sql.join(expressions.map((e, i) => sql`${e} as ${sql.id(relations[i]!)}`))} from ${view.from}${where.length > 0 ? sql` where ${sql.join(where, sql` and `)}` : sql``}`.execute(
            db,
          )
        ).rows
  return Object.fromEntries(
    guarded.map(name => {
      const open = sets.filter(set => context.may(r.fields[name]!.read!.policy, targetOf(r, set)))
      if (open.length === sets.length) return [name, view.columns[name]!]
      const any = open.map(
        set =>
          sql`(${sql.join(
            relations.map((relation, i) => same(expressions[i]!, (set as Item)[relation])),
            sql` and `,
          )})`,
      )
      return [name, sql`case when ${any.length === 0 ? sql`false` : sql.join(any, sql` or `)} then ${view.columns[name]!} end`]
    }),
  )
}

const same = (expression: RawBuilder<unknown>, value: unknown): RawBuilder<unknown> =>
  value === null || value === undefined ? sql`${expression} is null` : sql`${expression} = ${value}`

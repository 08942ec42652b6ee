import type { AnyResource } from '@esi/api/define'
import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { together } from './json-text.ts'
import { inner, kindColumn, own, type TextPlan } from './text-plan.ts'
import type { Item, View } from './view.ts'

/*
 * Lists as JSON text: the database writes whole pieces of a page, which only pass through here. Measured (pages of 1,000 rows of 60
 * columns), 13 ms of our CPU a page instead of 30 when something is added to each row's text here, and 55 when every column is
 * parsed and written again.
 */

/** A plan as the parts of a statement. */
export interface TextParts {
  /** What the page itself selects. */
  readonly selected: RawBuilder<unknown>
  /** The text of one row of `page`. */
  readonly row: RawBuilder<unknown>
  /** The values of a row's marks. */
  readonly raws: readonly RawBuilder<unknown>[]
  readonly later: TextPlan['later']
}

/** To write so many columns as text takes longer than all the rest of a short list, so what is the same for everybody is written once. */
export const textParts = (view: View, plan: TextPlan, db: Kysely<any>): TextParts => {
  const members = plan.members.flatMap(({ name, text }, i) => [sql.lit(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`), text])
  const selected = [
    ...plan.columns.map(name => sql`${view.columns[name]!} as ${own(name)}`),
    ...plan.inner.map(name => sql`${view.inner![name]!} as ${inner(name)}`),
  ]
  return {
    selected: written(sql.join(selected), db),
    row: written(together([...members, sql.lit(members.length === 0 ? '{}' : '}')]), db),
    raws: plan.later.map(({ raw }) => written(raw, db)),
    later: plan.later,
  }
}

const written = (expression: RawBuilder<unknown>, db: Kysely<any>): RawBuilder<unknown> => {
  const { sql: text, parameters } = sql`${expression}`.compile(db)
  return parameters.length === 0 ? sql.raw(text) : expression
}

/** Some rows of a page as one text. */
export interface Piece {
  /** Members of the list, without its brackets; with marks. */
  readonly text: string | null
  /** How many there are, with the one behind the page. */
  readonly rows: number
  /** The identifier of the page's last row, if the page is full and this is where it ends. */
  readonly edge: string | null
  /** `later0` and so on: the values of the marks, as the members of a JSON list. */
  readonly [later: `later${number}`]: string | null
}

/** Rows a piece. Measured with 3 MB: pieces of 25 kB take 4.5 ms of CPU on their way through us, one text of everything 7.3 ms. */
const PIECE = 10

/**
 * A row for each piece of the page, in their order. Around the page, so that nothing is written of rows that are not on it. The page
 * must be asked for with one row more than `limit`.
 */
export const piecesQuery = (
  r: AnyResource,
  { row, raws }: TextParts,
  page: RawBuilder<unknown>,
  limit: number | undefined,
  asked: { readonly base: string; readonly at: Instant; readonly kinds: readonly Readonly<Item>[] },
): RawBuilder<Piece> => {
  const laters = raws.map((_, i) => sql.id(`later${i}`))
  const relations = [...new Set(Object.values(r.relations))]
  const kinds = asked.kinds.flatMap((kind, i) => relations.map(name => sql`, ${kind[name] ?? null}::text as ${kindColumn(i, name)}`))
  const on = limit === undefined ? sql`` : sql` filter (where w.no <= ${limit})`
  const edge = limit === undefined ? sql`null` : sql`(array_agg(w.id) filter (where w.no = ${limit}))[1]::text`
  return sql`select string_agg(w.text, ',')${on} as text, count(*)::int as rows, ${edge} as edge${sql.join(
    laters.map(name => sql`, string_agg(w.${name}, ',')${on} as ${name}`),
    sql``,
  )}
    from (select ${row} as text${limit === undefined ? sql`` : sql`, page.${own(r.id)} as id`}, row_number() over () as no${sql.join(
      raws.map((raw, i) => sql`, ${raw} as ${laters[i]!}`),
      sql``,
    )}
      from (${page}) as page
      cross join (select ${JSON.stringify(asked.base).slice(1, -1)}::text as base, ${asked.at}::timestamptz as at${sql.join(kinds, sql``)}) as asked) as w
    group by (w.no - 1) / ${sql.lit(PIECE)} order by (w.no - 1) / ${sql.lit(PIECE)}`
}

/** The members of a JSON list, in pieces, with what belongs in the place of the marks. */
export const piecesText = ({ later }: TextParts, pieces: readonly Piece[]): string[] =>
  pieces
    .filter(piece => piece.text !== null)
    .map((piece, i) => {
      const text = (i === 0 ? '' : ',') + piece.text
      const values = later.map((_, n) => {
        const members = piece[`later${n}`]
        return members === null ? undefined : (JSON.parse(`[${members}]`) as unknown[]).values()
      })
      if (values.every(list => list === undefined)) return text
      return text.replace(/"\\u0000(\d+)"/g, (_, n) => JSON.stringify(later[Number(n)]!.show(values[Number(n)]!.next().value)))
    })

import type { AnyResource } from '@esi/api/define'
import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import type { Context } from '../http/route.ts'
import { hide, rightsBy } from './present.ts'
import { type Added, inner, own, type TextPlan } from './text-plan.ts'
import type { Item, View } from './view.ts'

/*
 * Rows of a list as JSON text. What the database can write it writes, and where that is everything one text comes back for the whole
 * page: measured (bench/lists.ts, pages of 1,000 rows of 60 columns), MEASURED.
 * What depends on the caller or on the version in a way that only we know is added to each row's text here.
 */

const JSON_TEXT = '{}'

/** What the page itself selects; of what is `inner` only hooks need all. */
export const textSelection = (view: View, plan: TextPlan, whole: boolean): RawBuilder<unknown> =>
  sql.join([
    ...plan.columns.map(name => sql`${view.columns[name]!} as ${own(name)}`),
    ...Object.entries(view.inner ?? {})
      .filter(([name]) => !whole || plan.inner.includes(name))
      .map(([name, expression]) => sql`${expression} as ${inner(name)}`),
  ])

/** The text of one row of `page` as far as the database writes it, and the join that it needs. */
const rowText = (plan: TextPlan): { readonly text: RawBuilder<unknown>; readonly join: RawBuilder<unknown> } | undefined => {
  if (plan.plain.length === 0 && plan.told.length === 0) return undefined
  const members = plan.told.flatMap(({ name, text }, i) => [sql`${`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`}::text`, text])
  if (plan.plain.length === 0) return { text: sql`concat(${sql.join([...members, sql`'}'`])})`, join: sql`` }
  const join = sql` cross join lateral (select ${sql.join(plan.plain.map(({ name, json }) => sql`${json} as ${sql.id(name)}`))}) as shown`
  const object = sql`row_to_json(shown)::text`
  if (members.length === 0) return { text: object, join }
  return { text: sql`concat(${sql.join([...members, sql`','`, sql`substr(${object}, 2)`])})`, join }
}

/** Around the page, so that nothing is written of rows that are not on it: a row for each row. */
export const textQuery = (view: View, plan: TextPlan, page: RawBuilder<unknown>): RawBuilder<Item> => {
  const row = rowText(plan)
  const columns = [
    ...(row ? [sql`${row.text} as ${sql.id(JSON_TEXT)}`] : []),
    ...plan.read.map(name => sql`page.${own(name)} as ${sql.id(name)}`),
    ...plan.added
      .filter(a => a.how !== 'computed' && !plan.read.includes(a.name))
      .map(a => sql`${a.how === 'json' ? sql`to_json(page.${own(a.name)})::text` : sql`page.${own(a.name)}`} as ${sql.id(a.name)}`),
    ...Object.keys(view.inner ?? {}).map(name => sql`page.${inner(name)} as ${sql.id(name)}`),
  ]
  return sql`select ${sql.join(columns)} from (${page}) as page${row?.join ?? sql``}`
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
 * The same where the database writes everything: a row for a piece of the page, in their order. The page must be asked for with one
 * row more than `limit`.
 */
export const piecesQuery = (r: AnyResource, plan: TextPlan, page: RawBuilder<unknown>, limit: number | undefined): RawBuilder<Piece> => {
  const { text, join } = rowText(plan)!
  const laters = plan.later.map((_, i) => sql.id(`later${i}`))
  const raws = plan.later.map(({ raw }, i) => sql`, ${raw} as ${laters[i]!}`)
  const on = limit === undefined ? sql`` : sql` filter (where w.no <= ${limit})`
  const edge = limit === undefined ? sql`null` : sql`max(w.id) filter (where w.no = ${limit})`
  return sql`select string_agg(w.text, ',')${on} as text, count(*)::int as rows, ${edge} as edge${sql.join(
    laters.map(name => sql`, string_agg(w.${name}, ',')${on} as ${name}`),
    sql``,
  )}
    from (select ${text} as text${limit === undefined ? sql`` : sql`, page.${own(r.id)}::text as id`}, row_number() over () as no${sql.join(raws, sql``)}
      from (${page}) as page${join}) as w
    group by (w.no - 1) / ${sql.lit(PIECE)} order by (w.no - 1) / ${sql.lit(PIECE)}`
}

/** The members of a JSON list, in pieces, with what belongs in the place of the marks. */
export const piecesText = ({ later }: TextPlan, pieces: readonly Piece[]): string[] =>
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

/** The rows of `textQuery` as the members of a JSON list. */
export const textOf = (r: AnyResource, rows: readonly Item[], plan: TextPlan, context: Context, time: (at: Instant) => string): string => {
  const guarded = plan.added.filter(a => a.field.read)
  const rights = rightsBy(
    r,
    guarded.map(a => a.field),
    context.may,
  )
  // What nothing depends on is written together: one call for all of them takes a third of the time.
  const bare = plan.added.filter(a => a.how === 'computed' && !a.field.read && !a.field.wire).map(a => a.name)
  const others = plan.added
    .filter(a => !bare.includes(a.name))
    .map(a => ({ key: `,${JSON.stringify(a.name)}:`, guard: guarded.indexOf(a), json: writer(a, context.version, time), ...a }))
  const written = plan.plain.length > 0 || plan.told.length > 0
  const texts = rows.map(row => {
    const mine = guarded.length === 0 ? undefined : rights(row)
    let text = ''
    for (const { key, guard, json, name, field, how } of others) {
      const value = guard < 0 || mine![guard] ? json(row[name]) : hiddenJson(field, how, row[name])
      if (value !== undefined) text += key + value
    }
    if (bare.length > 0) {
      const told: Item = {}
      for (const name of bare) told[name] = row[name]
      const whole = JSON.stringify(told)
      if (whole.length > 2) text += `,${whole.slice(1, -1)}`
    }
    return written ? `${(row[JSON_TEXT] as string).slice(0, -1)}${text}}` : `{${text.slice(1)}}`
  })
  return texts.join(',')
}

const writer = ({ field, how }: Added, version: number, time: (at: Instant) => string): ((value: any) => string | undefined) => {
  if (how === 'json') return text => text ?? 'null'
  const { wire } = field
  const timed = how === 'value' && field.type.name === 'time'
  // Times have no character that JSON writes otherwise.
  if (timed && !wire) return value => (value === null ? 'null' : `"${time(value)}"`)
  return value => {
    const told = timed && value !== null ? time(value) : value
    return JSON.stringify(wire ? wire(told, version) : told)
  }
}

const hiddenJson = (field: Added['field'], how: Added['how'], value: unknown): string | undefined =>
  JSON.stringify(hide(how === 'json' && typeof value === 'string' ? JSON.parse(value) : value, field.read!.hidden))

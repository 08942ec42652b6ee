import type { AnyResource } from '@esi/api/define'
import { type FilterOp, type ListQuery, Refused } from '@esi/api/dialect'
import { FOREVER } from '@esi/api/time'
import { Unfit } from '@esi/api/types'
import { type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../auth/caller.ts'
import type { View } from './view.ts'

export type Order = readonly { readonly field: string; readonly dir: 'asc' | 'desc' }[]

export interface PageRequest {
  readonly query: ListQuery
  /** What stands for fields in conditions and in the order, where that is not the view's own column. */
  readonly columns?: Readonly<Record<string, RawBuilder<unknown>>>
  /** Absent: everybody's rows. */
  readonly scope?: Credentials
  readonly where: readonly RawBuilder<unknown>[]
  readonly order: Order
  /** Values of the marker's row, one for each part of the order. */
  readonly after?: readonly unknown[]
  /** Rows to read: one more than the page, to know whether there is a next. */
  readonly limit?: number
}

// Of a limit that is no more than a parameter the planner thinks that it is a small one, and reads a whole table for a tenth of it.
const WHOLE = 1000

/** One page in one statement: scope, filters, order and marker are all the database's work, so a page is never short. */
export const pageQuery = (
  r: AnyResource,
  view: View,
  selected: RawBuilder<unknown>,
  request: PageRequest,
): RawBuilder<Record<string, unknown>> => {
  const { query, order } = request
  const column = columnOf(view, request.columns)
  const where = [...request.where]
  if (view.always) where.push(view.always)
  if (request.scope) where.push(sql`(${view.visible(request.scope)})`)
  for (const filter of query.filters) where.push(condition(r, column(filter.field), filter))
  if (request.after) where.push(behind(r, column, order, request.after))
  return sql`select ${selected} from ${view.from}${where.length > 0 ? sql` where ${sql.join(where, sql` and `)}` : sql``} order by ${sql.join(
    order.map(o => sql`${column(o.field)} ${sql.raw(o.dir)} nulls ${sql.raw(o.dir === 'asc' ? 'last' : 'first')}`),
  )}${request.limit === undefined ? sql`` : sql` limit ${request.limit > WHOLE ? sql.lit(request.limit) : request.limit}`}`
}

export const selection = (view: View, fields: readonly string[]): RawBuilder<unknown> =>
  sql.join([
    ...fields.filter(field => view.columns[field]).map(field => sql`${view.columns[field]!} as ${sql.id(field)}`),
    ...Object.entries(view.inner ?? {}).map(([name, expression]) => sql`${expression} as ${sql.id(name)}`),
  ])

const columnOf =
  (view: View, instead: PageRequest['columns']) =>
  (field: string): RawBuilder<unknown> => {
    const expression = instead?.[field] ?? view.columns[field]
    if (!expression) throw new Error(`the view has no column for "${field}"`)
    return expression
  }

/** As the client wants it, else as the view has it; the identifier comes last, so that no two rows are equal. */
export const orderOf = (r: AnyResource, view: View, query: ListQuery): Order => {
  const wanted = query.sort.filter(s => view.columns[s.field])
  const asked = wanted.length > 0 ? wanted : (view.order ?? [])
  const whole = asked.some(o => o.field === r.id) ? asked : [...asked, { field: r.id, dir: asked.at(-1)?.dir ?? ('asc' as const) }]
  return query.reverse ? whole.map(o => ({ field: o.field, dir: o.dir === 'asc' ? ('desc' as const) : ('asc' as const) })) : whole
}

/** The values by which the marker's row is in its place. */
export const placeOf = (view: View, order: Order, instead: PageRequest['columns']): RawBuilder<unknown> =>
  sql.join(order.map((o, i) => sql`${columnOf(view, instead)(o.field)} as ${sql.id(`place${i}`)}`))

/** Rows behind that place. Absent values are last going up and first going down, as in the `order by`. */
const behind = (
  r: AnyResource,
  column: (field: string) => RawBuilder<unknown>,
  order: Order,
  place: readonly unknown[],
): RawBuilder<unknown> => {
  const steps: RawBuilder<unknown>[] = []
  const same: RawBuilder<unknown>[] = []
  order.forEach(({ field, dir }, i) => {
    const here = column(field)
    const value = place[i] ?? null
    const given = valueFor(r, field, value)
    if (dir === 'asc' && value !== null) steps.push(all([...same, sql`(${here} > ${given} or ${here} is null)`]))
    if (dir === 'desc') steps.push(all([...same, value === null ? sql`${here} is not null` : sql`${here} < ${given}`]))
    same.push(value === null ? sql`${here} is null` : sql`${here} = ${given}`)
  })
  return sql`(${sql.join(steps, sql` or `)})`
}

const all = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql`(${sql.join(conditions, sql` and `)})`

/** A value as the database has it: what clients call the last of all times is no end there. */
const valueFor = (r: AnyResource, field: string, value: unknown): unknown =>
  value === FOREVER && r.fields[field]?.type.name === 'time' ? 'infinity' : value

const operators: Readonly<Record<Exclude<FilterOp, 'in' | 'contains' | 'startswith' | 'endswith'>, string>> = {
  eq: '=',
  ne: '<>',
  gte: '>=',
  gt: '>',
  lte: '<=',
  lt: '<',
}

const condition = (r: AnyResource, here: RawBuilder<unknown>, filter: ListQuery['filters'][number]): RawBuilder<unknown> => {
  const field = r.fields[filter.field]!
  const read = (text: string): unknown => {
    // Text that is compared in part need not be a whole value of the type.
    if (['contains', 'startswith', 'endswith'].includes(filter.op)) return text
    try {
      return valueFor(r, filter.field, field.type.query(text))
    } catch (e) {
      if (e instanceof Unfit) throw new Refused('invalid', `${filter.field}: "${text.slice(0, 100)}" ${e.message}`)
      throw e
    }
  }
  const values = filter.values.map(read)
  const like = (text: unknown) => String(text).replace(/[\\%_]/g, c => `\\${c}`)
  switch (filter.op) {
    case 'contains':
      return sql`${here}::text ilike ${`%${like(values[0])}%`}`
    case 'startswith':
      return sql`${here}::text ilike ${`${like(values[0])}%`}`
    case 'endswith':
      return sql`${here}::text ilike ${`%${like(values[0])}`}`
    case 'in':
      return sql`${here} in (${sql.join(values)})`
    default:
      return sql`${here} ${sql.raw(operators[filter.op])} ${values[0]}`
  }
}

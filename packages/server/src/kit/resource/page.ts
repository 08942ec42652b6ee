import type { AnyResource } from '@esi/api/define'
import { type FilterOp, type ListQuery, Refused } from '@esi/api/dialect'
import { Unfit } from '@esi/api/types'
import { type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../auth/caller.ts'
import type { View } from './view.ts'

export interface PageRequest {
  readonly query: ListQuery
  /** Fields to read; `inner` ones come along always. */
  readonly fields: readonly string[]
  /** Absent: everybody's rows. */
  readonly scope?: Credentials
  readonly who: Credentials
  readonly where: readonly RawBuilder<unknown>[]
  /** Rows to read: one more than the page, to know whether there is a next. */
  readonly limit?: number
}

/** One page in one statement: scope, filters, order and marker are all the database's work, so a page is never short. */
export const pageQuery = (r: AnyResource, view: View, request: PageRequest): RawBuilder<Record<string, unknown>> => {
  const { query } = request
  const where = [...request.where]
  if (view.always) where.push(view.always)
  if (request.scope) where.push(sql`(${view.visible(request.scope)})`)
  for (const filter of query.filters) where.push(condition(r, view, filter))
  const order = orderOf(r, view, query)
  if (query.marker !== undefined) where.push(after(r, view, order, query.marker))
  return sql`select ${selection(view, request.fields)} from ${view.from}${where.length > 0 ? sql` where ${sql.join(where, sql` and `)}` : sql``} order by ${sql.join(
    order.map(o => sql`${column(view, o.field)} ${sql.raw(o.dir)} nulls ${sql.raw(o.dir === 'asc' ? 'last' : 'first')}`),
  )}${request.limit === undefined ? sql`` : sql` limit ${request.limit}`}`
}

export const selection = (view: View, fields: readonly string[]): RawBuilder<unknown> =>
  sql.join([
    ...fields.filter(field => view.columns[field]).map(field => sql`${view.columns[field]!} as ${sql.id(field)}`),
    ...Object.entries(view.inner ?? {}).map(([name, expression]) => sql`${expression} as ${sql.id(name)}`),
  ])

const column = (view: View, field: string): RawBuilder<unknown> => {
  const expression = view.columns[field]
  if (!expression) throw new Error(`the view has no column for "${field}"`)
  return expression
}

type Order = readonly { readonly field: string; readonly dir: 'asc' | 'desc' }[]

const orderOf = (r: AnyResource, view: View, query: ListQuery): Order => {
  const asked =
    query.sort.filter(s => view.columns[s.field]).length > 0 ? query.sort.filter(s => view.columns[s.field]) : (view.order ?? [])
  const whole = asked.some(o => o.field === r.id) ? asked : [...asked, { field: r.id, dir: asked.at(-1)?.dir ?? ('asc' as const) }]
  return query.reverse ? whole.map(o => ({ field: o.field, dir: o.dir === 'asc' ? ('desc' as const) : ('asc' as const) })) : whole
}

/** Rows behind the marker's row in that order. Absent values sort last going up and first going down, as in the `order by`. */
const after = (r: AnyResource, view: View, order: Order, marker: string): RawBuilder<unknown> => {
  const id = column(view, r.id)
  const at = (field: string) => sql`(select ${column(view, field)} from ${view.from} where ${id}::text = ${marker})`
  const steps = order.map(({ field, dir }, i) => {
    const here = column(view, field)
    const same = order.slice(0, i).map(o => sql`${column(view, o.field)} is not distinct from ${at(o.field)}`)
    const beyond =
      dir === 'asc'
        ? sql`(${here} > ${at(field)} or (${here} is null and ${at(field)} is not null))`
        : sql`(${here} < ${at(field)} or (${here} is not null and ${at(field)} is null))`
    return sql`(${sql.join([...same, beyond], sql` and `)})`
  })
  return sql`(${sql.join(steps, sql` or `)})`
}

const operators: Readonly<Record<Exclude<FilterOp, 'in' | 'contains' | 'startswith' | 'endswith'>, string>> = {
  eq: '=',
  ne: '<>',
  gte: '>=',
  gt: '>',
  lte: '<=',
  lt: '<',
}

const condition = (r: AnyResource, view: View, filter: ListQuery['filters'][number]): RawBuilder<unknown> => {
  const here = column(view, filter.field)
  const field = r.fields[filter.field]!
  const read = (text: string): unknown => {
    // Text that is compared in part need not be a whole value of the type.
    if (['contains', 'startswith', 'endswith'].includes(filter.op)) return text
    try {
      return field.type.query(text)
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

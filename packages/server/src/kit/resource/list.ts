import type { AnyResource } from '@esi/api/define'
import { type Dialect, type ListQuery, Refused } from '@esi/api/dialect'
import { nextLink } from '@esi/api/page'
import { Unfit } from '@esi/api/types'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Context, Reply } from '../http/route.ts'
import { known } from './accept.ts'
import type { Behaviour } from './behaviour.ts'
import { openTo, readable } from './hidden.ts'
import { Json } from './json.ts'
import { type Order, orderOf, type PageRequest, pageQuery, placeOf, selection } from './page.ts'
import { fieldsAt, targetOf } from './present.ts'
import { piecesQuery, piecesText, type TextParts, textParts } from './text.ts'
import { type Open, planText } from './text-plan.ts'
import type { Item, View } from './view.ts'

export interface ListParts {
  readonly r: AnyResource
  readonly dialect: Dialect
  readonly view: View
  readonly db: Kysely<any>
  readonly behaviour: Behaviour
  present(context: Context, rows: readonly Item[], fields: readonly string[]): Item[]
  /** Rows may go out as the database writes them: nothing but the table says how they look. */
  readonly asText: boolean
  /** How it writes them. */
  readonly texts: Map<string, TextParts | undefined>
}

/** What the client asks for, refused where the resource does not have it. */
export const checkedQuery = (r: AnyResource, dialect: Dialect, context: Context): ListQuery => {
  const query = dialect.listQuery(context.wire, r)
  for (const name of [...(query.fields ?? []), ...query.filters.map(f => f.field)]) known(r, name, context.version)
  for (const { field } of query.filters) {
    const filter = r.fields[field]!.filter
    if (filter === undefined || filter === false) throw new Refused('invalid', `Unknown argument: "${field}"`)
    if (typeof filter === 'number' && filter > context.version)
      throw new Refused('version', `Filtering by "${field}" needs version 1.${filter} or later.`)
  }
  for (const { field } of query.sort)
    if (field !== 'created_at' && !known(r, field, context.version).sort)
      throw new Refused('invalid', `The sort_key value "${field}" is an invalid field for sorting`)
  return query
}

/**
 * One page of a list. A page begins behind the marker's row, wherever that is by now: what moved across it meanwhile is not on
 * any page or on two, as in the original services. A marker that is gone, or that the caller may not see, is answered as a row
 * that is not there.
 */
export const listReply = async (
  parts: ListParts,
  context: Context,
  query: ListQuery,
  everybody: boolean,
  where: readonly RawBuilder<unknown>[],
): Promise<Reply> => {
  const { r, dialect, view, db } = parts
  const fields = fieldsAt(r, context.version, query.fields ?? (query.brief ? r.brief : undefined))
  const scope = everybody ? {} : { scope: context.who }
  const columns = await readable(r, view, query, context, db, scope.scope)
  const order = orderOf(r, view, query)
  const after = query.marker === undefined ? undefined : await markerPlace(parts, context, query.marker, everybody, order, columns)
  const { limit } = query
  const request: PageRequest = {
    query,
    columns,
    order,
    where: [...where, ...conditionsOf(r, view, context)],
    ...scope,
    ...(after ? { after } : {}),
    ...(limit === undefined ? {} : { limit: limit + 1 }),
  }
  const opened =
    parts.asText && !query.reverse && keepsItems(dialect, r, context) ? await openTo(r, view, fields, context, db, scope.scope) : undefined
  const text = opened && partsFor(parts, context.version, fields, opened.fields)
  if (text) {
    const asked = { base: context.wire.base, at: context.at, kinds: opened.kinds }
    const pieces = (await piecesQuery(r, text, pageQuery(r, view, text.selected, request), limit, asked).execute(db)).rows
    const length = pieces.reduce((sum, piece) => sum + piece.rows, 0)
    const more = limit !== undefined && length > limit
    const next = more ? nextLink(context.wire, pieces.find(piece => piece.edge !== null)!.edge!, limit) : undefined
    return { status: 200, body: enveloped(parts, context, piecesText(text, pieces), more ? limit : length, next) }
  }
  const reading = [...new Set([...fields, r.id, ...Object.values(r.relations)])]
  const asked = pageQuery(r, view, selection(view, reading), request)
  const items = (await asked.execute(db)).rows as Item[]
  const more = limit !== undefined && items.length > limit
  if (more) items.length = limit
  if (query.reverse) items.reverse()
  await parts.behaviour.compute?.(items, context, fields)
  // Backwards, the page before this one ends where this one begins.
  const edge = query.reverse ? items[0] : items.at(-1)
  const next = more ? nextLink(context.wire, String(edge![r.id]), limit) : undefined
  return { status: 200, body: dialect.many(r, parts.present(context, items, fields), context.wire, next) }
}

const KEPT = 64

/** The parts of a list's text, kept for all who may read the same fields of the same kinds of rows. */
const partsFor = (
  { r, view, db, dialect, texts }: ListParts,
  version: number,
  fields: readonly string[],
  open: ReadonlyMap<string, Open>,
): TextParts | undefined => {
  const key = JSON.stringify([version, fields, ...open])
  if (texts.has(key)) return texts.get(key)
  if (texts.size >= KEPT) texts.clear()
  const plan = planText(r, view, fields, { version, time: dialect.time, open })
  const made = plan && textParts(view, plan, db)
  texts.set(key, made)
  return made
}

/** The members of a list in the dialect's envelope: they go in where the items would be. No text of a client has U+0000 in it. */
const enveloped = (
  { r, dialect }: ListParts,
  context: Context,
  members: readonly string[],
  length: number,
  next: string | undefined,
): Json => {
  const envelope = dialect.many(r, new Array(length).fill({}), context.wire, next) as Record<string, unknown>
  const [before, behind] = JSON.stringify({ ...envelope, [r.plural]: '\u0000' }).split('"\\u0000"')
  return new Json(`${before}[`, ...members, `]${behind}`)
}

/** Whether a dialect puts items into its envelope as they are. */
const keepsItems = (dialect: Dialect, r: AnyResource, context: Context): boolean => {
  const items: object[] = []
  const envelope = dialect.many(r, items, context.wire, undefined)
  return envelope !== null && typeof envelope === 'object' && (envelope as Record<string, unknown>)[r.plural] === items
}

const markerPlace = async (
  { r, dialect, view, db }: ListParts,
  context: Context,
  marker: string,
  everybody: boolean,
  order: Order,
  columns: PageRequest['columns'],
): Promise<unknown[]> => {
  const id = idOf(r, marker)
  // What no row can have is the client's mistake; where everything is an identifier, nothing is one.
  if (id === undefined)
    throw new Refused('invalid', `Expected ${r.fields[r.id]!.type.name.toUpperCase()} for marker: ${marker.slice(0, 100)}`)
  const related = Object.values(r.relations).filter(name => view.columns[name])
  const { rows } =
    await sql<Item>`select ${selection(view, related)}${related.length > 0 || view.inner ? sql`, ` : sql``}${placeOf(view, order, columns)}
    from ${view.from} where ${view.columns[r.id]!} = ${id}${view.always ? sql` and ${view.always}` : sql``}${
      everybody ? sql`` : sql` and (${view.visible(context.who)})`
    }`.execute(db)
  const row = rows[0]
  if (!row || !(everybody || context.may(r.policy.show, targetOf(r, row)))) throw dialect.missing(r, marker)
  return order.map((_, i) => row[`place${i}`])
}

/** An identifier as the database has it; `undefined` for what cannot be one. */
export const idOf = (r: AnyResource, text: string): unknown => {
  try {
    return r.fields[r.id]!.type.query(text)
  } catch (e) {
    if (e instanceof Unfit) return undefined
    throw e
  }
}

/** What the list's own parameters mean. */
const conditionsOf = (r: AnyResource, view: View, context: Context): RawBuilder<unknown>[] => {
  const out: RawBuilder<unknown>[] = []
  for (const [name, declared] of Object.entries(r.queries ?? {})) {
    const text = context.wire.query.getAll(name).at(-1)
    if (text === undefined) continue
    if ((declared.since ?? 0) > context.version)
      throw new Refused('version', `The parameter "${name}" needs version 1.${declared.since} or later.`)
    const meaning = view.queries?.[name]
    if (meaning) out.push(sql`(${meaning(queryValue(name, declared.type, text), context.who)})`)
  }
  return out
}

const queryValue = (name: string, type: { query(text: string): unknown }, text: string): unknown => {
  try {
    return type.query(text)
  } catch (e) {
    if (e instanceof Unfit) throw new Refused('invalid', `${name}: "${text.slice(0, 100)}" ${e.message}`)
    throw e
  }
}

import type { Instant, TimeForm } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { parseRange } from '../../../../kit/db/range.ts'
import { timeText } from '../../../../kit/resource/json-text.ts'
import type { Span } from '../../domain/cut.ts'
import { windows } from '../../domain/windows.ts'

interface Row {
  readonly deal: string | null
  readonly during: string
  readonly turnAround: number
  readonly taken: string[]
}

const query = (where: RawBuilder<unknown>, from: Instant) => sql<Row>`
  select p.deal,
    (p.during * tstzrange(coalesce(o.start_time, l.start_time), coalesce(o.end_time, l.end_time)))::text as during, r.turn_around as "turnAround",
    coalesce(array_agg(c.held::text) filter (where c.id is not null), '{}') as taken
  from leasing.booking p
  join leasing.resource r on r.id = p.unit
  left join leasing.offer o on o.uuid = p.deal
  left join leasing.lease l on l.uuid = p.deal
  left join leasing.booking c on c.within = p.id and not isempty(c.held) and (upper_inf(c.held) or upper(c.held) > ${from})
  where ${where} and not isempty(p.held)
  group by p.id, r.id, o.uuid, l.uuid`

const spans = (row: Row, from: Instant): readonly Span[] => {
  const during = parseRange(row.during)
  if (!during) return []
  return windows(
    during,
    row.taken.map(t => parseRange(t)!),
    row.turnAround,
    from,
  )
}

/** When something new can be booked within each of these deals, from a moment on. */
export const freeIn = async (db: Kysely<any>, deals: readonly string[], from: Instant): Promise<Map<string, Span[]>> => {
  const free = new Map<string, Span[]>(deals.map(deal => [deal, []]))
  if (deals.length === 0) return free
  const { rows } = await query(sql`p.deal = any(${deals}::uuid[])`, from).execute(db)
  for (const row of rows) free.get(row.deal!)!.push(...spans(row, from))
  for (const list of free.values()) list.sort((a, b) => (a.from! < b.from! ? -1 : 1))
  return free
}

/** The same for a list, as JSON text: pairs of times in that form. `start` and `end` are the deal's, `turnAround` its unit's in milliseconds. */
export const freeText = (
  deal: { readonly [part in 'id' | 'start' | 'end' | 'turnAround']: RawBuilder<unknown> },
  from: RawBuilder<unknown>,
  form: TimeForm,
): RawBuilder<unknown> => {
  const edge = (of: RawBuilder<unknown>) => timeText(sql`coalesce(${of}, 'infinity')`, form)
  return sql`(
  select '[' || coalesce(string_agg('[' || ${edge(sql`lower(w)`)} || ',' || ${edge(sql`upper(w)`)} || ']', ',' order by w), '') || ']'
  from leasing.booking p
  cross join lateral (
    select tstzmultirange(p.during * tstzrange(greatest(${deal.start}, ${from}), greatest(${deal.end}, ${from})))
      - coalesce(range_agg(tstzrange(lower(c.held) - ${deal.turnAround} * interval '1 ms', upper(c.held))), '{}') as free
    from leasing.booking c where c.within = p.id and not isempty(c.held) and (upper_inf(c.held) or upper(c.held) > ${from})) f
  cross join lateral unnest(f.free) w
  where p.deal = ${deal.id} and not isempty(p.held))`
}

/** When something new can be booked on a unit itself. */
export const freeOn = async (db: Kysely<any>, unit: number, from: Instant): Promise<readonly Span[]> => {
  const { rows } = await query(sql`p.unit = ${unit} and p.within is null`, from).execute(db)
  return rows.flatMap(row => spans(row, from))
}

/** True for an offer `o` that is free for the whole of a span. */
export const isFree = (from: Instant, to: Instant): RawBuilder<unknown> => sql`o.start_time <= ${from} and o.end_time >= ${to} and exists (
  select from leasing.booking p join leasing.resource u on u.id = p.unit
  where p.deal = o.uuid and not isempty(p.held) and p.during @> tstzrange(${from}, ${to})
    and not exists (
      select from leasing.booking c where c.within = p.id and not isempty(c.held)
        and c.held && tstzrange(${from}, ${to}::timestamptz + u.turn_around * interval '1 ms')))`

/** Until when a deal's calendars, or a unit's own, are taken by what is in the way of a span. */
export const takenUntil = async (
  db: Kysely<any>,
  where: { readonly deals: readonly string[] } | { readonly unit: number },
  from: Instant,
  to: Instant,
): Promise<{ kind: string; until: Instant } | undefined> => {
  const inside = 'deals' in where ? sql`p.deal = any(${where.deals}::uuid[])` : sql`p.unit = ${where.unit} and p.within is null`
  const { rows } = await sql<{ kind: string; until: Instant }>`
    select c.kind, coalesce(upper(c.held), 'infinity') as until
    from leasing.booking p join leasing.booking c on c.within = p.id join leasing.resource r on r.id = p.unit
    where ${inside} and not isempty(c.held)
      and c.held && tstzrange(${from}, ${to}::timestamptz + r.turn_around * interval '1 ms')
    order by lower(c.held) limit 1`.execute(db)
  return rows[0]
}

import { plus } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { breaks, CHECK, EXCLUSION, FOREIGN_KEY } from '../../../../kit/db/errors.ts'
import { parseRange, rangeText } from '../../../../kit/db/range.ts'
import { type Calendar, covers, cut, meet, type Span } from '../../domain/cut.ts'

/** What is wanted lies outside the calendar, or where it only makes ready. */
export class NoRoom extends Error {}

export interface Booking {
  readonly deal: string
  readonly kind: 'offer' | 'lease' | 'maintenance'
  readonly unit: number
  readonly during: Span
  /** The time that was agreed for what it lies in, if it lies in something: its bookings may go on to make ready. */
  readonly bounds?: Span
  /** Milliseconds to keep free after it. */
  readonly turnAround: number
  /** Calendars whose time it takes where it crosses them. */
  readonly crossed: readonly Calendar[]
  /** It has no bookings yet. */
  readonly fresh?: boolean
  /** Where everything else of it goes. */
  readonly grounds: readonly Calendar[]
}

interface Row {
  readonly id: number
  readonly within: number
  readonly during: string
  readonly held: string
}

/**
 * Writes a deal's bookings on one unit, or moves those that it has there. The calendars must be locked. Another booking in the way is the database's
 * answer: see `isTaken`.
 */
export const place = async (db: Kysely<any>, booking: Booking): Promise<void> => {
  const pieces = piecesOf(booking)
  const rows = booking.fresh ? [] : await bookingsOf(db, booking)
  const old = new Map(rows.map(r => [r.id, r]))
  const moves: { id: number; during: string; held: string }[] = []
  const adds: Piece[] = []
  for (const piece of pieces) {
    const text = { during: rangeText(piece.during), held: rangeText(piece.held) }
    const same = [...old.values()].find(r => r.within === piece.within && overlap(r.held, piece.held))
    if (!same) adds.push({ within: piece.within, ...text })
    else {
      old.delete(same.id)
      moves.push({ id: same.id, ...text })
    }
  }
  if (old.size > 0) await sql`update leasing.booking set held = 'empty' where id = any(${[...old.keys()]}::bigint[])`.execute(db)
  for (const move of moves)
    await sql`
      update leasing.booking set during = ${move.during}::tstzrange, held = ${move.held}::tstzrange
      where id = ${move.id} and (during, held) is distinct from (${move.during}::tstzrange, ${move.held}::tstzrange)`.execute(db)
  if (adds.length > 0) await insertion(booking, adds).execute(db)
}

/** The statement that writes the bookings of a deal that has none yet, to go along with another one; else as `place`. */
export const firstBookings = (booking: Omit<Booking, 'fresh'>): RawBuilder<unknown> =>
  insertion(
    booking,
    piecesOf(booking).map(piece => ({ within: piece.within, during: rangeText(piece.during), held: rangeText(piece.held) })),
  )

interface Piece {
  readonly within: number
  readonly during: string
  readonly held: string
}

const piecesOf = ({ during, crossed, grounds, bounds, turnAround }: Booking) => {
  if (bounds && !covers(bounds, during)) throw new NoRoom('outside what it lies in')
  const pieces = cut(during, { from: during.from, to: plus(during.to, turnAround) }, crossed, grounds)
  if (!pieces) throw new NoRoom('outside its calendar')
  return pieces
}

const insertion = ({ unit, kind, deal }: Booking, pieces: readonly Piece[]): RawBuilder<unknown> => sql`
  insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
  select ${unit}, ${kind}, ${deal}::uuid, a.during, a.held, c.id, c.during, c.held
  from jsonb_to_recordset(${JSON.stringify(pieces)}::jsonb) as a(within bigint, during tstzrange, held tstzrange)
  join leasing.booking c on c.id = a.within order by c.id, a.held`

const bookingsOf = async (db: Kysely<any>, { deal, unit }: Booking): Promise<Row[]> =>
  (
    await sql<Row>`
      select id, within, during::text, held::text from leasing.booking
      where deal = ${deal} and unit = ${unit} and not isempty(held) order by id`.execute(db)
  ).rows

const overlap = (text: string, span: Span): boolean => {
  const range = parseRange(text)
  return range !== undefined && meet(range, span) !== undefined
}

/** Whether an error says that the time is not to be had. */
export const isTaken = (e: unknown): boolean =>
  e instanceof NoRoom ||
  breaks(e, EXCLUSION, 'booking_no_overlap') ||
  breaks(e, CHECK, 'booking_inside') ||
  breaks(e, FOREIGN_KEY, 'booking_within')

/** Gives back what a deal holds beyond a moment; nothing is left of what had not begun. Children must have been shortened before. */
export const shorten = async (db: Kysely<any>, deal: string, at: string): Promise<void> => {
  await sql`
    update leasing.booking set held = held * tstzrange(null, ${at})
    where deal = ${deal} and not isempty(held) and (upper_inf(held) or upper(held) > ${at})`.execute(db)
}

/** Gives everything back: it was never used. */
export const vacate = async (db: Kysely<any>, deal: string): Promise<void> => {
  await sql`update leasing.booking set held = 'empty' where deal = ${deal} and not isempty(held)`.execute(db)
}

/** An offer that has ended holds its calendar only from the first to the last of what is booked in it. */
export const tighten = async (db: Kysely<any>, deal: string): Promise<void> => {
  await sql`
    update leasing.booking o set held = coalesce(o.held * c.span, 'empty')
    from leasing.booking b
    left join lateral (
      select tstzrange(min(lower(held)), case when bool_or(upper_inf(held)) then null else max(upper(held)) end) as span
      from leasing.booking where within = b.id and not isempty(held) having count(*) > 0) c on true
    where o.id = b.id and b.deal = ${deal} and not isempty(b.held)`.execute(db)
}

/** Offers that have ended and in which a deal has bookings, whether or not they are empty by now. */
export const endedOffersAround = async (db: Kysely<any>, deal: string): Promise<string[]> => {
  const { rows } = await sql<{ uuid: string }>`
    select distinct o.uuid from leasing.booking c join leasing.booking b on b.id = c.within join leasing.offer o on o.uuid = b.deal
    where c.deal = ${deal} and o.status not in ('available', 'error') order by o.uuid`.execute(db)
  return rows.map(r => r.uuid)
}

/** What of a deal can be booked in. */
export const calendarsOf = async (db: Kysely<any>, deal: string): Promise<Calendar[]> => {
  const { rows } = await sql<{ id: number; during: string; held: string }>`
    select id, during::text, held::text from leasing.booking where deal = ${deal} and not isempty(held) order by id`.execute(db)
  return rows.map(calendarIn)
}

/** The unit's own calendar. */
export const rootOf = async (db: Kysely<any>, unit: number): Promise<Calendar> => {
  const { rows } = await sql<{ id: number; during: string; held: string }>`
    select id, during::text, held::text from leasing.booking where unit = ${unit} and within is null`.execute(db)
  return calendarIn(rows[0]!)
}

/** Offers directly in these calendars that a project made, or in which the deal is already: its own use may take their time. */
export const offersIn = async (db: Kysely<any>, grounds: readonly Calendar[], project: string, deal: string): Promise<Calendar[]> => {
  const { rows } = await sql<{ id: number; during: string; held: string }>`
    select b.id, b.during::text, b.held::text from leasing.booking b join leasing.offer o on o.uuid = b.deal
    where b.within = any(${grounds.map(g => g.id)}::bigint[]) and b.kind = 'offer' and not isempty(b.held)
      and (o.project_id = ${project} or exists (select from leasing.booking c where c.within = b.id and c.deal = ${deal}))
    order by b.id`.execute(db)
  return rows.map(calendarIn)
}

/** All offers on a unit itself, whoever made them: maintenance takes time from each. */
export const offersOn = async (db: Kysely<any>, unit: number): Promise<Calendar[]> => {
  const { rows } = await sql<{ id: number; during: string; held: string }>`
    select b.id, b.during::text, b.held::text from leasing.booking b join leasing.booking root on root.id = b.within
    where b.unit = ${unit} and root.within is null and b.kind = 'offer' and not isempty(b.held) order by b.id`.execute(db)
  return rows.map(calendarIn)
}

/** A booking's row as the calendar that it is. */
export const calendarIn = (row: { readonly id: number; readonly during: string; readonly held: string }): Calendar => ({
  id: row.id,
  during: parseRange(row.during)!,
  held: parseRange(row.held)!,
})

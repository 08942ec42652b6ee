import { plus } from '@esi/api/time'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { constraint, sqlstate } from '../../../../kit/db/errors.ts'
import { uuid } from '../../../../kit/ids/ids.ts'
import { useDatabase } from '../../../../kit/testing/database.ts'
import type { Calendar } from '../../domain/cut.ts'
import { calendarsOf, NoRoom, offersOn, place, rootOf, shorten, tighten, vacate } from './book.ts'
import { freeIn, takenUntil } from './free.ts'

// What the schema promises by itself, whatever the code above it does: each case is one that was proven when it was designed.

const database = useDatabase([{ schema: 'leasing', folder: new URL('../migrations/', import.meta.url) }])
const MINUTE = 60_000
const DAY = 86_400_000
const day = (n: number, millis = 0): string => plus('2027-01-01T00:00:00.000000Z', n * DAY + millis)

let units = 0
const unit = async (turnAround = 10 * MINUTE): Promise<number> => {
  const { rows } = await database.pool.query(
    `insert into leasing.resource (type, thing, turn_around, seen_at) values ('t', $1, $2, $3) returning id`,
    [`u${units++}`, turnAround, day(0)],
  )
  await database.pool.query(`insert into leasing.booking (unit, kind, during, held) values ($1, 'unit', '(,)', '(,)')`, [rows[0].id])
  return rows[0].id
}

const book = async (
  u: number,
  kind: 'offer' | 'lease' | 'maintenance',
  from: string,
  to: string,
  grounds: readonly Calendar[],
  turnAround = 10 * MINUTE,
  deal = uuid(),
): Promise<string> => {
  await place(database.db, { deal, kind, unit: u, during: { from, to }, turnAround, crossed: [], grounds })
  return deal
}

/** What PostgreSQL says: the state and the constraint. */
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'passes'
  } catch (e) {
    if (e instanceof NoRoom) return 'no room'
    return `${sqlstate(e)} ${constraint(e)}`
  }
}

const OVERLAP = '23P01 booking_no_overlap'
const OUTSIDE = '23514 booking_inside'

/** A child written without any rule of ours. */
const raw = async (
  u: number,
  within: Calendar | { id: number },
  from: string,
  to: string,
  heldTo = to,
  bounds?: string,
): Promise<unknown> =>
  database.pool.query(
    `insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
     select $1, 'lease', gen_random_uuid(), tstzrange($2, $3), tstzrange($2, $4), id, coalesce($6::tstzrange, during), coalesce($6::tstzrange, held)
     from leasing.booking where id = $5`,
    [u, from, to, heldTo, within.id, bounds ?? null],
  )

let u: number
let root: Calendar
beforeAll(() => {
  expect(database.url).toContain('postgres')
})
beforeEach(async () => {
  u = await unit()
  root = await rootOf(database.db, u)
})

describe('no overlap', () => {
  it('of two bookings in one calendar', async () => {
    await book(u, 'lease', day(1), day(2), [root])
    expect(await refusal(book(u, 'lease', day(1, 12 * 60 * MINUTE), day(3), [root]))).toBe(OVERLAP)
  })

  it('of a chassis and its sleds, whole or in parts', async () => {
    const sleds = await Promise.all([1, 2, 3, 4].map(() => unit()))
    const chassis = async (from: string, to: string, deal: string) =>
      database.db.transaction().execute(async tx => {
        for (const sled of sleds)
          await place(tx, {
            deal,
            kind: 'lease',
            unit: sled,
            during: { from, to },
            turnAround: 0,
            crossed: [],
            grounds: [await rootOf(tx, sled)],
          })
      })
    await chassis(day(1), day(2), uuid())
    expect(await refusal(book(sleds[1]!, 'lease', day(1), day(2), [await rootOf(database.db, sleds[1]!)]))).toBe(OVERLAP)
    await book(sleds[2]!, 'lease', day(11), day(12), [await rootOf(database.db, sleds[2]!)])
    const whole = uuid()
    expect(await refusal(chassis(day(10), day(13), whole))).toBe(OVERLAP)
    expect(await calendarsOf(database.db, whole)).toEqual([])
  })

  it('back to back: refused within the turn-around, taken after it, and at once where there is none', async () => {
    await book(u, 'lease', day(1), day(2), [root])
    expect(await refusal(book(u, 'lease', day(2), day(3), [root]))).toBe(OVERLAP)
    expect(await refusal(book(u, 'lease', day(2, 10 * MINUTE), day(3), [root]))).toBe('passes')
    const other = await unit(0)
    const ground = [await rootOf(database.db, other)]
    await book(other, 'lease', day(1), day(2), ground, 0)
    expect(await refusal(book(other, 'lease', day(2), day(3), ground, 0))).toBe('passes')
  })
})

describe('containment', () => {
  it('a lease past the end of its offer is refused, one up to the very end passes', async () => {
    const offer = await book(u, 'offer', day(0), day(100), [root])
    const [calendar] = await calendarsOf(database.db, offer)
    expect(await refusal(raw(u, calendar!, day(99), day(101)))).toBe(OUTSIDE)
    expect(await refusal(book(u, 'lease', day(99), day(101), [calendar!]))).toBe('no room')
    // Nor into the time after its end that is kept for making ready.
    expect(await refusal(book(u, 'lease', day(99), day(100, 5 * MINUTE), [calendar!]))).toBe('no room')
    expect(await refusal(book(u, 'lease', day(99), day(100), [calendar!]))).toBe('passes')
  })

  it('a sublease likewise, also when its turn-around is longer', async () => {
    const lease = await book(u, 'lease', day(0), day(10), [root])
    const [calendar] = await calendarsOf(database.db, lease)
    expect(await refusal(raw(u, calendar!, day(9), day(11)))).toBe(OUTSIDE)
    expect(await refusal(raw(u, calendar!, day(5), day(10), day(10, 60 * MINUTE)))).toBe(OUTSIDE)
    expect(await refusal(book(u, 'lease', day(5), day(10), [calendar!]))).toBe('passes')
  })

  it('a lease is not shortened below what lies in it, nor cancelled under it, and nothing comes into a cancelled one', async () => {
    const lease = await book(u, 'lease', day(0), day(10), [root])
    const [calendar] = await calendarsOf(database.db, lease)
    const sub = await book(u, 'lease', day(5), day(9), [calendar!])
    expect(await refusal(shorten(database.db, lease, day(7)))).toBe(OUTSIDE)
    expect(await refusal(vacate(database.db, lease))).toBe(OUTSIDE)
    await vacate(database.db, sub)
    await vacate(database.db, lease)
    expect(await refusal(raw(u, calendar!, day(5), day(6)))).toBe(OUTSIDE)
  })

  it('extending cascades, but not into the neighbour', async () => {
    const lease = await book(u, 'lease', day(0), day(10), [root])
    const [calendar] = await calendarsOf(database.db, lease)
    await book(u, 'lease', day(5), day(9), [calendar!])
    await book(u, 'lease', day(20), day(21), [root])
    const grow = (to: string) =>
      place(database.db, {
        deal: lease,
        kind: 'lease',
        unit: u,
        during: { from: day(0), to },
        turnAround: 10 * MINUTE,
        crossed: [],
        grounds: [root],
      })
    expect(await refusal(grow(day(15)))).toBe('passes')
    const { rows } = await database.pool.query('select upper(within_during) as to from leasing.booking where within = $1', [calendar!.id])
    expect(rows[0].to).toBe(day(15))
    expect(await refusal(grow(day(20)))).toBe(OVERLAP)
    expect(await refusal(grow(day(20, -10 * MINUTE)))).toBe('passes')
  })

  it('bounds are not forged, and a child is on the unit of its calendar', async () => {
    const offer = await book(u, 'offer', day(0), day(100), [root])
    const [calendar] = await calendarsOf(database.db, offer)
    expect(await refusal(raw(u, calendar!, day(200), day(201), day(201), '(,)'))).toBe('23503 booking_within')
    expect(await refusal(raw(await unit(), calendar!, day(5), day(6)))).toBe('23503 booking_within')
  })

  it.each(['read committed', 'repeatable read'])('holds when a child comes while its parent shrinks, under %s', async level => {
    for (const first of ['child', 'parent'] as const) {
      const unitNow = await unit()
      const offer = await book(unitNow, 'offer', day(0), day(100), [await rootOf(database.db, unitNow)])
      const [calendar] = await calendarsOf(database.db, offer)
      const [a, b] = await Promise.all([database.pool.connect(), database.pool.connect()])
      try {
        for (const c of [a, b]) await c.query(`begin isolation level ${level}`)
        for (const c of [a, b]) await c.query('select 1 from leasing.booking limit 1')
        const child = (c: typeof a) =>
          c.query(
            `insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
             select unit, 'lease', gen_random_uuid(), tstzrange($2, $3), tstzrange($2, $3), id, during, held from leasing.booking where id = $1`,
            [calendar!.id, day(90), day(95)],
          )
        const shrink = (c: typeof a) =>
          c.query('update leasing.booking set during = tstzrange($2, $3), held = tstzrange($2, $3) where id = $1', [
            calendar!.id,
            day(0),
            day(50),
          ])
        const [one, two] = first === 'child' ? [child, shrink] : [shrink, child]
        await one(a)
        const other = two(b).then(
          () => b.query('commit'),
          e => e,
        )
        // The other waits for us; the commit lets it see.
        await a.query('commit')
        const result = await other
        if (result instanceof Error) expect(['23514', '23503', '40001']).toContain(sqlstate(result))
        await b.query('rollback')
        const { rows } = await database.pool.query(
          `select 1 from leasing.booking c join leasing.booking p on p.id = c.within
           where p.id = $1 and not (c.held <@ p.held and (isempty(c.held) or c.during <@ p.during))`,
          [calendar!.id],
        )
        expect(rows).toEqual([])
      } finally {
        a.release()
        b.release()
      }
    }
  })
})

describe('maintenance', () => {
  it('in an offered span is refused on the unit and passes in the offer', async () => {
    await book(u, 'offer', day(0), day(100), [root])
    expect(await refusal(book(u, 'maintenance', day(10), day(11), [root], 0))).toBe(OVERLAP)
    const [offer] = await offersOn(database.db, u)
    expect(await refusal(book(u, 'maintenance', day(10), day(11), [offer!], 0))).toBe('passes')
  })

  it("across an offer's edge is cut: two bookings, one deal", async () => {
    const offer = await book(u, 'offer', day(0), day(100), [root])
    const deal = uuid()
    await place(database.db, {
      deal,
      kind: 'maintenance',
      unit: u,
      during: { from: day(99), to: day(105) },
      turnAround: 0,
      crossed: await offersOn(database.db, u),
      grounds: [root],
    })
    const pieces = await calendarsOf(database.db, deal)
    expect(pieces.map(p => p.held)).toEqual([
      { from: day(100, 10 * MINUTE), to: day(105) },
      { from: day(99), to: day(100, 10 * MINUTE) },
    ])
    expect((await freeIn(database.db, [offer], day(0))).get(offer)).toEqual([{ from: day(0), to: day(99, -10 * MINUTE) }])
  })
})

describe('an end', () => {
  it('gives time back, and an offer that is over holds no longer than what lies in it', async () => {
    const offer = await book(u, 'offer', day(0), day(100), [root])
    const [calendar] = await calendarsOf(database.db, offer)
    const lease = await book(u, 'lease', day(1), day(10), [calendar!])
    await shorten(database.db, lease, day(5))
    await tighten(database.db, offer)
    expect((await takenUntil(database.db, { unit: u }, day(2), day(3)))?.until).toBe(day(5))
    expect(await refusal(book(u, 'offer', day(5), day(6), [root]))).toBe('passes')
    await vacate(database.db, lease)
    await tighten(database.db, offer)
    expect(await refusal(book(u, 'offer', day(0), day(4), [root]))).toBe('passes')
  })

  it('a best-effort lease gives way in one transaction', async () => {
    const lease = uuid()
    await place(database.db, {
      deal: lease,
      kind: 'lease',
      unit: u,
      during: { from: day(1), to: '9999-12-31T23:59:59.999999Z' },
      turnAround: 10 * MINUTE,
      crossed: [],
      grounds: [root],
    })
    expect(await refusal(book(u, 'lease', day(3), day(4), [root]))).toBe(OVERLAP)
    await database.db.transaction().execute(async tx => {
      await sql`
        update leasing.booking set during = tstzrange(lower(during), ${day(3, -10 * MINUTE)}), held = tstzrange(lower(held), ${day(3)})
        where deal = ${lease}`.execute(tx)
      await place(tx, {
        deal: uuid(),
        kind: 'lease',
        unit: u,
        during: { from: day(3), to: day(4) },
        turnAround: 0,
        crossed: [],
        grounds: [root],
      })
    })
    expect((await takenUntil(database.db, { unit: u }, day(3), day(4)))?.until).toBe(day(4))
  })
})

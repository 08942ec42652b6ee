import { expect, test } from 'vitest'
import { connect, serverMillis } from '../db/pool.ts'
import { useDatabase } from '../testing/database.ts'
import { silent } from '../testing/silent-log.ts'
import { databaseClock, measureOffset } from './database.ts'

const connections = useDatabase()

test('the offset is taken from the quickest answer, half of the way back', async () => {
  // Our clock shows 1000 less; the trips take so long, and the third one is unevenly slow.
  const trips = [100, 40, 200, 60, 80]
  let steady = 0
  let n = 0
  const ask = async () => {
    const trip = trips[n++]!
    const there = steady + trip / 2 + 1000
    steady += trip
    return there + (trip === 200 ? 77 : 0)
  }
  expect(await measureOffset(ask, { day: () => steady, steady: () => steady })).toBe(1000)
  expect(n).toBe(5)
})

test('it shows the time of the database', async () => {
  const { pool } = connections
  const clock = await databaseClock({ ask: () => serverMillis({ pool }) })
  const before = await serverMillis({ pool })
  const shown = clock.millis()
  const after = await serverMillis({ pool })
  clock.stop()
  // Server and test run on one machine, so the offset is small, and the rest is rounding and half a round trip.
  expect(shown).toBeGreaterThanOrEqual(before - 50)
  expect(shown).toBeLessThanOrEqual(after + 50)
})

test('a clock that is far off follows, also when it is set later', async () => {
  let ahead = 3_600_000
  let measured: () => void = () => {}
  const again = new Promise<void>(resolve => {
    measured = resolve
  })
  let asked = 0
  const clock = await databaseClock({
    every: 1,
    ask: async () => {
      if (++asked === 6) ahead = 7_200_000
      if (asked === 11) measured()
      return Date.now() + ahead
    },
  })
  await again
  expect(Math.round(clock.offset / 1000)).toBe(7200)
  clock.stop()
})

test('when the database is away the last offset stays, and it is told', async () => {
  const errors: unknown[] = []
  let away = false
  let told: () => void = () => {}
  const failed = new Promise<void>(resolve => {
    told = resolve
  })
  const clock = await databaseClock({
    every: 1,
    ask: async () => {
      if (away) throw new Error('away')
      away = true
      return Date.now() + 5000
    },
    onError: e => {
      errors.push(e)
      told()
    },
  }).catch(e => e)
  // Not even the first measurement was whole: without it there is no clock.
  expect(clock).toMatchObject({ message: 'away' })
  let count = 0
  const good = await databaseClock({
    every: 1,
    ask: async () => {
      if (++count > 5) throw new Error('away')
      return Date.now() + 5000
    },
    onError: e => {
      errors.push(e)
      told()
    },
  })
  await failed
  good.stop()
  expect(errors[0]).toMatchObject({ message: 'away' })
  expect(Math.round(good.offset / 1000)).toBe(5)
})

test('a server that is not there is an error, not an offset', async () => {
  const nowhere = connect({ url: 'postgresql://esi@127.0.0.1:1/none', name: 'esi test', log: silent })
  await expect(databaseClock({ ask: () => serverMillis(nowhere) })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await nowhere.end()
})

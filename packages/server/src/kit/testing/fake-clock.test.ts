import { plus } from '@esi/api/time'
import { expect, test } from 'vitest'
import { fakeClock } from './fake-clock.ts'

const START = '2030-01-01T00:00:00.000000Z'

test('calls back in order, each at its own moment, also those that are added on the way', async () => {
  const clock = fakeClock(START)
  const seen: string[] = []
  const note = (name: string) => seen.push(`${name} ${clock.now().slice(17, 23)}`)
  clock.at(plus(START, 2000), () => note('b'))
  clock.at(plus(START, 1000), async () => {
    note('a')
    await Promise.resolve()
    clock.at(plus(START, 1500), () => note('added'))
  })
  const undo = clock.at(plus(START, 1200), () => note('undone'))
  clock.at(plus(START, 2000), () => note('c'))
  clock.at(plus(START, 9000), () => note('late'))
  undo()
  expect(clock.next).toBe(plus(START, 1000))
  await clock.advance(3000)
  expect(seen).toEqual(['a 01.000', 'added 01.500', 'b 02.000', 'c 02.000'])
  expect(clock.now()).toBe(plus(START, 3000))
  expect(clock.millis()).toBe(Date.parse(START) + 3000)
})

test('what is due already is called without moving, but not within the call', async () => {
  const clock = fakeClock(START)
  let called = 0
  clock.at(START, () => called++)
  expect(called).toBe(0)
  await clock.advance(0)
  expect(called).toBe(1)
})

test('it can be set, and keeps microseconds', async () => {
  const clock = fakeClock(START)
  let called = 0
  clock.at('2031-01-01T00:00:00.000000Z', () => called++)
  await clock.set('2030-12-31T23:59:59.999999Z')
  expect(called).toBe(0)
  await clock.set('2031-06-01T00:00:00.123456Z')
  expect(called).toBe(1)
  await clock.set(START)
  expect(clock.now()).toBe(START)
  expect(called).toBe(1)
})

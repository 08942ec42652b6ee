import { expect, test } from 'vitest'
import { delay } from './backoff.ts'
import { checkConductors } from './declared.ts'
import { conductor } from './test/rig.ts'
import { merge } from './wake.ts'

const c = (name: string, more = {}) => conductor(name, async () => ({ is: 'done' }), more)

test('two conductors cannot own one column, share a name, or run without slots or time', () => {
  expect(() => checkConductors([c('a', { owns: ['x.y.z'] }), c('b', { owns: ['x.y.z'] })])).toThrow(
    '"x.y.z" is owned by two conductors, "a" and "b".',
  )
  expect(() => checkConductors([c('a'), c('a')])).toThrow('Two conductors are named "a".')
  expect(() => checkConductors([c('a', { slots: 0 })])).toThrow('slots')
  expect(() => checkConductors([c('a', { limit: 0 })])).toThrow('limit')
  expect(() => checkConductors([c('a', { groups: () => [] })])).toThrow('which group')
  expect(() => checkConductors([c('a', { owns: ['x.y.z'], reads: ['x.y.w'] }), c('b', { reads: ['x.y.z'] })])).not.toThrow()
})

test('the pause doubles, is capped and is spread by a quarter', () => {
  const backoff = { first: 1000, most: 60_000 }
  expect([1, 2, 3, 7, 1000].map(n => delay(n, backoff, () => 1))).toEqual([1000, 2000, 4000, 60_000, 60_000])
  expect([1, 2, 1000].map(n => delay(n, backoff, () => 0))).toEqual([750, 1500, 45_000])
})

test('wakes of one key become one row at the earlier time, in the order of the keys', () => {
  const wake = (key: string, at: string) => ({ conductor: 'c', key, at })
  expect(merge([wake('b', '2'), wake('a', '3'), wake('b', '1'), wake('a', '4')])).toEqual([wake('a', '3'), wake('b', '1')])
})

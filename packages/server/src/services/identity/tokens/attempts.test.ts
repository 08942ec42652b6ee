import { expect, it } from 'vitest'
import { createAttempts } from './attempts.ts'

it('stops whoever fails too often, until a minute is over', () => {
  let now = 0
  const attempts = createAttempts({ perUser: 3, perAddress: 100 }, () => now)
  for (let i = 0; i < 10; i++) attempts.begin('good', 'a').passed()
  for (let i = 0; i < 3; i++) attempts.begin('bad', 'a')
  now = 30_000
  expect(() => attempts.begin('bad', 'b')).toThrow(expect.objectContaining({ kind: 'limit', retryAfter: 30 }))
  expect(() => attempts.begin('good', 'a')).not.toThrow()
  now = 60_000
  expect(() => attempts.begin('bad', 'b')).not.toThrow()
})

it('stops an address that tries many users', () => {
  const attempts = createAttempts({ perUser: 3, perAddress: 5 }, () => 0)
  for (let i = 0; i < 5; i++) attempts.begin(`user${i}`, 'a')
  expect(() => attempts.begin('another', 'a')).toThrow('Too many failed logins')
  expect(() => attempts.begin('another', 'b')).not.toThrow()
  // Where nobody knows an address only the user counts.
  expect(() => attempts.begin('another', undefined)).not.toThrow()
})

it('counts what is still under way', () => {
  const attempts = createAttempts({ perUser: 2, perAddress: 100 }, () => 0)
  const [one] = [attempts.begin('u', 'a'), attempts.begin('u', 'a')]
  expect(() => attempts.begin('u', 'a')).toThrow()
  one.passed()
  one.passed()
  expect(() => attempts.begin('u', 'a')).not.toThrow()
  expect(() => attempts.begin('u', 'a')).toThrow()
})

it('forgets the oldest when there are too many names', () => {
  const attempts = createAttempts({ perUser: 1, perAddress: 1e9 }, () => 0)
  attempts.begin('first', 'a')
  for (let i = 0; i < 100_000; i++) attempts.begin(`n${i}`, 'a')
  expect(() => attempts.begin('first', 'a')).not.toThrow()
  expect(() => attempts.begin('n99999', 'a')).toThrow()
})

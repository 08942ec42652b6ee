import { expect, it, vi } from 'vitest'
import { type AttemptsOptions, createAttempts, type Failures, WINDOW } from './attempts.ts'

/** What all processes have counted. */
const counter = (now: () => number) => {
  const all = new Map<string, Failures>()
  const share: AttemptsOptions['share'] = async (failing, until) =>
    failing.map(({ key }) => {
      const known = all.get(key)
      const fresh = known && known.until > now() ? { ...known, n: known.n + 1 } : { key, n: 1, until }
      all.set(key, fresh)
      return fresh
    })
  return { share: vi.fn(share), all }
}

const world = (perUser: number, perAddress: number) => {
  let at = 0
  const now = () => at
  const shared = counter(now)
  const process = (share = shared.share as AttemptsOptions['share']) =>
    createAttempts({ limits: { perUser, perAddress }, now, share, onError: () => {} })
  return {
    ...shared,
    process,
    go: (millis: number) => {
      at = millis
    },
  }
}

it('stops whoever fails too often, until a minute is over, and asks nobody about a good login', async () => {
  const { process, go, share } = world(3, 100)
  const attempts = process()
  for (let i = 0; i < 10; i++) attempts.begin('good', 'a').passed()
  expect(share).not.toHaveBeenCalled()
  for (let i = 0; i < 3; i++) await attempts.begin('bad', 'a').failed()
  expect(share).toHaveBeenCalledTimes(3)
  go(30_000)
  expect(() => attempts.begin('bad', 'b')).toThrow(expect.objectContaining({ kind: 'limit', retryAfter: 30 }))
  expect(() => attempts.begin('good', 'a')).not.toThrow()
  go(WINDOW)
  expect(() => attempts.begin('bad', 'b')).not.toThrow()
})

it('stops an address that tries many users', async () => {
  const attempts = world(3, 5).process()
  for (let i = 0; i < 5; i++) await attempts.begin(`user${i}`, 'a').failed()
  expect(() => attempts.begin('another', 'a')).toThrow('Too many failed logins')
  expect(() => attempts.begin('another', 'b')).not.toThrow()
  // Where nobody knows an address only the user counts.
  expect(() => attempts.begin('another', undefined)).not.toThrow()
})

it('counts what is still under way', async () => {
  const attempts = world(2, 100).process()
  const [one] = [attempts.begin('u', 'a'), attempts.begin('u', 'a')]
  expect(() => attempts.begin('u', 'a')).toThrow()
  one.passed()
  one.passed()
  await one.failed()
  expect(() => attempts.begin('u', 'a')).not.toThrow()
  expect(() => attempts.begin('u', 'a')).toThrow()
})

it('counts what others have counted, from its own first failure or from the moment it hears of it', async () => {
  const { process, all } = world(4, 100)
  const [here, there, third] = [process(), process(), process()]
  for (let i = 0; i < 3; i++) await here.begin('u', 'a').failed()
  await there.begin('u', 'b').failed()
  expect(() => there.begin('u', 'b')).toThrow('Too many failed logins')
  for (const failures of all.values()) third.learn(failures)
  expect(() => third.begin('u', 'c')).toThrow('Too many failed logins')
})

it('counts alone where it cannot be shared', async () => {
  const attempts = world(2, 100).process(() => Promise.reject(new Error('no database')))
  for (let i = 0; i < 2; i++) await attempts.begin('u', 'a').failed()
  expect(() => attempts.begin('u', 'a')).toThrow('Too many failed logins')
})

it('forgets the oldest when there are too many names', async () => {
  const attempts = world(1, 1e9).process()
  await attempts.begin('first', 'a').failed()
  for (let i = 0; i < 100_000; i++) attempts.begin(`n${i}`, 'a')
  expect(() => attempts.begin('first', 'a')).not.toThrow()
  expect(() => attempts.begin('n99999', 'a')).toThrow()
})

it('keeps no names', async () => {
  const { process, all } = world(3, 100)
  await process().begin('my password as a name', '192.0.2.1').failed()
  expect(JSON.stringify([...all.entries()])).not.toMatch(/password|192/)
})

import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, PASSWORD, type Site } from './site.ts'

const LIMITS = { config: { logins: { perUser: 6, perAddress: 12 } } }
let first: Site
let second: Site
beforeAll(async () => {
  first = await openSite({ clock: fakeClock(), ...LIMITS })
  second = await openSite({ beside: first, ...LIMITS })
})
afterAll(async () => {
  await second?.close()
  await first?.close()
})

const guess = async (site: Site, user: string) => (await site.login(user, 'a wrong password')).status
const limited = async () =>
  (await first.connections.pool.query(`select data from kit.event where type = 'identity.login.limited' order by id`)).rows

it('guesses at one replica and at another are counted together', async () => {
  await first.door.ensureUser('anna', PASSWORD)
  for (let i = 0; i < 3; i++) {
    expect(await guess(first, 'anna')).toBe(401)
    expect(await guess(second, 'anna')).toBe(401)
  }
  // Whoever counted the last one knows it at once, the other one as soon as it is told.
  const refused = await second.login('anna', PASSWORD)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
  await vi.waitFor(async () => expect((await first.login('anna', PASSWORD)).status).toBe(429), { timeout: 30_000 })
  expect(await limited()).toEqual([{ data: expect.objectContaining({ by: 'user', n: 6 }) }])
  // Neither a name nor an address is written down.
  const { rows } = await first.connections.pool.query('select * from identity.failed_login')
  expect(JSON.stringify([rows, await limited()])).not.toMatch(/anna|127\.0\.0\.1/)
  await first.clock.advance(60_000)
  for (const site of [first, second]) expect((await site.login('anna', PASSWORD)).status).toBe(201)
})

it('a replica that has seen no guess hears when the last one that may be was made elsewhere', async () => {
  await first.door.ensureUser('bert', PASSWORD)
  for (let i = 0; i < 6; i++) expect(await guess(first, 'bert')).toBe(401)
  await vi.waitFor(async () => expect((await second.login('bert', PASSWORD)).status).toBe(429), { timeout: 30_000 })
  await first.clock.advance(60_000)
})

it('an address that tries many users is stopped everywhere, and a good login writes nothing', async () => {
  const failures = async () => (await first.connections.pool.query('select count(*)::int as n from identity.failed_login')).rows[0].n
  const before = await failures()
  expect((await first.login('bert', PASSWORD)).status).toBe(201)
  expect(await failures()).toBe(before)
  for (let i = 0; i < 12; i++) expect(await guess(i % 2 ? first : second, `nobody${i}`)).toBe(401)
  expect(await guess(first, 'yet another')).toBe(429)
  await vi.waitFor(async () => expect((await second.login('bert', PASSWORD)).status).toBe(429), { timeout: 30_000 })
  await first.clock.advance(60_000)
  // What is over is swept by the failures that follow.
  for (let i = 0; i < 4; i++) expect(await guess(first, `later${i}`)).toBe(401)
  expect(await failures()).toBeLessThanOrEqual(5)
})

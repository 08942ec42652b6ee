import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, type Site } from './site.ts'

const DAY = 86_400_000
const clock = fakeClock()
let site: Site
let admin: string
beforeAll(async () => {
  site = await openSite({
    clock,
    config: {
      tokenLifetime: '1000d',
      rules: {
        pattern: '^(?=.*\\d).{3,}$',
        patternInWords: 'three characters and a digit',
        history: 3,
        minimumAge: '1d',
        lifetime: '30d',
        changeAtFirstUse: true,
        inactivity: '90d',
        failures: 3,
        lockout: '30m',
      },
      logins: { perUser: 8 },
    },
  })
  admin = site.admin
}, 60_000)
afterAll(() => site.close())

let count = 0
const person = async (options: object = { ignore_change_password_upon_first_use: true }, password = 'first1') => {
  const made = await site.request(admin, 'POST', '/v3/users', { user: { name: `user${++count}`, password, options } })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.user as { id: string; name: string; password_expires_at: string | null }
}
const login = (who: { name: string }, password: string) => site.login(who.name, password)
const change = (who: { id: string }, from: string, to: string) =>
  site.request(undefined, 'POST', `/v3/users/${who.id}/password`, { user: { original_password: from, password: to } })
const reset = (who: { id: string }, user: object) => site.request(admin, 'PATCH', `/v3/users/${who.id}`, { user })

describe('a new password', () => {
  it('must look as the rules want it, whoever sets it', async () => {
    const who = await person()
    const message = 'The password does not match the requirements: three characters and a digit.'
    const made = await site.request(admin, 'POST', '/v3/users', { user: { name: 'x', password: 'abc' } })
    expect([made.status, made.body.error.message]).toEqual([400, message])
    expect((await reset(who, { password: 'abc' })).body.error.message).toBe(message)
    await clock.advance(DAY)
    expect((await change(who, 'first1', 'abc')).body.error.message).toBe(message)
    expect((await login(who, 'first1')).status).toBe(201)
  })

  it('is to be changed at once when another has set it, and opens nothing before', async () => {
    const who = await person({})
    expect(who.password_expires_at).toBe(clock.now())
    const refused = await login(who, 'first1')
    expect([refused.status, refused.body.error.message]).toEqual([
      401,
      `The password is expired and needs to be changed for user: ${who.id}.`,
    ])
    expect((await login(who, 'wrong1')).body.error.message).toBe('The request you have made requires authentication.')
    expect((await change(who, 'first1', 'second2')).status).toBe(204)
    expect((await login(who, 'second2')).status).toBe(201)
    await reset(who, { password: 'third3' })
    expect((await login(who, 'third3')).status).toBe(401)
  })

  it('expires, except for those who are exempt', async () => {
    const [who, exempt] = [await person(), await person({ ignore_change_password_upon_first_use: true, ignore_password_expiry: true })]
    expect(who.password_expires_at).not.toBeNull()
    expect(exempt.password_expires_at).toBeNull()
    await clock.advance(30 * DAY)
    expect((await login(who, 'first1')).status).toBe(401)
    expect((await login(exempt, 'first1')).status).toBe(201)
    await reset(who, { options: { ignore_password_expiry: true } })
    expect((await login(who, 'first1')).status).toBe(201)
    await reset(who, { options: { ignore_password_expiry: null } })
    expect((await change(who, 'first1', 'second2')).status).toBe(204)
    expect((await login(who, 'second2')).status).toBe(201)
  })

  it('differs from the last ones, and is not changed twice a day', async () => {
    const who = await person()
    const early = await change(who, 'first1', 'second2')
    expect(early.status).toBe(400)
    expect(early.body.error.message).toContain('it must be used for 1 day(s) before it can be changed')
    let now = 'first1'
    const to = async (next: string) => {
      await clock.advance(DAY)
      const { status } = await change(who, now, next)
      if (status === 204) now = next
      return status
    }
    expect(await to('first1')).toBe(400)
    expect(await to('second2')).toBe(204)
    expect(await to('first1')).toBe(400)
    expect(await to('third3')).toBe(204)
    for (const used of ['first1', 'second2', 'third3']) expect(await to(used)).toBe(400)
    expect(await to('fourth4')).toBe(204)
    expect(await to('first1')).toBe(204)
    const kept = await site.connections.pool.query('select count(*)::int as n from identity.old_password where user_id = $1', [who.id])
    expect(kept.rows[0].n).toBe(2)
  })

  it('cannot be set by a user whose password is locked; an administrator sets it', async () => {
    const who = await person({ ignore_change_password_upon_first_use: true, lock_password: true })
    await clock.advance(DAY)
    expect((await change(who, 'first1', 'second2')).status).toBe(400)
    expect((await reset(who, { password: 'second2' })).status).toBe(200)
    expect((await login(who, 'second2')).status).toBe(201)
  })
})

describe('a user who fails too often', () => {
  const fail = async (who: { name: string }, times: number) => {
    for (let i = 0; i < times; i++) expect((await login(who, 'wrong')).status).toBe(401)
  }

  it('is locked out for a while, and the answer is as for a wrong password', async () => {
    const who = await person()
    await fail(who, 2)
    expect((await login(who, 'first1')).status).toBe(201)
    await fail(who, 3)
    const locked = await login(who, 'first1')
    expect([locked.status, locked.body.error.message]).toEqual([401, 'The request you have made requires authentication.'])
    expect((await change(who, 'first1', 'second2')).status).toBe(401)
    await clock.advance(30 * 60_000)
    expect((await login(who, 'first1')).status).toBe(201)
  })

  it('is let in again by an administrator, or not locked out at all', async () => {
    const who = await person()
    await fail(who, 3)
    expect((await login(who, 'first1')).status).toBe(401)
    await reset(who, { enabled: true })
    expect((await login(who, 'first1')).status).toBe(201)
    const exempt = await person({ ignore_change_password_upon_first_use: true, ignore_lockout_failure_attempts: true })
    await fail(exempt, 4)
    expect((await login(exempt, 'first1')).status).toBe(201)
  })

  it('is refused unseen, with the time to wait; others are not', async () => {
    const [who, other] = [await person(), await person()]
    await fail(who, 8)
    const refused = await login(who, 'first1')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.body.error).toMatchObject({ code: 429, title: 'Too Many Requests' })
    expect((await login(other, 'first1')).status).toBe(201)
    // A name that nobody has is counted in the same way.
    await fail({ name: 'nobody at all' }, 8)
    expect((await login({ name: 'nobody at all' }, 'x')).status).toBe(429)
  })
})

describe('a user who was away', () => {
  it('for too long is let in no more, until an administrator says so', async () => {
    const options = { ignore_change_password_upon_first_use: true, ignore_password_expiry: true }
    const [who, here, exempt] = [await person(options), await person(options), await person({ ...options, ignore_user_inactivity: true })]
    await clock.advance(60 * DAY)
    expect((await login(here, 'first1')).status).toBe(201)
    await clock.advance(60 * DAY)
    expect((await login(who, 'first1')).status).toBe(401)
    expect((await login(here, 'first1')).status).toBe(201)
    expect((await login(exempt, 'first1')).status).toBe(201)
    await reset(who, { enabled: true })
    expect((await login(who, 'first1')).status).toBe(201)
  })
})

it('a pattern that is none is refused at the start', async () => {
  await expect(openSite({ config: { rules: { pattern: '(' } } })).rejects.toThrow('no regular expression')
})

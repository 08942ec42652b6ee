import { plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, type Site } from './site.ts'

const clock = fakeClock()
let site: Site
let project: string
let roles: Record<string, string>
beforeAll(async () => {
  site = await openSite({ clock })
  project = await site.door.ensureProject('lab')
  roles = Object.fromEntries((await site.ask('GET', '/v3/roles')).body.roles.map((r: any) => [r.name, r.id]))
}, 60_000)
afterAll(() => site.close())

let count = 0
const person = async (role?: string) => {
  const name = `person${++count}`
  const id = await site.door.ensureUser(name, 'x')
  if (role) await site.door.grant(id, role, { project })
  const token = await site.token(name, 'x', role ? { project: { id: project } } : undefined)
  const login = (trust: string) => site.login(name, 'x', { 'OS-TRUST:trust': { id: trust } })
  return { id, name, token, login }
}
type Person = Awaited<ReturnType<typeof person>>

const lend = (from: Person, to: Person, more: object = {}, by = from.token) =>
  site.request(by, 'POST', '/v3/OS-TRUST/trusts', {
    trust: {
      trustor_user_id: from.id,
      trustee_user_id: to.id,
      project_id: project,
      impersonation: true,
      roles: [{ name: 'reader' }],
      ...more,
    },
  })
const lent = async (from: Person, to: Person, more: object = {}, by = from.token) => {
  const answer = await lend(from, to, more, by)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.trust
}
const tokenBy = async (to: Person, trust: { id: string }): Promise<string> => {
  const answer = await to.login(trust.id)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.headers['x-subject-token']!
}

describe('a trust', () => {
  it('is shown as Keystone shows it, to both sides and to nobody else', async () => {
    const [from, to, other] = [await person('member'), await person(), await person('member')]
    const trust = await lent(from, to)
    expect(trust).toMatchObject({
      trustor_user_id: from.id,
      trustee_user_id: to.id,
      project_id: project,
      impersonation: true,
      expires_at: null,
      remaining_uses: null,
      redelegation_count: 0,
      redelegated_trust_id: null,
      deleted_at: null,
      roles: [{ id: roles['reader'], name: 'reader', links: { self: expect.stringMatching(/\/identity\/v3\/roles\//) } }],
      roles_links: { self: expect.stringMatching(/\/OS-TRUST\/trusts\/\w+\/roles$/) },
      links: { self: expect.stringMatching(/\/identity\/v3\/OS-TRUST\/trusts\/\w+$/) },
    })
    for (const who of [from, to])
      expect((await site.request(who.token, 'GET', `/v3/OS-TRUST/trusts/${trust.id}`)).body.trust).toEqual(trust)
    expect((await site.request(other.token, 'GET', `/v3/OS-TRUST/trusts/${trust.id}`)).status).toBe(404)
    expect((await site.request(other.token, 'GET', '/v3/OS-TRUST/trusts/nothing')).status).toBe(404)
    const mine = await site.request(from.token, 'GET', `/v3/OS-TRUST/trusts?trustor_user_id=${from.id}`)
    expect(mine.body.trusts.map((t: any) => t.id)).toEqual([trust.id])
    expect(mine.body.trusts[0].roles).toBeUndefined()
    expect((await site.request(to.token, 'GET', `/v3/OS-TRUST/trusts?trustee_user_id=${to.id}`)).body.trusts.length).toBe(1)
    expect((await site.request(other.token, 'GET', `/v3/OS-TRUST/trusts?trustor_user_id=${from.id}`)).status).toBe(403)
    expect((await site.request(from.token, 'GET', '/v3/OS-TRUST/trusts')).status).toBe(403)
    expect((await site.ask('GET', '/v3/OS-TRUST/trusts')).status).toBe(200)
    const role = (id: string) => site.request(to.token, 'GET', `/v3/OS-TRUST/trusts/${trust.id}/roles/${id}`)
    expect((await role(roles['reader']!)).body.role.name).toBe('reader')
    expect((await role(roles['member']!)).status).toBe(404)
  })

  it('lends only what its maker has, and only in its maker’s name', async () => {
    const [from, to] = [await person('member'), await person()]
    expect((await lend(from, to, { roles: [{ name: 'admin' }] })).status).toBe(404)
    expect((await lend(from, to, { roles: [] })).status).toBe(403)
    expect((await lend(from, to, {}, site.admin)).status).toBe(403)
    expect((await lend(from, to, { trustee_user_id: 'nobody' })).status).toBe(404)
    expect((await lend(from, to, { expires_at: 'tomorrow' })).status).toBe(400)
    expect((await lend(from, to, { expires_at: '2001-01-01T00:00:00Z' })).status).toBe(400)
    expect((await lend(from, to, { remaining_uses: 0 })).status).toBe(400)
    expect((await site.request(from.token, 'GET', `/v3/OS-TRUST/trusts?trustor_user_id=${from.id}`)).body.trusts).toEqual([])
  })

  it('lets the trustee be the trustor, in that project, with those roles', async () => {
    const [from, to, other] = [await person('member'), await person(), await person()]
    const trust = await lent(from, to)
    const answer = await to.login(trust.id)
    expect(answer.body.token).toMatchObject({
      user: { id: from.id, name: from.name },
      project: { id: project },
      roles: [{ name: 'reader' }],
      'OS-TRUST:trust': { id: trust.id, impersonation: true, trustor_user: { id: from.id }, trustee_user: { id: to.id } },
    })
    const caller = await site.door.authenticate(answer.headers['x-subject-token']!)
    expect(caller).toMatchObject({ user: { id: from.id }, project: { id: project }, roles: ['reader'] })
    expect((await other.login(trust.id)).status).toBe(403)
    expect((await to.login('nothing')).status).toBe(401)
  })

  it('without impersonation leaves the trustee what they are', async () => {
    const [from, to] = [await person('member'), await person()]
    const token = await tokenBy(to, await lent(from, to, { impersonation: false }))
    expect(await site.door.authenticate(token)).toMatchObject({ user: { id: to.id }, roles: ['reader'] })
  })

  it('brings what its roles imply', async () => {
    const [from, to] = [await person('member'), await person()]
    const token = await tokenBy(to, await lent(from, to, { roles: [{ id: roles['member'] }] }))
    expect((await site.door.authenticate(token))!.roles).toEqual(['member', 'reader'])
  })

  it('opens nothing further: no other token, no login for a program, no trust where none may be made', async () => {
    const [from, to] = [await person('member'), await person()]
    const token = await tokenBy(to, await lent(from, to))
    const again = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: token } }, scope: { project: { id: project } } },
    })
    expect(again.status).toBe(403)
    const program = { application_credential: { name: 'keep' } }
    expect((await site.request(token, 'POST', `/v3/users/${from.id}/application_credentials`, program)).status).toBe(403)
    expect((await lend(from, to, {}, token)).status).toBe(403)
    const c = await site.request(from.token, 'POST', `/v3/users/${from.id}/application_credentials`, {
      application_credential: { name: 'ci', unrestricted: true },
    })
    const { id, secret } = c.body.application_credential
    const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
    })
    expect((await lend(from, to, {}, login.headers['x-subject-token'])).status).toBe(403)
  })

  it('can be used as often as it says, also when two come at once', async () => {
    const [from, to] = [await person('member'), await person()]
    const trust = await lent(from, to, { remaining_uses: 2 })
    const answers = await Promise.all([1, 2, 3, 4].map(() => to.login(trust.id)))
    expect(answers.map(a => a.status).sort()).toEqual([201, 201, 401, 401])
    expect((await site.request(from.token, 'GET', `/v3/OS-TRUST/trusts/${trust.id}`)).status).toBe(404)
    // What was had is good to its end.
    const token = answers.find(a => a.status === 201)!.headers['x-subject-token']!
    expect(await site.door.authenticate(token)).toBeDefined()
  })
})

describe('a token by a trust ends when', () => {
  const deeds: [string, (from: Person, to: Person, trust: { id: string }) => Promise<unknown>][] = [
    ['the trust is deleted', (from, _, trust) => site.request(from.token, 'DELETE', `/v3/OS-TRUST/trusts/${trust.id}`)],
    ['the trustor is disabled', from => site.ask('PATCH', `/v3/users/${from.id}`, { user: { enabled: false } })],
    ['the trustor is deleted', from => site.ask('DELETE', `/v3/users/${from.id}`)],
    ['the trustee is disabled', (_, to) => site.ask('PATCH', `/v3/users/${to.id}`, { user: { enabled: false } })],
    ['the trustor changes the password', from => site.ask('PATCH', `/v3/users/${from.id}`, { user: { password: 'new' } })],
    ['the trustor loses the role', from => site.ask('DELETE', `/v3/projects/${project}/users/${from.id}/roles/${roles['member']}`)],
  ]
  it.each(deeds)('%s', async (_, deed) => {
    const [from, to] = [await person('member'), await person()]
    const trust = await lent(from, to)
    const token = await tokenBy(to, trust)
    expect(await site.door.authenticate(token)).toBeDefined()
    expect(((await deed(from, to, trust)) as { status: number }).status).toBeLessThan(300)
    expect(await site.door.authenticate(token)).toBeUndefined()
  })

  it('the trust expires', async () => {
    const [from, to] = [await person('member'), await person()]
    const expires = plus(clock.now(), 60_000)
    const trust = await lent(from, to, { expires_at: expires })
    expect(trust.expires_at).toBe(expires)
    const token = await tokenBy(to, trust)
    await clock.advance(61_000)
    expect(await site.door.authenticate(token)).toBeUndefined()
    expect((await to.login(trust.id)).status).toBe(401)
  })
})

describe('what was lent can be lent on', () => {
  it('as deep as it says, never as more, and ends with the first', async () => {
    const people = [await person('member'), await person(), await person(), await person(), await person()]
    const [from, one, two, three] = people as [Person, Person, Person, Person, Person]
    const first = await lent(from, one, { allow_redelegation: true, redelegation_count: 2, roles: [{ name: 'reader' }] })
    expect(first.redelegation_count).toBe(2)
    const as = async (who: Person, trust: { id: string }) => tokenBy(who, trust)
    const second = await lent(from, two, { allow_redelegation: true }, await as(one, first))
    expect(second).toMatchObject({ redelegation_count: 1, redelegated_trust_id: first.id })
    expect((await lend(from, two, { roles: [{ name: 'member' }] }, await as(one, first))).status).toBe(403)
    expect((await lend(from, two, { remaining_uses: 1 }, await as(one, first))).status).toBe(403)
    const third = await lent(from, three, {}, await as(two, second))
    expect(third).toMatchObject({ redelegation_count: 0, redelegated_trust_id: second.id })
    const last = await as(three, third)
    expect(await site.door.authenticate(last)).toMatchObject({ user: { id: from.id }, roles: ['reader'] })
    expect((await lend(from, people[4]!, {}, last)).status).toBe(403)
    expect((await site.request(from.token, 'DELETE', `/v3/OS-TRUST/trusts/${first.id}`)).status).toBe(204)
    expect(await site.door.authenticate(last)).toBeUndefined()
    expect((await site.request(from.token, 'GET', `/v3/OS-TRUST/trusts/${third.id}`)).status).toBe(404)
  })
})

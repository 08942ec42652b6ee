import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, PASSWORD, type Site } from './site.ts'

/** Two replicas on one database: what one does the other must hear of. */
let here: Site
let there: Site
beforeAll(async () => {
  here = await openSite()
  there = await openSite({ beside: here })
}, 60_000)
afterAll(async () => {
  await there.close()
  await here.close()
})

const inProject = (id: string) => ({ project: { id } })
let count = 0

/** A user with the role `member` in a project of its own. */
const somebody = async () => {
  const name = `user${++count}`
  const domain = await here.make('domain', { name: `domain${count}` })
  const project = await here.make('project', { name, domain_id: domain.id })
  const user = await here.make('user', { name, domain_id: domain.id, password: 'secret' })
  const role = await roleOf('member')
  const grant = `/v3/projects/${project.id}/users/${user.id}/roles/${role}`
  expect((await here.ask('PUT', grant)).status).toBe(204)
  const login = (site: Site, password = 'secret', scope: unknown = inProject(project.id)) =>
    site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['password'], password: { user: { id: user.id, password } } }, scope },
    })
  return { name, domain, project, user, role, grant, login }
}

const roleOf = async (name: string): Promise<string> => (await here.ask('GET', `/v3/roles?name=${name}`)).body.roles[0].id

/** Known to both as good, so that both remember it. */
const tokenOf = async (who: Awaited<ReturnType<typeof somebody>>): Promise<string> => {
  const answer = await who.login(here)
  expect(answer.status).toBe(201)
  const token = answer.headers['x-subject-token']!
  for (const site of [here, there]) expect(await site.door.authenticate(token)).toBeDefined()
  return token
}

const gone = (token: string) => expect.poll(() => there.door.authenticate(token), { interval: 5 }).toBeUndefined()

const deeds: [string, (who: Awaited<ReturnType<typeof somebody>>, token: string) => Promise<unknown>][] = [
  ['the token is revoked', (_, token) => here.request(token, 'DELETE', '/v3/auth/tokens', undefined, { 'x-subject-token': token })],
  ['the user is disabled', who => here.ask('PATCH', `/v3/users/${who.user.id}`, { user: { enabled: false } })],
  ['the user is deleted', who => here.ask('DELETE', `/v3/users/${who.user.id}`)],
  ['the password is set anew', who => here.ask('PATCH', `/v3/users/${who.user.id}`, { user: { password: 'other' } })],
  [
    'the password is changed by the user',
    who =>
      here.request(undefined, 'POST', `/v3/users/${who.user.id}/password`, { user: { original_password: 'secret', password: 'other' } }),
  ],
  ['the project is disabled', who => here.ask('PATCH', `/v3/projects/${who.project.id}`, { project: { enabled: false } })],
  ['the project is deleted', who => here.ask('DELETE', `/v3/projects/${who.project.id}`)],
  ['the domain is disabled', who => here.ask('PATCH', `/v3/domains/${who.domain.id}`, { domain: { enabled: false } })],
  ['the only role is taken away', who => here.ask('DELETE', who.grant)],
]

describe('a token ends everywhere at once when', () => {
  it.each(deeds)('%s', async (_, deed) => {
    const who = await somebody()
    const token = await tokenOf(who)
    const answer = (await deed(who, token)) as { status: number }
    expect(answer.status).toBeLessThan(300)
    expect(await here.door.authenticate(token)).toBeUndefined()
    await gone(token)
    const shown = await there.request(there.admin, 'GET', '/v3/auth/tokens', undefined, { 'x-subject-token': token })
    expect(shown.status).toBe(404)
  })
})

describe('after a revocation', () => {
  it('an enabled user logs in again, and old tokens stay dead', async () => {
    const who = await somebody()
    const old = await tokenOf(who)
    for (const enabled of [false, true]) await here.ask('PATCH', `/v3/users/${who.user.id}`, { user: { enabled } })
    await gone(old)
    const again = await who.login(there)
    expect(again.status).toBe(201)
    // In the same second, but after it.
    expect(await here.door.authenticate(again.headers['x-subject-token']!)).toBeDefined()
    expect(await there.door.authenticate(old)).toBeUndefined()
    // And once more in that second.
    for (const enabled of [false, true]) await here.ask('PATCH', `/v3/users/${who.user.id}`, { user: { enabled } })
    await gone(again.headers['x-subject-token']!)
    const third = await who.login(here)
    expect(await here.door.authenticate(third.headers['x-subject-token']!)).toBeDefined()
  })

  it('another token of the same user lives on when one is revoked', async () => {
    const who = await somebody()
    const [one, two] = [await tokenOf(who), await tokenOf(who)]
    await here.request(one, 'DELETE', '/v3/auth/tokens', undefined, { 'x-subject-token': one })
    await gone(one)
    expect(await there.door.authenticate(two)).toBeDefined()
  })

  it('a role that is left stays, one that was taken is gone', async () => {
    const who = await somebody()
    await here.ask('PUT', `/v3/projects/${who.project.id}/users/${who.user.id}/roles/${await roleOf('owner')}`)
    const token = await tokenOf(who)
    await here.ask('DELETE', who.grant)
    await expect.poll(async () => (await there.door.authenticate(token))?.roles, { interval: 5 }).toEqual(['owner'])
  })

  it('a new member of a group has its roles at once', async () => {
    const who = await somebody()
    const group = await here.make('group', { name: 'g', domain_id: who.domain.id })
    await here.ask('PUT', `/v3/projects/${who.project.id}/groups/${group.id}/roles/${await roleOf('lessee')}`)
    const token = await tokenOf(who)
    await here.ask('PUT', `/v3/groups/${group.id}/users/${who.user.id}`)
    await expect.poll(async () => (await there.door.authenticate(token))?.roles, { interval: 5 }).toContain('lessee')
  })

  it('services can list revocations', async () => {
    const { body } = await here.ask('GET', '/v3/OS-REVOKE/events')
    expect(body.events.length).toBeGreaterThan(0)
    expect((await here.ask('GET', '/v3/OS-REVOKE/events?since=2031-01-01T00:00:00Z')).body.events).toEqual([])
    expect((await here.ask('GET', '/v3/OS-REVOKE/events?since=yesterday')).status).toBe(400)
  })
})

describe('a check', () => {
  it('asks the database once, and not again', async () => {
    const who = await somebody()
    const token = await tokenOf(who)
    const { pool } = here.connections
    const before = pool.query
    let asked = 0
    const connect = pool.connect.bind(pool)
    pool.connect = ((...args: []) => {
      asked++
      return connect(...args)
    }) as typeof pool.connect
    try {
      for (let i = 0; i < 50; i++) expect(await here.door.authenticate(token)).toBeDefined()
      expect(asked).toBe(0)
      here.door.forget()
      await here.door.authenticate(token)
      expect(asked).toBeGreaterThan(0)
    } finally {
      pool.connect = connect
      expect(pool.query).toBe(before)
    }
  })
})

describe('token keys', () => {
  it('turn over without a logout: old tokens are good while their key is kept', async () => {
    const who = await somebody()
    const first = await tokenOf(who)
    expect(await here.door.rotateTokenKeys()).toEqual({ primary: 2, kept: 3 })
    // The other replica knew that key as the staged one; and it sees tokens of a key that it never saw.
    const second = (await who.login(here)).headers['x-subject-token']!
    for (const token of [first, second]) expect(await there.door.authenticate(token)).toBeDefined()
    await here.door.rotateTokenKeys()
    await here.door.rotateTokenKeys()
    const third = (await who.login(here)).headers['x-subject-token']!
    await expect.poll(() => there.door.authenticate(third), { interval: 5 }).toBeDefined()
    // Its key is gone.
    here.door.forget()
    there.door.forget()
    expect(await here.door.authenticate(first)).toBeUndefined()
    await gone(first)
  })

  it('lie sealed in the database', async () => {
    const { rows } = await here.connections.pool.query('select number, sealed from identity.token_key order by number')
    expect(rows.map((r: any) => r.number)).toEqual([0, 3, 4])
    for (const row of rows) expect(row.sealed).toMatch(/^esi1:test:/)
  })
})

describe('a first start', () => {
  it('of several replicas at once makes everything once', async () => {
    const first = await openSite()
    try {
      const others = await Promise.all([1, 2, 3].map(() => openSite({ beside: first })))
      const { body } = await first.ask('GET', '/v3/roles')
      expect(body.roles.map((r: any) => r.name)).toEqual(['admin', 'lessee', 'manager', 'member', 'owner', 'reader', 'service'])
      expect((await first.ask('GET', '/v3/users?name=admin')).body.users.length).toBe(1)
      for (const other of others) expect(await other.door.authenticate(first.admin)).toBeDefined()
      for (const other of others) await other.close()
      expect((await first.login('admin', PASSWORD)).status).toBe(201)
    } finally {
      await first.close()
    }
  }, 30_000)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

const login = (id: string, password: string) =>
  site.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['password'], password: { user: { id, password } } } },
  })

describe('a user', () => {
  it('is made, shown and changed as in Keystone, with attributes of anybody’s', async () => {
    const made = await site.ask('POST', '/v3/users', { user: { name: 'u1', password: 'one', email: 'u1@esi.test', description: 'first' } })
    expect(made.status).toBe(201)
    const { user } = made.body
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'u1',
      domain_id: 'default',
      enabled: true,
      password_expires_at: null,
      options: {},
      email: 'u1@esi.test',
      description: 'first',
      links: { self: `http://localhost:80/identity/v3/users/${user.id}` },
    })
    expect(await login(user.id, 'one')).toMatchObject({ status: 201 })
    const changed = await site.ask('PATCH', `/v3/users/${user.id}`, {
      user: { password: 'two', email: 'new@esi.test', default_project_id: site.ids.project },
    })
    expect(changed.body.user).toEqual({ ...user, email: 'new@esi.test', default_project_id: site.ids.project })
    expect((await login(user.id, 'one')).status).toBe(401)
    // The default project opens nothing to somebody without a role there.
    const token = (await login(user.id, 'two')).body.token
    expect(token.project).toBeUndefined()
    expect(JSON.stringify([made.body, changed.body, (await site.ask('GET', '/v3/users')).body])).not.toMatch(/argon2|"password"/)
  })

  it('has a name of its own in its domain', async () => {
    await site.make('user', { name: 'same' })
    const again = await site.ask('POST', '/v3/users', { user: { name: 'same' } })
    expect([again.status, again.body.error.message]).toEqual([
      409,
      'Conflict occurred attempting to store user - Duplicate entry found with name same.',
    ])
  })

  it.each([
    ['no name', {}],
    ['enabled as text', { name: 'x', enabled: 'true' }],
    ['a long name', { name: 'a'.repeat(256) }],
    ['a password that is a number', { name: 'x', password: 12345678 }],
    ['a domain as default project', { name: 'x', default_project_id: 'default' }],
    ['an unknown option', { name: 'x', options: { brave: true } }],
    ['rules of one level', { name: 'x', options: { multi_factor_auth_rules: ['password'] } }],
  ])('with %s is refused', async (_, fields) => {
    expect((await site.ask('POST', '/v3/users', { user: fields })).status).toBe(400)
  })

  it('of an unknown domain is not made', async () => {
    expect((await site.ask('POST', '/v3/users', { user: { name: 'x', domain_id: 'nowhere' } })).status).toBe(404)
  })

  it('without a password cannot log in, nor one that is disabled', async () => {
    const silent = await site.make('user', { name: 'silent' })
    for (const password of ['', 'null', 'undefined']) expect((await login(silent.id, password)).status).toBe(401)
    const off = await site.make('user', { name: 'off', password: 'x', enabled: false })
    expect((await login(off.id, 'x')).status).toBe(401)
  })

  it('changes its own password, knowing the old one', async () => {
    const user = await site.make('user', { name: 'self', password: 'old' })
    const change = (body: unknown) => site.request(undefined, 'POST', `/v3/users/${user.id}/password`, body)
    expect((await change({ user: { original_password: 'wrong', password: 'new' } })).status).toBe(401)
    expect((await change({ user: { password: 'new' } })).status).toBe(400)
    expect((await change({ user: { original_password: 'old', password: 'n'.repeat(4097) } })).status).toBe(400)
    expect((await change({ user: { original_password: 'old', password: '' } })).status).toBe(400)
    expect((await change({ user: { original_password: 'old', password: 'new' } })).status).toBe(204)
    expect((await login(user.id, 'old')).status).toBe(401)
    expect((await login(user.id, 'new')).status).toBe(201)
  })

  it('has no columns that a client could write', async () => {
    const user = await site.make('user', { name: 'plain', password: 'x', shoe_size: 44 })
    expect(user.shoe_size).toBe(44)
    for (const own of [{ password_hash: '$2b$04$' }, { failed_logins: 9 }, { active_at: '2000-01-01T00:00:00Z' }]) {
      expect((await site.ask('PATCH', `/v3/users/${user.id}`, { user: own })).status).toBe(400)
      expect((await site.ask('POST', '/v3/users', { user: { name: 'other', ...own } })).status).toBe(400)
    }
    const { status, body } = await site.ask('PATCH', '/v3/domains/default', {
      domain: { is_domain: false, parent_id: 'x', domain_id: 'y' },
    })
    expect(status).toBe(200)
    expect(Object.keys(body.domain).sort()).toEqual(['description', 'enabled', 'id', 'links', 'name', 'options', 'tags'])
    expect((await login(user.id, 'x')).status).toBe(201)
  })

  it('whose password is locked keeps it, unless an administrator sets another', async () => {
    const user = await site.make('user', { name: 'locked', password: 'x', options: { lock_password: true } })
    const change = await site.request(undefined, 'POST', `/v3/users/${user.id}/password`, {
      user: { original_password: 'x', password: 'y' },
    })
    expect(change.status).toBe(400)
    expect((await login(user.id, 'x')).status).toBe(201)
    expect((await site.ask('PATCH', `/v3/users/${user.id}`, { user: { password: 'y' } })).status).toBe(200)
    expect((await login(user.id, 'y')).status).toBe(201)
  })

  it('that must use two methods is not let in by one', async () => {
    const user = await site.make('user', {
      name: 'two',
      password: 'x',
      options: { multi_factor_auth_rules: [['password', 'application_credential']] },
    })
    expect((await login(user.id, 'x')).status).toBe(401)
    await site.ask('PATCH', `/v3/users/${user.id}`, { user: { options: { multi_factor_auth_enabled: false } } })
    expect((await login(user.id, 'x')).status).toBe(201)
  })

  it('whose password was hashed by Keystone logs in', async () => {
    const user = await site.make('user', { name: 'moved', password: 'x' })
    // Made by passlib, as Keystone makes them.
    const hashes = [
      '$2b$04$pL7F48Utn7JcldxnQblS0ebCSWB/O.dGhTBtQzGQoi3KHSWv/KFg6',
      '$bcrypt-sha256$v=2,t=2b,r=4$1v1CzaI6B2XivmeW4gx56e$l/Urzc1oq4Z8aM/IQNwBU4ZqlzbPISy',
      '$scrypt$ln=8,r=8,p=1$XAshZCyFcC5FaE0JAQDg3A$0amAL3OBECTy0+xDpvQZQVr60d8LW7zHoGrJSPS3o8Y',
      '$pbkdf2-sha512$1000$DoFQSmntvdf6f691jhGi9A$P/uQLHqQfSPqQXE.lkt2pHv0EfkCrgFq/nPtruN2W9xckTz6C9ut0NLRHJOIa5DAOYTGf7Cv3tnEXMiLES/64Q',
    ]
    for (const hash of hashes) {
      await site.connections.pool.query('update identity.user set password_hash = $1 where id = $2', [hash, user.id])
      expect((await login(user.id, 'secret')).status, hash).toBe(201)
      expect((await login(user.id, 'other')).status, hash).toBe(401)
    }
  })

  it('whose password is over cannot log in', async () => {
    const user = await site.make('user', { name: 'expired', password: 'x' })
    await site.connections.pool.query('update identity.user set password_expires_at = $1 where id = $2', ['2029-12-31T00:00:00Z', user.id])
    expect((await login(user.id, 'x')).status).toBe(401)
    const found = await site.ask('GET', '/v3/users?password_expires_at=lt:2030-01-01T00:00:00Z')
    expect(found.body.users.map((u: any) => u.name)).toEqual(['expired'])
    expect((await site.ask('GET', '/v3/users?password_expires_at=gt:2030-01-01T00:00:00Z')).body.users).toEqual([])
    expect((await site.ask('GET', '/v3/users?password_expires_at=soon')).status).toBe(400)
  })
})

describe('a group', () => {
  it('has members, and its name is its own', async () => {
    const group = await site.make('group', { name: 'crew', description: 'all' })
    const user = await site.make('user', { name: 'sailor' })
    const path = `/v3/groups/${group.id}/users/${user.id}`
    expect((await site.ask('GET', path)).status).toBe(404)
    expect((await site.ask('PUT', path)).status).toBe(204)
    expect((await site.ask('PUT', path)).status).toBe(204)
    expect((await site.ask('HEAD', path)).status).toBe(204)
    expect((await site.ask('GET', `/v3/groups/${group.id}/users`)).body.users.map((u: any) => u.id)).toEqual([user.id])
    expect((await site.ask('GET', `/v3/users/${user.id}/groups`)).body.groups.map((g: any) => g.id)).toEqual([group.id])
    expect((await site.ask('DELETE', path)).status).toBe(204)
    expect((await site.ask('DELETE', path)).status).toBe(404)
    expect((await site.ask('PUT', `/v3/groups/${'0'.repeat(32)}/users/${user.id}`)).status).toBe(404)
    expect((await site.ask('POST', '/v3/groups', { group: { name: 'crew' } })).status).toBe(409)
    expect((await site.ask('PATCH', `/v3/groups/${group.id}`, { group: { name: 'crew 2' } })).body.group.name).toBe('crew 2')
    expect((await site.ask('PATCH', `/v3/groups/${group.id}`, { group: { domain_id: 'x' } })).status).toBe(400)
    expect((await site.ask('DELETE', `/v3/groups/${group.id}`)).status).toBe(204)
  })
})

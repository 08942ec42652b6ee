import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { askFor as ask, collect as collectAt, consumerOf, type Keys, keysOf, lend, signed } from './lending.ts'
import { openSite, PASSWORD, type Site } from './site.ts'

// A program that is lent some roles of an administrator's in a project, by OAuth 1.0a.

const clock = fakeClock()
let site: Site
let roles: Record<string, string>
let project: string
let admin: string
let user: string
beforeAll(async () => {
  site = await openSite({ clock, config: { tokenLifetime: '30d' } })
  roles = Object.fromEntries((await site.ask('GET', '/v3/roles')).body.roles.map((r: any) => [r.name, r.id]))
  project = await site.door.ensureProject('work')
  user = site.ids.user
  await site.door.grant(user, 'admin', { project })
  admin = await site.token('admin', PASSWORD, { project: { id: project } })
}, 60_000)
afterAll(() => site.close())

let count = 0
const REQUEST = '/v3/OS-OAUTH1/request_token'
const consumer = () => consumerOf(site)
const askFor = (c: Keys, headers?: { authorization: string }, at: string = project) => ask(site, at, c, headers)
const authorize = (id: string, by = admin, given: unknown = [{ id: roles['member'] }]) =>
  site.request(by, 'PUT', `/v3/OS-OAUTH1/authorize/${id}`, { roles: given })
const login = (c: Keys, access: Keys, scope?: object) =>
  site.request(
    undefined,
    'POST',
    '/v3/auth/tokens',
    { auth: { identity: { methods: ['oauth1'], oauth1: {} }, ...(scope ? { scope } : {}) } },
    signed(site, '/v3/auth/tokens', c, { token: access }),
  )
const collect = (c: Keys, request: Keys, verifier: string) => collectAt(site, c, request, verifier)
const lent = (given: readonly object[] = [{ id: roles['member'] }]) => lend(site, admin, project, given)

describe('a program', () => {
  it('asks, is agreed to, collects, and logs in with what it was lent', async () => {
    const c = await consumer()
    const asked = await askFor(c)
    expect(asked.status, JSON.stringify(asked.body)).toBe(201)
    expect(asked.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
    const request = keysOf(asked.body)
    expect(request).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      secret: expect.any(String),
      expires: '2030-01-01T08:00:00.000000Z',
    })
    const agreed = await authorize(request.id, admin, [{ name: 'member' }])
    expect(agreed.status).toBe(200)
    expect(agreed.body).toEqual({ token: { oauth_verifier: expect.stringMatching(/^[A-Za-z0-9]{8}$/) } })
    const collected = await collect(c, request, agreed.body.token.oauth_verifier)
    expect(collected.status).toBe(201)
    const access = keysOf(collected.body)
    expect(access.expires).toBe('2030-01-02T00:00:00.000000Z')
    // Once only.
    expect((await collect(c, request, agreed.body.token.oauth_verifier)).status).toBe(401)

    const { status, headers, body } = await login(c, access, { system: { all: true } })
    expect(status).toBe(201)
    expect(body.token).toMatchObject({
      methods: ['oauth1'],
      user: { id: user },
      project: { id: project },
      'OS-OAUTH1': { access_token_id: access.id, consumer_id: c.id },
      expires_at: access.expires,
    })
    expect(body.token.roles.map((r: any) => r.name)).toEqual(['member', 'reader'])
    const token = headers['x-subject-token']!
    site.door.forget()
    expect(await site.door.authenticate(token)).toMatchObject({ roles: ['member', 'reader'], project: { id: project } })
    const stored = await site.connections.pool.query('select sealed from identity.access_token where id = $1', [access.id])
    expect(stored.rows[0].sealed).toMatch(/^esi1:/)
  })

  it('is refused without what it needs, and with a signature that is not its own', async () => {
    const c = await consumer()
    const wrong = { ...c, secret: 'wrong' }
    const path = REQUEST
    const by = (who: Keys, how?: object) => signed(site, path, who, how)
    expect((await site.request(undefined, 'POST', path, undefined, { 'requested-project-id': project })).status).toBe(400)
    expect((await askFor(c, { authorization: 'OAuth oauth_nonce="1"' })).status).toBe(400)
    expect((await askFor(c, by(c))).status).toBe(201)
    expect((await site.request(undefined, 'POST', path, undefined, by(c))).status).toBe(400)
    expect((await askFor(c, by(wrong))).status).toBe(401)
    expect((await askFor(c, by({ id: 'f'.repeat(32), secret: 'x' }))).status).toBe(401)
    expect((await askFor(c, signed(site, '/v3/OS-OAUTH1/access_token', c))).status).toBe(401)
    expect((await askFor(c, by(c, { url: `https://localhost/identity${path}` }))).status).toBe(401)
    expect((await askFor(c, by(c, { more: { oauth_timestamp: '1' } }))).status).toBe(401)
    expect((await askFor(c, by(c), 'f'.repeat(32))).status).toBe(404)
    // Whoever has no secret learns of no project.
    expect((await askFor(c, by(wrong), 'f'.repeat(32))).status).toBe(401)

    const request = keysOf((await askFor(c)).body)
    expect((await collect(c, request, 'AAAAAAAA')).status).toBe(401)
    const { oauth_verifier: verifier } = (await authorize(request.id)).body.token
    const other = await consumer()
    for (const [who, what, word] of [
      [wrong, request, verifier],
      [other, request, verifier],
      [c, { ...request, secret: 'wrong' }, verifier],
      [c, { ...request, id: 'f'.repeat(32) }, verifier],
      [c, request, 'AAAAAAAA'],
    ] as const)
      expect((await collect(who, what, word)).status).toBe(401)
    expect((await collect(c, request, '')).status).toBe(400)
    const access = keysOf((await collect(c, request, verifier)).body)
    for (const [who, what] of [
      [wrong, access],
      [other, access],
      [c, { ...access, secret: 'wrong' }],
      [c, request],
    ] as const)
      expect((await login(who, what)).status).toBe(401)
    const bare = await site.request(undefined, 'POST', '/v3/auth/tokens', { auth: { identity: { methods: ['oauth1'], oauth1: {} } } })
    expect(bare.status).toBe(400)
    for (const method of ['GET', 'PUT']) expect((await site.request(undefined, method, path)).status).toBe(405)
  })

  it('is stopped where it guesses the word', async () => {
    const c = await consumer()
    const request = keysOf((await askFor(c)).body)
    await authorize(request.id)
    for (let i = 0; i < 20; i++) expect((await collect(c, request, 'AAAAAAAA')).status).toBe(401)
    expect((await collect(c, request, 'AAAAAAAA')).status).toBe(429)
  })
})

describe('whoever agrees', () => {
  it('lends roles of their own in that project, by name or by id, and nobody else agrees again', async () => {
    const c = await consumer()
    const request = keysOf((await askFor(c)).body)
    for (const given of [undefined, [], 'member', [{}], [{ id: roles['member'], name: 'member' }], [{ id: roles['member'], x: 1 }]])
      expect((await site.request(admin, 'PUT', `/v3/OS-OAUTH1/authorize/${request.id}`, { roles: given })).status).toBe(400)
    expect((await authorize(request.id, admin, [{ name: 'none such' }])).status).toBe(404)
    expect((await authorize(request.id, admin, [{ id: roles['service'] }])).status).toBe(401)
    expect((await authorize('f'.repeat(32))).status).toBe(404)
    expect((await authorize(request.id)).status).toBe(200)
    const second = await site.door.ensureUser('second', 'x', { defaultProject: project })
    await site.door.grant(second, 'admin', { project })
    expect((await authorize(request.id, await site.token('second', 'x'))).status).toBe(404)
    const plain = await site.door.ensureUser('plain', 'x', { defaultProject: project })
    await site.door.grant(plain, 'member', { project })
    expect((await authorize(request.id, await site.token('plain', 'x'))).status).toBe(403)
  })

  it('has eight hours, and what was lent a day', async () => {
    const c = await consumer()
    const late = keysOf((await askFor(c)).body)
    await clock.advance(8 * 3_600_000)
    expect((await authorize(late.id)).status).toBe(404)
    const { consumer: mine, access } = await lent()
    expect((await login(mine, access)).status).toBe(201)
    await clock.advance(24 * 3_600_000)
    expect((await login(mine, access)).status).toBe(401)
    const listed = async () =>
      (await site.request(admin, 'GET', `/v3/users/${user}/OS-OAUTH1/access_tokens`)).body.access_tokens.map((t: any) => t.id)
    expect(await listed()).toContain(access.id)
    const next = keysOf((await askFor(mine)).body)
    const { oauth_verifier: verifier } = (await authorize(next.id)).body.token
    expect((await collect(mine, next, verifier)).status).toBe(201)
    expect(await listed()).not.toContain(access.id)
  })

  it('sees what was lent, its roles, and takes it back: its tokens end at once', async () => {
    const { consumer: c, access } = await lent()
    const token = (await login(c, access)).headers['x-subject-token']!
    const at = `/v3/users/${user}/OS-OAUTH1/access_tokens`
    const { access_tokens, links } = (await site.request(admin, 'GET', at)).body
    const mine = access_tokens.find((t: any) => t.id === access.id)
    expect(mine).toEqual({
      id: access.id,
      consumer_id: c.id,
      project_id: project,
      authorizing_user_id: user,
      expires_at: access.expires,
      links: { self: expect.stringMatching(`${at}/${access.id}$`), roles: expect.stringMatching(`${at}/${access.id}/roles$`) },
    })
    expect(links).toMatchObject({ next: null, previous: null })
    const one = `${at}/${access.id}`
    expect((await site.request(admin, 'GET', one)).body.access_token).toEqual(mine)
    expect((await site.request(admin, 'GET', `${one}/roles`)).body.roles).toMatchObject([{ id: roles['member'], name: 'member' }])
    expect((await site.request(admin, 'GET', `${one}/roles/${roles['member']}`)).body.role).toMatchObject({ name: 'member' })
    expect((await site.request(admin, 'GET', `${one}/roles/${roles['admin']}`)).status).toBe(404)
    const stranger = await site.door.ensureUser('stranger', 'x', { defaultProject: project })
    await site.door.grant(stranger, 'member', { project })
    const theirs = await site.token('stranger', 'x')
    for (const [method, path] of [
      ['GET', at],
      ['GET', one],
      ['DELETE', one],
    ] as const)
      expect((await site.request(theirs, method, path)).status).toBe(403)
    expect((await site.request(theirs, 'DELETE', `/v3/users/${stranger}/OS-OAUTH1/access_tokens/${access.id}`)).status).toBe(404)
    expect((await site.request(admin, 'DELETE', one)).status).toBe(204)
    expect((await site.request(admin, 'DELETE', one)).status).toBe(404)
    expect((await site.request(token, 'GET', '/v3/auth/projects')).status).toBe(401)
    expect((await login(c, access)).status).toBe(401)
  })
})

describe('a token that was lent', () => {
  it('lends nothing on and makes nothing that outlives it', async () => {
    const { consumer: c, access } = await lent([{ name: 'admin' }])
    const token = (await login(c, access)).headers['x-subject-token']!
    const by = (method: string, path: string, body?: object) => site.request(token, method, path, body).then(answer => answer.status)
    const chain = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['token'], token: { id: token } } },
    })
    expect(chain.status).toBe(403)
    const request = keysOf((await askFor(await consumer())).body)
    expect((await authorize(request.id, token)).status).toBe(403)
    expect(await by('GET', `/v3/users/${user}/OS-OAUTH1/access_tokens`)).toBe(403)
    expect(await by('POST', `/v3/users/${user}/application_credentials`, { application_credential: { name: 'x' } })).toBe(403)
    const trust = { trustor_user_id: user, trustee_user_id: user, project_id: project, impersonation: false, roles: [{ name: 'member' }] }
    expect(await by('POST', '/v3/OS-TRUST/trusts', { trust })).toBe(403)
    expect(await by('POST', `/v3/users/${user}/credentials/OS-EC2`, { tenant_id: project })).toBe(403)
    const keys = { access: 'lent keys', secret: 'very secret' }
    const blob = JSON.stringify({ ...keys, access_token_id: access.id })
    const made = await site.ask('POST', '/v3/credentials', { credential: { user_id: user, project_id: project, type: 'ec2', blob } })
    expect(made.status).toBe(201)
    const text = 'GET\n\n\nx\n/bucket'
    const exchange = () =>
      site.request(site.admin, 'POST', '/v3/s3tokens', {
        credentials: {
          access: keys.access,
          signature: createHmac('sha1', keys.secret).update(text).digest('base64'),
          token: Buffer.from(text).toString('base64url'),
        },
      })
    expect((await exchange()).body.token['OS-OAUTH1']).toEqual({ access_token_id: access.id, consumer_id: c.id })
    await site.ask('DELETE', `/v3/users/${user}/OS-OAUTH1/access_tokens/${access.id}`)
    expect((await exchange()).status).toBe(401)
  })

  it.each<[string, () => Promise<{ id: string; name: string; end: (consumer: string, project: string) => Promise<unknown> }>]>([
    ['its program goes', async () => ({ ...(await lender()), end: c => site.ask('DELETE', `/v3/OS-OAUTH1/consumers/${c}`) })],
    [
      'the password changes',
      async () => {
        const who = await lender()
        return { ...who, end: () => site.ask('PATCH', `/v3/users/${who.id}`, { user: { password: 'y' } }) }
      },
    ],
    ['the project goes', async () => ({ ...(await lender()), end: (_, place) => site.ask('DELETE', `/v3/projects/${place}`) })],
    [
      'its user loses the role',
      async () => {
        const who = await lender()
        return { ...who, end: (_, place) => site.ask('DELETE', `/v3/projects/${place}/users/${who.id}/roles/${roles['admin']}`) }
      },
    ],
  ])('ends when %s', async (_, open) => {
    const who = await open()
    const place = (await site.make('project', { name: `place ${++count}` })).id
    await site.door.grant(who.id, 'admin', { project: place })
    const theirs = await site.token(who.name, 'x', { project: { id: place } })
    const c = await consumer()
    const request = keysOf((await askFor(c, undefined, place)).body)
    const { oauth_verifier: verifier } = (await authorize(request.id, theirs, [{ name: 'admin' }])).body.token
    const access = keysOf((await collect(c, request, verifier)).body)
    const token = (await login(c, access)).headers['x-subject-token']!
    expect((await site.request(token, 'GET', '/v3/auth/projects')).status).toBe(200)
    await who.end(c.id, place)
    expect((await site.request(token, 'GET', '/v3/auth/projects')).status).toBe(401)
  })

  const lender = async () => {
    const name = `lender ${++count}`
    return { id: await site.door.ensureUser(name, 'x'), name }
  }
})

import { createHmac } from 'node:crypto'
import { fromMillis } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { CLIENT, type Provider, startProvider } from './provider.ts'
import { openSite, type Site } from './site.ts'

const FED = '/v3/OS-FEDERATION'
const DASHBOARD = 'http://dashboard.test/auth/websso/'
// Signatures are made and judged by the real time.
const clock = fakeClock(fromMillis(Date.now()))
let provider: Provider
let site: Site
let project: string
let staff: string
let member: string

beforeAll(async () => {
  provider = await startProvider()
  const client = { issuer: provider.issuer, clientId: CLIENT.id }
  site = await openSite({
    clock,
    config: {
      oidc: {
        corp: { ...client, clientSecret: CLIENT.secret },
        curious: { ...client, userinfo: true },
        elsewhere: { issuer: 'http://127.0.0.1:9', clientId: 'x' },
      },
      trustedDashboards: [DASHBOARD],
    },
  })
  project = await site.door.ensureProject('lab')
  staff = (await site.make('group', { name: 'staff', domain_id: 'default' })).id
  member = (await site.ask('GET', '/v3/roles?name=member')).body.roles[0].id
  await site.ask('PUT', `/v3/projects/${project}/groups/${staff}/roles/${member}`)
  await mapping('people', [
    {
      local: [{ user: { name: '{0}', email: '{1}' } }, { groups: '{2}', domain: { id: 'default' } }],
      remote: [{ type: 'OIDC-preferred_username' }, { type: 'OIDC-email' }, { type: 'OIDC-groups' }],
    },
  ])
  await idp('corp', { remote_ids: [provider.issuer] })
  await idp('curious')
  await idp('elsewhere')
}, 60_000)
afterAll(async () => {
  await site?.close()
  await provider?.close()
})

const ok = async (method: string, path: string, body?: unknown) => {
  const answer = await site.ask(method, `${FED}${path}`, body)
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body
}
const mapping = (id: string, rules: unknown, schema_version?: string) =>
  ok('PUT', `/mappings/${id}`, { mapping: { rules, ...(schema_version ? { schema_version } : {}) } })
const idp = async (id: string, fields: object = {}, by = 'people') => {
  const made = await ok('PUT', `/identity_providers/${id}`, { identity_provider: { enabled: true, ...fields } })
  await ok('PUT', `/identity_providers/${id}/protocols/openid`, { protocol: { mapping_id: by } })
  return made.identity_provider
}
const use = (id: string) => ok('PATCH', '/identity_providers/corp/protocols/openid', { protocol: { mapping_id: id } })

const ada = { sub: '1', preferred_username: 'ada', email: 'ada@corp.test', groups: ['staff', 'unknown here'] }
const enter = (token: string, at = 'corp') =>
  site.request(undefined, 'POST', `${FED}/identity_providers/${at}/protocols/openid/auth`, undefined, { authorization: `Bearer ${token}` })
const arrive = async (claims: object = ada, at = 'corp') => {
  const answer = await enter(await provider.jwt(claims as never), at)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return { id: answer.headers['x-subject-token']!, token: answer.body.token }
}
const scoped = (token: string, scope: unknown = { project: { id: project } }) =>
  site.request(undefined, 'POST', '/v3/auth/tokens', { auth: { identity: { methods: ['token'], token: { id: token } }, scope } })

let count = 0

describe('an identity provider', () => {
  it('is made with a domain of its own, listed, changed and ended', async () => {
    const made = await idp('partner', { description: 'd', remote_ids: ['https://partner.test'], authorization_ttl: 60 })
    expect(made).toMatchObject({ id: 'partner', enabled: true, description: 'd', authorization_ttl: 60 })
    expect(made.links).toEqual({
      self: expect.stringMatching(`${FED}/identity_providers/partner$`),
      protocols: expect.stringMatching(`${FED}/identity_providers/partner/protocols$`),
    })
    expect((await site.ask('GET', `/v3/domains/${made.domain_id}`)).body.domain.enabled).toBe(true)
    const again = await site.ask('PUT', `${FED}/identity_providers/partner`, { identity_provider: {} })
    expect(again.status).toBe(409)
    const same = { identity_provider: { remote_ids: ['https://partner.test'] } }
    expect((await site.ask('PUT', `${FED}/identity_providers/thief`, same)).status).toBe(409)
    expect((await site.ask('GET', `${FED}/identity_providers/thief`)).status).toBe(404)
    expect((await ok('GET', '/identity_providers?id=partner')).identity_providers.length).toBe(1)
    const protocol = await ok('GET', '/identity_providers/partner/protocols/openid')
    expect(protocol.protocol).toMatchObject({ id: 'openid', mapping_id: 'people', remote_id_attribute: null })
    expect((await ok('GET', '/identity_providers/partner/protocols')).protocols.length).toBe(1)
    const put = (body: object) => site.ask('PUT', `${FED}/identity_providers/partner/protocols/other`, { protocol: body })
    expect((await put({ mapping_id: 'none' })).status).toBe(400)
    expect((await put({})).status).toBe(400)
    expect((await site.ask('DELETE', `${FED}/mappings/people`)).status).toBe(409)
    await ok('DELETE', '/identity_providers/partner/protocols/openid')
    await ok('DELETE', '/identity_providers/partner')
    expect((await site.ask('GET', `${FED}/identity_providers/partner`)).status).toBe(404)
  })

  it('is an administrator’s affair, and so are mappings and service providers', async () => {
    const user = await site.door.ensureUser('plain', 'x', { defaultProject: project })
    await site.door.grant(user, 'member', { project })
    const token = await site.token('plain', 'x')
    for (const what of ['identity_providers', 'mappings', 'service_providers', 'identity_providers/corp/protocols'])
      expect((await site.request(token, 'GET', `${FED}/${what}`)).status).toBe(403)
    for (const what of ['identity_providers/x', 'mappings/x', 'service_providers/x', 'identity_providers/corp/protocols/x'])
      expect((await site.request(token, 'PUT', `${FED}/${what}`, {})).status).toBe(403)
    const sp = { service_provider: { auth_url: 'https://sp.test/auth', sp_url: 'https://sp.test/sp' } }
    expect((await ok('PUT', '/service_providers/sp', sp)).service_provider).toMatchObject({ enabled: false, relay_state_prefix: 'ss:mem:' })
    const wrong = await site.ask('PUT', `${FED}/mappings/wrong`, { mapping: { rules: [{ local: [], remote: [] }] } })
    expect([wrong.status, wrong.body.error.message]).toEqual([400, expect.stringContaining('remote must be a list that is not empty')])
  })
})

describe('a bearer token of the provider', () => {
  it('becomes one of ours, for a user who is made at the first time', async () => {
    const first = await arrive()
    expect(first.token).toMatchObject({
      methods: ['mapped'],
      user: {
        name: 'ada',
        'OS-FEDERATION': { groups: [{ id: staff }], identity_provider: { id: 'corp' }, protocol: { id: 'openid' } },
      },
    })
    expect(first.token.project).toBeUndefined()
    const corp = (await ok('GET', '/identity_providers/corp')).identity_provider
    const { user } = (await site.ask('GET', `/v3/users/${first.token.user.id}`)).body
    expect(user).toMatchObject({
      name: 'ada',
      email: 'ada@corp.test',
      domain_id: corp.domain_id,
      federated: [{ idp_id: 'corp', protocols: [{ protocol_id: 'openid', unique_id: 'ada' }] }],
    })
    expect((await arrive()).token.user.id).toBe(first.token.user.id)
    // Nobody logs in as such a user with a password.
    expect((await site.login('ada', '')).status).toBe(401)
  })

  it('gives the roles of the groups that it names, and no more', async () => {
    const { id } = await arrive()
    const projects = await site.request(id, 'GET', '/v3/auth/projects')
    expect(projects.body.projects.map((p: any) => p.id)).toEqual([project])
    const answer = await scoped(id)
    expect(answer.status).toBe(201)
    expect(answer.body.token).toMatchObject({ methods: ['token', 'mapped'], project: { id: project } })
    expect(answer.body.token.user['OS-FEDERATION'].groups).toEqual([{ id: staff }])
    const caller = await site.door.authenticate(answer.headers['x-subject-token']!)
    expect(caller).toMatchObject({ user: { name: 'ada' }, roles: ['member', 'reader'] })
    const guest = await arrive({ ...ada, preferred_username: 'guest', groups: ['none'] })
    expect((await scoped(guest.id)).status).toBe(401)
    expect((await scoped(id, { project: { id: site.ids.project } })).status).toBe(401)
  })

  it('counts only when the provider made it, for us, and not long ago', async () => {
    const bad = [
      await provider.jwt(ada, { foreignKey: true }),
      await provider.jwt(ada, { expires: -60 }),
      await provider.jwt({ ...ada, aud: 'somebody else' }),
      await provider.jwt({ ...ada, iss: 'https://other.test' }),
      await provider.jwt(ada, { algorithm: 'none' }),
      `${await provider.jwt(ada)}x`,
      'rubbish',
      'a.b.c',
    ]
    for (const token of bad) expect((await enter(token)).status, token).toBe(401)
    expect((await site.request(undefined, 'GET', `${FED}/identity_providers/corp/protocols/openid/auth`)).status).toBe(401)
    expect((await enter(await provider.jwt({ ...ada, aud: 'account', azp: CLIENT.id }))).status).toBe(201)
  })

  it('may be one that only the provider can read', async () => {
    const token = provider.opaque({ ...ada, iss: provider.issuer })
    const answer = await enter(token)
    expect([answer.status, answer.body.token.user.name]).toEqual([201, 'ada'])
    expect((await enter(provider.opaque({ ...ada, client_id: 'other' }))).status).toBe(401)
    expect((await enter(provider.opaque({ ...ada, iss: 'https://other.test' }))).status).toBe(401)
  })

  it('is asked about at the provider where that is wanted', async () => {
    await mapping('departments', [{ local: [{ user: { name: '{0} of {1}' } }], remote: [{ type: 'sub' }, { type: 'department' }] }])
    await ok('PATCH', '/identity_providers/curious/protocols/openid', { protocol: { mapping_id: 'departments' } })
    expect((await arrive(ada, 'curious')).token.user.name).toBe('1 of physics')
  })

  it('is refused with a reason when no rule is about its user', async () => {
    const answer = await enter(await provider.jwt({ sub: 'x' }))
    expect([answer.status, answer.body.error.message]).toEqual([401, expect.stringContaining('Could not map any federated user')])
  })

  it('is not looked at for a provider that is off, unknown, another, or away', async () => {
    const token = await provider.jwt(ada)
    await ok('PATCH', '/identity_providers/corp', { identity_provider: { enabled: false } })
    expect((await enter(token)).status).toBe(403)
    await ok('PATCH', '/identity_providers/corp', { identity_provider: { enabled: true, remote_ids: ['https://another.test'] } })
    expect((await enter(token)).status).toBe(403)
    await ok('PATCH', '/identity_providers/corp', { identity_provider: { remote_ids: [provider.issuer] } })
    expect((await enter(token, 'nobody')).status).toBe(404)
    expect((await enter(token, 'elsewhere')).status).toBe(503)
    await idp('unconfigured')
    expect((await enter(token, 'unconfigured')).status).toBe(501)
    expect((await enter(token)).status).toBe(201)
  })
})

describe('what a provider gave', () => {
  it('ends with it: its users are out when it is off, and gone when it is', async () => {
    await idp('brief')
    // The same client under another name.
    const { id, token } = await arrive(ada, 'curious')
    const { id: kept } = await arrive()
    expect(await site.door.authenticate(id)).toBeDefined()
    await ok('PATCH', '/identity_providers/curious', { identity_provider: { enabled: false } })
    expect(await site.door.authenticate(id)).toBeUndefined()
    expect(await site.door.authenticate(kept)).toBeDefined()
    await ok('PATCH', '/identity_providers/curious', { identity_provider: { enabled: true } })
    await ok('DELETE', '/identity_providers/curious')
    expect((await site.ask('GET', `/v3/users/${token.user.id}`)).status).toBe(404)
    expect(await site.door.authenticate(id)).toBeUndefined()
  })

  it('is its user’s for a while, also for programs and without the group in the token, when it says for how long', async () => {
    await ok('PATCH', '/identity_providers/corp', { identity_provider: { authorization_ttl: 60 } })
    const { id, token } = await arrive()
    const at = (await scoped(id)).headers['x-subject-token']!
    const made = await site.request(at, 'POST', `/v3/users/${token.user.id}/application_credentials`, {
      application_credential: { name: 'ci' },
    })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    const { id: credential, secret } = made.body.application_credential
    const login = () =>
      site.request(undefined, 'POST', '/v3/auth/tokens', {
        auth: { identity: { methods: ['application_credential'], application_credential: { id: credential, secret } } },
      })
    expect((await login()).status).toBe(201)
    // The next login names the group no more.
    await arrive({ ...ada, groups: ['other'] })
    expect((await login()).status).toBe(401)
    await ok('PATCH', '/identity_providers/corp', { identity_provider: { authorization_ttl: null } })
  })

  it('can be projects; from version 3.0 on roles are taken back too', async () => {
    const rules = (roles: string[]) => [
      {
        local: [{ user: { name: '{0}' } }, { projects: [{ name: 'of {0}', roles: roles.map(name => ({ name })) }] }],
        remote: [{ type: 'preferred_username' }],
      },
    ]
    await mapping('homes', rules(['member', 'lessee']), '3.0')
    await use('homes')
    const grace = { sub: '2', preferred_username: 'grace' }
    const { id, token } = await arrive(grace)
    const [home] = (await site.request(id, 'GET', '/v3/auth/projects')).body.projects
    expect(home.name).toBe('of grace')
    const roles = async () =>
      (await scoped((await arrive(grace)).id, { project: { id: home.id } })).body.token.roles.map((r: any) => r.name)
    expect(await roles()).toEqual(['lessee', 'member', 'reader'])
    await ok('PATCH', '/mappings/homes', { mapping: { rules: rules(['member']), schema_version: '3.0' } })
    expect(await roles()).toEqual(['member', 'reader'])
    await ok('PATCH', '/mappings/homes', { mapping: { rules: rules(['no such role']), schema_version: '3.0' } })
    expect((await enter(await provider.jwt(grace))).status).toBe(401)
    await ok('PATCH', '/mappings/homes', {
      mapping: { rules: [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'preferred_username' }] }] },
    })
    await arrive(grace)
    expect((await site.ask('GET', `/v3/projects/${home.id}/users/${token.user.id}/roles`)).body.roles).toEqual([])
    await use('people')
  })

  it('can be a user who is here already', async () => {
    const here = await site.door.ensureUser('here', 'x')
    await mapping('locals', [
      { local: [{ user: { name: '{0}', domain: { id: 'default' }, type: 'local' } }], remote: [{ type: 'preferred_username' }] },
    ])
    await use('locals')
    const { token } = await arrive({ sub: '3', preferred_username: 'here' })
    expect(token.user).toMatchObject({ id: here, domain: { id: 'default' } })
    expect(token.user['OS-FEDERATION']).toBeUndefined()
    expect((await enter(await provider.jwt({ sub: '3', preferred_username: 'not here' }))).status).toBe(401)
    await use('people')
  })
})

describe('a browser', () => {
  const start = (path: string, origin = DASHBOARD) =>
    site.request(undefined, 'GET', `/v3/auth/OS-FEDERATION/${path}?origin=${encodeURIComponent(origin)}`)
  const WAY = 'identity_providers/corp/protocols/openid/websso'
  /** At the provider, and with what it says back at ours. */
  const back = async (location: string) => {
    const reply = await fetch(location, { redirect: 'manual' })
    const url = new URL(reply.headers.get('location')!)
    return { path: url.pathname.replace('/identity', '') + url.search }
  }
  const cookieOf = (answer: { headers: Readonly<Record<string, string | undefined>> }) =>
    String(answer.headers['set-cookie']).split(';')[0]!

  it('is sent to the provider and comes back to the dashboard with a token', async () => {
    provider.person = ada
    const sent = await start(WAY)
    expect(sent.status, JSON.stringify(sent.body)).toBe(302)
    expect(sent.headers['set-cookie']).toMatch(
      /^esi_federation=\S+; Path=\/identity\/v3\/OS-FEDERATION\/oidc\/callback; Max-Age=600; HttpOnly; SameSite=Lax$/,
    )
    const location = new URL(sent.headers['location']!)
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      client_id: CLIENT.id,
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
    })
    // What is secret stays secret, in the cookie too.
    expect(sent.headers['set-cookie']).not.toContain(location.searchParams.get('state'))
    const { path } = await back(location.href)
    const done = await site.request(undefined, 'GET', path, undefined, { cookie: `other=1; ${cookieOf(sent)}` })
    expect(done.status, JSON.stringify(done.body)).toBe(200)
    expect(done.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(done.headers['content-security-policy']).toContain('form-action http://dashboard.test')
    expect(done.body).toContain(`action="${DASHBOARD}"`)
    const token = /name="token" value="([^"]+)"/.exec(done.body)![1]!
    expect(await site.door.authenticate(token)).toMatchObject({ user: { name: 'ada' } })
    expect(done.headers['set-cookie']).toContain('Max-Age=0')
    // A code is good once.
    expect((await site.request(undefined, 'GET', path, undefined, { cookie: cookieOf(sent) })).status).toBe(401)
  })

  it('is not let in by another’s journey, without one, or too late', async () => {
    const [mine, theirs] = [await start(WAY), await start(WAY)]
    const { path } = await back(mine.headers['location']!)
    expect((await site.request(undefined, 'GET', path)).status).toBe(401)
    expect((await site.request(undefined, 'GET', path, undefined, { cookie: cookieOf(theirs) })).status).toBe(401)
    expect((await site.request(undefined, 'GET', path, undefined, { cookie: 'esi_federation=rubbish' })).status).toBe(401)
    const refused = path.replace(/code=[^&]+/, 'error=access_denied')
    expect((await site.request(undefined, 'GET', refused, undefined, { cookie: cookieOf(mine) })).status).toBe(401)
    await clock.advance(600_000)
    expect((await site.request(undefined, 'GET', path, undefined, { cookie: cookieOf(mine) })).status).toBe(401)
  })

  it('goes only to dashboards that the operator named', async () => {
    for (const origin of ['http://evil.test/', `${DASHBOARD}x`]) expect((await start(WAY, origin)).status).toBe(401)
    expect((await site.request(undefined, 'GET', `/v3/auth/OS-FEDERATION/${WAY}`)).status).toBe(400)
  })

  it('needs no provider’s name where only one can be meant', async () => {
    expect((await start('websso/saml2')).status).toBe(404)
    // The other one that is configured cannot be reached, but could be meant.
    expect((await start('websso/openid')).status).toBe(400)
    await ok('PATCH', '/identity_providers/elsewhere', { identity_provider: { enabled: false } })
    expect((await start('websso/openid')).status).toBe(302)
  })
})

it('a provider that fails is told as such, and asked again the next time', async () => {
  const other = await startProvider()
  const lonely = await openSite({ config: { oidc: { corp: { issuer: other.issuer, clientId: CLIENT.id } } }, clock })
  try {
    const put = (path: string, body: object) => lonely.ask('PUT', `${FED}${path}`, body)
    await put('/mappings/m', { mapping: { rules: [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'sub' }] }] } })
    await put('/identity_providers/corp', { identity_provider: { enabled: true } })
    await put('/identity_providers/corp/protocols/openid', { protocol: { mapping_id: 'm' } })
    const token = await other.jwt({ sub: 'x', exp: Math.floor(clock.millis() / 1000) + 3600 }, { expires: 7200 })
    const at = (headers: Record<string, string>) =>
      lonely.request(undefined, 'GET', `${FED}/identity_providers/corp/protocols/openid/auth`, undefined, headers)
    other.broken = true
    const away = await at({ authorization: `Bearer ${token}` })
    expect([away.status, away.headers['retry-after']]).toEqual([503, '5'])
    other.broken = false
    expect((await at({ authorization: `Bearer ${token}` })).status).toBe(201)
    // A public client cannot ask the provider what an opaque token says.
    expect((await at({ authorization: `Bearer ${other.opaque({ sub: 'x' })}` })).status).toBe(401)
  } finally {
    await lonely.close()
    await other.close()
  }
})

describe('a user who is known beforehand', () => {
  const at = (unique: string, protocol = 'openid', provider = 'corp') => ({
    idp_id: provider,
    protocols: [{ protocol_id: protocol, unique_id: unique }],
  })
  // The site's clock is ahead of the provider's by now.
  const come = async (name: string) => enter(await provider.jwt({ ...ada, preferred_username: name }, { expires: 100_000_000 }))
  const users = async (query: string) => (await site.ask('GET', `/v3/users?${query}`)).body.users.map((u: any) => u.name)

  beforeAll(async () => {
    await use('people')
  })

  it('is let in by the provider as themselves, under their own name, and stays when it goes', async () => {
    await idp('afar', { enabled: true })
    const made = await site.make('user', { name: 'grace', password: 'pw', federated: [at('grace@corp'), at('g', 'openid', 'afar')] })
    expect(made.federated).toEqual([at('g', 'openid', 'afar'), at('grace@corp')])
    const { token } = (await come('grace@corp')).body
    expect(token.user).toMatchObject({ id: made.id, name: 'grace', domain: { id: 'default' } })
    expect((await site.login('grace', 'pw')).status).toBe(201)
    expect(await users('idp_id=afar')).toEqual(['grace'])
    expect(await users('idp_id=afar&unique_id=grace@corp')).toEqual([])
    expect(await users('idp_id=corp&protocol_id=openid&unique_id=grace@corp')).toEqual(['grace'])
    await ok('DELETE', '/identity_providers/afar')
    expect((await site.ask('GET', `/v3/users/${made.id}`)).body.user.federated).toEqual([at('grace@corp')])
  })

  it('is one person to a provider, in ways that there are', async () => {
    const make = async (federated: unknown) =>
      (await site.ask('POST', '/v3/users', { user: { name: `linus ${++count}`, federated } })).status
    for (const wrong of [
      'corp',
      [{}],
      [{ idp_id: 'corp' }],
      [{ idp_id: 'corp', protocols: [] }],
      [at('')],
      [at('x', 'none')],
      [at('x', 'openid', 'none')],
    ])
      expect(await make(wrong), JSON.stringify(wrong)).toBe(400)
    expect(await make([at('linus@corp')])).toBe(201)
    expect(await make([at('linus@corp')])).toBe(409)
    const { id } = await site.make('user', { name: 'ken', federated: [at('ken@corp')] })
    const change = (federated: unknown) => site.ask('PATCH', `/v3/users/${id}`, { user: { federated } })
    expect((await change([at('linus@corp')])).status).toBe(409)
    expect((await change([at('ken@labs')])).body.user.federated).toEqual([at('ken@labs')])
    expect((await change([])).body.user.federated).toEqual([at('ken@labs')])
  })

  it('is known so by the word of administrators only: others would get in as whom they like', async () => {
    const domain = (await site.make('domain', { name: 'managed' })).id
    const boss = (await site.make('user', { name: 'boss', password: 'pw', domain_id: domain })).id
    const manager = (await site.ask('GET', '/v3/roles?name=manager')).body.roles[0].id
    await site.ask('PUT', `/v3/domains/${domain}/users/${boss}/roles/${manager}`)
    const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: { identity: { methods: ['password'], password: { user: { id: boss, password: 'pw' } } }, scope: { domain: { id: domain } } },
    })
    const token = login.headers['x-subject-token']!
    const make = (more: object) => site.request(token, 'POST', '/v3/users', { user: { name: `m ${++count}`, domain_id: domain, ...more } })
    expect((await make({ federated: [at('victim@corp')] })).status).toBe(403)
    const plain = await make({})
    expect(plain.status).toBe(201)
    const path = `/v3/users/${plain.body.user.id}`
    expect((await site.request(token, 'PATCH', path, { user: { federated: [at('victim@corp')] } })).status).toBe(403)
  })

  it('comes by the provider only where nobody else knows them: not by a device of their own', async () => {
    const { token } = (await come('tess')).body
    await site.ask('POST', '/v3/credentials', {
      credential: { type: 'totp', user_id: token.user.id, blob: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' },
    })
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(clock.millis() / 30_000)))
    const hash = createHmac('sha1', '12345678901234567890').update(counter).digest()
    const passcode = String((hash.readUInt32BE(hash[19]! & 15) & 0x7fff_ffff) % 1_000_000).padStart(6, '0')
    const login = (id: string) =>
      site.request(undefined, 'POST', '/v3/auth/tokens', { auth: { identity: { methods: ['totp'], totp: { user: { id, passcode } } } } })
    expect((await login(token.user.id)).status).toBe(401)
    const { id } = await site.make('user', { name: `local ${++count}` })
    await site.ask('POST', '/v3/credentials', { credential: { type: 'totp', user_id: id, blob: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' } })
    expect((await login(id)).status).toBe(201)
  })

  it('proves what the user’s rules want beside the word of the provider', async () => {
    const { token } = (await come('careful')).body
    const path = `/v3/users/${token.user.id}`
    await site.ask('PATCH', path, { user: { options: { multi_factor_auth_rules: [['mapped', 'totp']] } } })
    expect((await come('careful')).status).toBe(401)
    await site.ask('PATCH', path, { user: { options: { multi_factor_auth_rules: [['mapped']] } } })
    expect((await come('careful')).status).toBe(201)
  })
})

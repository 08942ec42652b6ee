import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Route } from '../../../kit/http/route.ts'
import { type Asker, gaps, matrix, type Question, type Things } from '../../../kit/testing/matrix.ts'
import { type Everybody, everybody, ownThings } from './everybody.ts'
import { askFor, consumerOf, keysOf, lend } from './lending.ts'
import { openSite, type Site } from './site.ts'

// Who may do what: every route, asked by everybody, about things of the default domain that are nobody's of them, and about their own.
// A change of a rule shows here.

let site: Site
let all: Everybody
beforeAll(async () => {
  site = await openSite()
  all = await everybody(site)
}, 120_000)
afterAll(() => site?.close())

let count = 0
const fresh = (word: string) => `${word}-${++count}`

const put = async (path: string, body?: object): Promise<void> => {
  const answer = await site.ask('PUT', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

const of = async (path: string, what: string, fields: object): Promise<string> => {
  const answer = await site.ask('POST', `/v3/${path}`, { [what]: fields })
  if (answer.status !== 201) throw new Error(`no ${what}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body[what].id
}

/** A limit of a project's, and what it limits. */
const limits = async (): Promise<Things> => {
  const service = (await site.make('service', { name: 's', type: fresh('type') })).id
  const project = (await site.make('project', { name: fresh('project'), domain_id: 'default' })).id
  const several = async (what: string, fields: object): Promise<string> => {
    const answer = await site.ask('POST', `/v3/${what}`, { [what]: [{ service_id: service, resource_name: 'things', ...fields }] })
    if (answer.status !== 201) throw new Error(`no ${what}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body[what][0].id
  }
  const registered_limit = await several('registered_limits', { default_limit: 1 })
  const free = (await site.make('project', { name: fresh('project'), domain_id: 'default' })).id
  // One that nothing refers to can be deleted.
  const lone = (await site.make('service', { name: 's', type: fresh('type') })).id
  const registered = await site.ask('POST', '/v3/registered_limits', {
    registered_limits: [{ service_id: lone, resource_name: 'things', default_limit: 1 }],
  })
  return {
    service,
    free,
    limit: await several('limits', { project_id: project, resource_limit: 2 }),
    registered_limit: registered.body.registered_limits[0].id ?? registered_limit,
  }
}

/** What the first administrator lends to a program, or is asked to lend. */
const loans = async ({ spec: { name } }: Route): Promise<Things> => {
  const project = site.ids.project
  const role = all.roles['member']!
  if (name === 'request_token.authorize')
    return { request_token: keysOf((await askFor(site, project, await consumerOf(site))).body).id, user: site.ids.user }
  return { access_token: (await lend(site, site.admin, project, [{ id: role }])).access.id, user: site.ids.user, role }
}

const RULES = { rules: [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'sub' }] }] }

/** A provider with a protocol and a mapping; what the route makes itself only has a name yet. */
const federated = async ({ spec: { name } }: Route): Promise<Things> => {
  const [identity_provider, mapping, service_provider] = [fresh('provider'), fresh('mapping'), fresh('cloud')]
  const at = '/v3/OS-FEDERATION'
  if (name !== 'mapping.create') await put(`${at}/mappings/${mapping}`, { mapping: RULES })
  if (name !== 'identity_provider.create') await put(`${at}/identity_providers/${identity_provider}`, { identity_provider: {} })
  if (/^(protocol|federation)\.(?!create)/.test(name))
    await put(`${at}/identity_providers/${identity_provider}/protocols/openid`, { protocol: { mapping_id: mapping } })
  if (/^service_provider\.(?!create)/.test(name))
    await put(`${at}/service_providers/${service_provider}`, { service_provider: { auth_url: 'http://a.test', sp_url: 'http://b.test' } })
  return { identity_provider, mapping, service_provider, protocol: 'openid' }
}

/** What stands in a path, each with what it needs to be there. */
const things = async (route: Route): Promise<Things> => {
  const { name, path, method } = route.spec
  const in_ = (word: string) => path.includes(`:${word}`)
  if (/^(identity_provider|service_provider|mapping|protocol|federation)\./.test(name)) return federated(route)
  const made: Record<string, string> = { tag: 't' }
  const delegates = /^(application_credential|access_rule|trust|credential|ec2|s3)/.test(name)
  const person = in_('user') || delegates || /^token\.|^user\./.test(name)
  if (person) made['user'] = (await site.make('user', { name: fresh('user'), password: 'x', domain_id: 'default' })).id
  if (in_('group')) made['group'] = (await site.make('group', { name: fresh('group'), domain_id: 'default' })).id
  if (in_('project') || person || name === 'role_assignment.list')
    made['project'] = (await site.make('project', { name: fresh('project'), domain_id: 'default', tags: ['t'] })).id
  if (in_('domain')) made['domain'] = (await site.make('domain', { name: fresh('domain'), enabled: false })).id
  if (in_('role')) made['role'] = (await site.make('role', { name: fresh('role') })).id
  if (in_('implied')) made['implied'] = (await site.make('role', { name: fresh('role') })).id
  if (in_('service') || in_('endpoint') || name.startsWith('endpoint.'))
    made['service'] = (await site.make('service', { name: 's', type: fresh('type') })).id
  if (in_('region')) made['region'] = (await site.make('region', { id: fresh('region') })).id
  if (in_('endpoint') || name === 'endpoint.policy')
    made['endpoint'] = (await site.make('endpoint', { interface: 'public', service_id: made['service'], url: 'http://e.test' })).id
  if (in_('policy') || name === 'endpoint.policy') made['policy'] = await of('policies', 'policy', { blob: 'x', type: 'text/plain' })
  if (in_('endpoint_group'))
    made['endpoint_group'] = await of('OS-EP-FILTER/endpoint_groups', 'endpoint_group', {
      name: fresh('g'),
      filters: { interface: 'public' },
    })
  if (name === 'endpoint.policy') await put(`/v3/policies/${made['policy']}/OS-ENDPOINT-POLICY/endpoints/${made['endpoint']}`)
  if (/^(access_token|request_token)\.(?!create)/.test(name)) Object.assign(made, await loans(route))
  if (in_('consumer')) made['consumer'] = await of('OS-OAUTH1/consumers', 'consumer', {})
  if (/^(registered_)?limit\./.test(name)) Object.assign(made, await limits())
  if (in_('domain') && /^domain_config\.(?!create)/.test(name)) {
    made['option'] = 'url'
    await put(`/v3/domains/${made['domain']}/config`, { config: { ldap: { url: 'ldap://x.test' } } })
  }
  // What one PUT ties is tied already.
  const ties = site.routes.some(r => r.spec.method === 'PUT' && r.spec.path === path) && /(:\w+|inherited_to_projects)$/.test(path)
  // A project is made with its tag.
  if (ties && method !== 'PUT' && !name.startsWith('region.') && !in_('tag'))
    await put(path.replace(/:(\w+)/g, (_, word: string) => made[word]!))
  if (!delegates && !name.startsWith('token.')) return made
  await put(`/v3/projects/${made['project']}/users/${made['user']}/roles/${all.roles['member']}`)
  const { name: login } = (await site.ask('GET', `/v3/users/${made['user']}`)).body.user
  made['token'] = await site.token(login, 'x', { project: { id: made['project'] } })
  return delegates ? { ...made, ...(await ownThings(site, made['token'], made['user']!, made['project'])) } : made
}

/** A group of settings of a domain, and one of them. */
const LDAP = { group: 'ldap', option: 'url' }

type Ask = (things: Things, asker: Asker) => Question
const mine: Ask = (_, { label }) => ({ things: all.own(label) })
const about =
  (what: string, more: (t: Things, a: Asker) => object): Ask =>
  (t, a) => ({ body: { [what]: more(t, a) } })

const QUESTIONS: Readonly<Record<string, Ask>> = {
  'token.issue': t => ({
    body: { auth: { identity: { methods: ['password'], password: { user: { id: t['user'], password: 'x' } } } } },
  }),
  'token.show': t => ({ headers: { 'x-subject-token': t['token']! } }),
  'token.show#own': (_, { label }) => ({ headers: { 'x-subject-token': all.spare(label) ?? 'none' } }),
  'token.revoke': t => ({ headers: { 'x-subject-token': t['token']! } }),
  'token.revoke#own': (_, { label }) => ({ headers: { 'x-subject-token': all.spare(label) ?? 'none' } }),
  'pki.revoked': () => ({ answer: /not authorized/ }),
  'pki.ca': () => ({ answer: /no certificates/ }),
  'pki.certificates': () => ({ answer: /no certificates/ }),
  'project.create': about('project', () => ({ name: fresh('p'), domain_id: 'default' })),
  'project.show#own': (_, { of }) => ({ things: { project: all.projects[of] ?? 'none' } }),
  'project.tags#own': (_, { of }) => ({ things: { project: all.projects[of] ?? 'none' } }),
  'project.tag.add': () => ({ things: { tag: fresh('tag') } }),
  'project.update': about('project', () => ({ description: 'x' })),
  'project.update#own': (_, { of }) => ({ things: { project: all.projects[of] ?? 'none' }, body: { project: { description: 'x' } } }),
  'project.tags.replace': () => ({ body: { tags: ['u'] } }),
  'domain.create': about('domain', () => ({ name: fresh('d') })),
  'domain.show#own': () => ({ things: { domain: 'default' } }),
  'domain.update': about('domain', () => ({ description: 'x' })),
  'user.create': about('user', () => ({ name: fresh('u'), domain_id: 'default' })),
  'user.show#own': mine,
  'user.update': about('user', () => ({ description: 'x' })),
  'user.update#own': (_, { label }) => ({ things: all.own(label), body: { user: { description: 'x' } } }),
  'user.password': about('user', () => ({ original_password: 'x', password: 'y' })),
  'user.projects#own': mine,
  'user.groups#own': mine,
  'group.create': about('group', () => ({ name: fresh('g'), domain_id: 'default' })),
  'group.update': about('group', () => ({ description: 'x' })),
  'role.create': about('role', () => ({ name: fresh('r') })),
  'role.create#of a domain': about('role', () => ({ name: fresh('r'), domain_id: 'default' })),
  'role.show#member': () => ({ things: { role: all.roles['member']! } }),
  'role.update': about('role', () => ({ description: 'x' })),
  'project.user.grant.add#member': () => ({ things: { role: all.roles['member']! } }),
  'role_assignment.list#tree': t => ({ query: `include_subtree=true&scope.project.id=${t['project']}` }),
  'application_credential.create': about('application_credential', () => ({ name: fresh('c') })),
  'application_credential.create#own': (_, { label }) => ({
    things: all.own(label),
    body: { application_credential: { name: fresh('c') } },
  }),
  'application_credential.list#own': mine,
  'application_credential.show#own': mine,
  'application_credential.delete#own': mine,
  'access_rule.list#own': mine,
  'access_rule.show#own': mine,
  'access_rule.delete#own': mine,
  'trust.create': about('trust', (t, { label, of }) => ({
    trustor_user_id: all.own(label)['user'],
    trustee_user_id: t['user'],
    project_id: all.projects[of] ?? null,
    impersonation: false,
    roles: all.projects[of] ? [{ name: 'reader' }] : [],
  })),
  "trust.create#another's": about('trust', t => ({
    trustor_user_id: t['user'],
    trustee_user_id: site.ids.user,
    project_id: t['project'],
    impersonation: false,
    roles: [{ name: 'reader' }],
  })),
  'trust.list#own': (_, { label }) => ({ query: `trustor_user_id=${all.own(label)['user']}` }),
  'trust.show#own': mine,
  'trust.delete#own': mine,
  'trust.role': () => ({ things: { role: all.roles['reader']! } }),
  'credential.create': about('credential', t => ({ user_id: t['user'], type: 'cert', blob: 'x' })),
  'credential.create#own': about('credential', (_, { label }) => ({ user_id: all.own(label)['user'], type: 'cert', blob: 'x' })),
  'credential.show#own': mine,
  'credential.update': about('credential', () => ({ blob: 'y' })),
  'credential.update#own': (_, { label }) => ({ things: all.own(label), body: { credential: { blob: 'y' } } }),
  'credential.delete#own': mine,
  'ec2_credential.create': t => ({ body: { tenant_id: t['project'] } }),
  'ec2_credential.create#own': (t, { label, of }) => ({
    things: all.own(label),
    body: { tenant_id: all.projects[of] ?? t['project'] },
  }),
  'ec2_credential.list#own': mine,
  'ec2_credential.show#own': mine,
  'ec2_credential.delete#own': mine,
  'ec2_token.issue': t => ({
    body: { credentials: { access: t['access'], signature: 'x', host: 'h', verb: 'GET', path: '/', params: {} } },
    answer: /EC2 signature/,
  }),
  's3_token.issue': t => ({
    body: { credentials: { access: t['access'], signature: 'x', token: 'eA==' } },
    answer: /EC2 signature/,
  }),
  // Whoever may is an administrator here, but of other projects: has nothing to lend in this one.
  'request_token.authorize': () => ({ body: { roles: [{ id: all.roles['reader'] }] }, answer: /does not have a role/ }),
  'request_token.create': () => ({ answer: /no OAuth parameters/ }),
  'access_token.create': () => ({ answer: /no OAuth parameters/ }),
  'oauth2.token': () => ({ answer: /grant_type is required/ }),
  'service.create': about('service', () => ({ name: 's', type: fresh('type') })),
  'service.update': about('service', () => ({ description: 'x' })),
  'endpoint.create': about('endpoint', t => ({ interface: 'public', service_id: t['service'], url: 'http://e.test' })),
  'endpoint.update': about('endpoint', () => ({ url: 'http://f.test' })),
  'region.create': about('region', () => ({ id: fresh('region') })),
  'region.update': about('region', () => ({ description: 'x' })),
  'region.put': () => ({ things: { region: fresh('region') }, body: { region: {} } }),
  'policy.create': about('policy', () => ({ blob: 'x', type: 'text/plain' })),
  'policy.update': about('policy', () => ({ blob: 'y' })),
  'endpoint_group.create': about('endpoint_group', () => ({ name: fresh('g'), filters: { interface: 'public' } })),
  'endpoint_group.update': about('endpoint_group', () => ({ description: 'x' })),
  'consumer.create': about('consumer', () => ({})),
  'consumer.update': about('consumer', () => ({ description: 'x' })),
  'registered_limit.create': t => ({
    body: { registered_limits: [{ service_id: t['service'], resource_name: fresh('things'), default_limit: 1 }] },
  }),
  'registered_limit.update': about('registered_limit', () => ({ default_limit: 3 })),
  'limit.create': t => ({
    body: { limits: [{ service_id: t['service'], project_id: t['free'], resource_name: 'things', resource_limit: 1 }] },
  }),
  'limit.update': about('limit', () => ({ resource_limit: 3 })),
  'domain_config.default.group': () => ({ things: LDAP }),
  'domain_config.default.option': () => ({ things: LDAP }),
  'domain_config.create': () => ({ body: { config: { ldap: { url: 'ldap://y.test' } } } }),
  'domain_config.update': () => ({ body: { config: { ldap: { url: 'ldap://y.test' } } } }),
  'domain_config.group.show': () => ({ things: LDAP }),
  'domain_config.group.show#rules for passwords': () => ({ things: { domain: 'default', group: 'security_compliance' } }),
  'domain_config.group.update': () => ({ things: LDAP, body: { config: { ldap: { url: 'ldap://y.test' } } } }),
  'domain_config.group.delete': () => ({ things: LDAP }),
  'domain_config.option.show': () => ({ things: LDAP }),
  'domain_config.option.update': () => ({ things: LDAP, body: { config: { url: 'ldap://y.test' } } }),
  'domain_config.option.delete': () => ({ things: LDAP }),
  'identity_provider.create': about('identity_provider', () => ({})),
  'identity_provider.update': about('identity_provider', () => ({ description: 'x' })),
  'service_provider.create': about('service_provider', () => ({ auth_url: 'http://a.test', sp_url: 'http://b.test' })),
  'service_provider.update': about('service_provider', () => ({ description: 'x' })),
  'mapping.create': about('mapping', () => RULES),
  'mapping.update': about('mapping', () => RULES),
  'protocol.create': about('protocol', t => ({ mapping_id: t['mapping'] })),
  'protocol.update': about('protocol', t => ({ mapping_id: t['mapping'] })),
  // Open to all; the token, the dashboard and the journey that they ask for are the proof.
  'federation.login': () => ({ answer: /requires authentication/ }),
  'federation.login.post': () => ({ answer: /requires authentication/ }),
  'federation.web': () => ({ answer: /must have an origin/ }),
  'federation.web.provider': () => ({ answer: /must have an origin/ }),
  'federation.web.callback': () => ({ answer: /not begun here/ }),
  'rules.explain': () => ({ body: { rule: 'identity:get_user' } }),
  'rules.explain#others': () => ({ body: { rule: 'identity:get_user', who: { roles: ['admin'] } } }),
}

it('is as it was agreed, and leaves no route out', async () => {
  const made = await matrix({
    routes: site.routes,
    things,
    questions: QUESTIONS,
    ask: ({ label }, { spec }, path, { body, headers }) => site.request(all.token(label), spec.method, path, body, headers),
  })
  await expect(made.text).toMatchFileSnapshot('./matrix.txt')
  expect(gaps(made.uncovered, new URL('./uncovered.txt', import.meta.url))).toEqual({ fresh: [], closed: [] })
}, 600_000)

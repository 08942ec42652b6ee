import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Route } from '../../../kit/http/route.ts'
import { type Asker, gaps, matrix, type Question, type Things } from '../../../kit/testing/matrix.ts'
import { type Everybody, everybody, ownThings } from './everybody.ts'
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

const put = async (path: string): Promise<void> => {
  const answer = await site.ask('PUT', path)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** What stands in a path, each with what it needs to be there. */
const things = async ({ spec: { name, path } }: Route): Promise<Things> => {
  const in_ = (word: string) => path.includes(`:${word}`)
  const made: Record<string, string> = { tag: 't' }
  const delegates = /^(application_credential|access_rule|trust|credential|ec2)/.test(name)
  const person = in_('user') || delegates || /^token\.|^user\./.test(name)
  if (person) made['user'] = (await site.make('user', { name: fresh('user'), password: 'x', domain_id: 'default' })).id
  if (in_('group')) made['group'] = (await site.make('group', { name: fresh('group'), domain_id: 'default' })).id
  if (in_('project') || person || name === 'role_assignment.list')
    made['project'] = (await site.make('project', { name: fresh('project'), domain_id: 'default', tags: ['t'] })).id
  if (in_('domain')) made['domain'] = (await site.make('domain', { name: fresh('domain'), enabled: false })).id
  if (in_('role')) made['role'] = (await site.make('role', { name: fresh('role') })).id
  if (in_('implied')) {
    made['implied'] = (await site.make('role', { name: fresh('role') })).id
    await put(`/v3/roles/${made['role']}/implies/${made['implied']}`)
  }
  if (in_('service') || name.startsWith('endpoint.')) made['service'] = (await site.make('service', { name: 's', type: fresh('type') })).id
  if (in_('region')) made['region'] = (await site.make('region', { id: fresh('region') })).id
  if (in_('endpoint'))
    made['endpoint'] = (await site.make('endpoint', { interface: 'public', service_id: made['service'], url: 'http://e.test' })).id
  if (name.startsWith('membership.')) await put(`/v3/groups/${made['group']}/users/${made['user']}`)
  if (name.includes('.grant.'))
    await put(path.replace(/:(\w+)/g, (_, word: string) => made[word]!).replace(/\/roles(?=$|\/inh)/, `/roles/${all.roles['reader']}`))
  if (!delegates && !name.startsWith('token.')) return made
  await put(`/v3/projects/${made['project']}/users/${made['user']}/roles/${all.roles['member']}`)
  const { name: login } = (await site.ask('GET', `/v3/users/${made['user']}`)).body.user
  made['token'] = await site.token(login, 'x', { project: { id: made['project'] } })
  return delegates ? { ...made, ...(await ownThings(site, made['token'], made['user']!, made['project'])) } : made
}

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
  'project.create': about('project', () => ({ name: fresh('p'), domain_id: 'default' })),
  'project.show#own': (_, { of }) => ({ things: { project: all.projects[of] ?? 'none' } }),
  'project.tags#own': (_, { of }) => ({ things: { project: all.projects[of] ?? 'none' } }),
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
  'service.create': about('service', () => ({ name: 's', type: fresh('type') })),
  'service.update': about('service', () => ({ description: 'x' })),
  'endpoint.create': about('endpoint', t => ({ interface: 'public', service_id: t['service'], url: 'http://e.test' })),
  'endpoint.update': about('endpoint', () => ({ url: 'http://f.test' })),
  'region.create': about('region', () => ({ id: fresh('region') })),
  'region.update': about('region', () => ({ description: 'x' })),
  'region.put': () => ({ things: { region: fresh('region') }, body: { region: {} } }),
  'policy.explain': () => ({ body: { rule: 'identity:get_user' } }),
  'policy.explain#others': () => ({ body: { rule: 'identity:get_user', who: { roles: ['admin'] } } }),
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

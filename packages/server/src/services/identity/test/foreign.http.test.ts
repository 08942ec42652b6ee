import { afterAll, beforeAll, expect, it } from 'vitest'
import { hex } from '../../../kit/ids/ids.ts'
import { compareForeign } from '../../../kit/testing/foreign.ts'
import type { Question, Things } from '../../../kit/testing/matrix.ts'
import { ownThings } from './everybody.ts'
import { openSite, type Site } from './site.ts'

// Whatever somebody names that is another's is answered as what is not there: by a plain member of some project, and by whoever manages
// a domain of their own.

let site: Site
let roles: Record<string, string>
beforeAll(async () => {
  site = await openSite()
  roles = Object.fromEntries((await site.ask('GET', '/v3/roles')).body.roles.map((r: any) => [r.name, r.id]))
}, 60_000)
afterAll(() => site?.close())

let count = 0
const put = async (path: string): Promise<void> => {
  const answer = await site.ask('PUT', path)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** People, groups and projects of a domain, and what one of them has. */
const place = async (domain: string, name: string): Promise<Things> => {
  const user = (await site.make('user', { name: `${name}-user`, password: 'x', domain_id: domain })).id
  const group = (await site.make('group', { name: `${name}-group`, domain_id: domain })).id
  const project = (await site.make('project', { name: `${name}-project`, domain_id: domain, tags: [`${name}-tag`] })).id
  const role = (await site.make('role', { name: `${name}-role`, domain_id: domain })).id
  await put(`/v3/groups/${group}/users/${user}`)
  await put(`/v3/projects/${project}/users/${user}/roles/${roles['member']}`)
  await put(`/v3/projects/${project}/groups/${group}/roles/${roles['reader']}`)
  const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: {
      identity: { methods: ['password'], password: { user: { id: user, password: 'x' } } },
      scope: { project: { id: project } },
    },
  })
  return { ...(await ownThings(site, login.headers['x-subject-token']!, user, project)), user, group, project, role, domain }
}

interface Asker {
  readonly token: string
  /** Where what the asker makes is made. */
  readonly domain: string
  own(): Promise<Things>
}

const askers: Readonly<Record<string, () => Promise<Asker>>> = {
  'a member of another project': async () => {
    const name = `own-${++count}`
    const things = await place('default', name)
    const token = await site.token(`${name}-user`, 'x', { project: { id: things['project'] } })
    return {
      token,
      domain: 'default',
      own: async () => ({ ...things, ...(await ownThings(site, token, things['user']!, things['project'])) }),
    }
  },
  'a manager of another domain': async () => {
    const domain = (await site.make('domain', { name: `domain-${++count}` })).id
    const boss = (await site.make('user', { name: 'boss', password: 'x', domain_id: domain })).id
    await put(`/v3/domains/${domain}/users/${boss}/roles/${roles['manager']}`)
    const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { id: boss, password: 'x' } } },
        scope: { domain: { id: domain } },
      },
    })
    return { token: login.headers['x-subject-token']!, domain, own: () => place(domain, `own-${++count}`) }
  },
}

const NOTHING = [
  ...['description', 'enabled', 'password', 'options', 'is_domain', 'limit', 'sort_key', 'sort_dir', 'password_expires_at', 'type', 'url'],
  ...['interface', 'blob', 'unrestricted', 'expires_at', 'access_rules', 'impersonation', 'remaining_uses', 'allow_redelegation', 'secret'],
  ...['redelegation_count', 'rule', 'target', 'who', 'filters', 'region', 'option', 'resource_name', 'resource_limit', 'default_limit'],
  ...[
    'service',
    'service_id',
    'region_id',
    'parent_region_id',
    'endpoint',
    'policy',
    'endpoint_group',
    'consumer',
    'request_token',
    'access_token',
    'registered_limit',
    'limit',
  ],
  // Things of the site, made and seen by administrators.
  ...[
    'federated',
    'idp_id',
    'protocol_id',
    'unique_id',
    'identity_provider',
    'remote_ids',
    'authorization_ttl',
    'service_provider',
    'auth_url',
    'sp_url',
    'relay_state_prefix',
    'mapping',
  ],
  ...['rules', 'schema_version', 'protocol', 'id', 'marker', 'name'],
  ...['rules.list name', 'implied', 'tag', 'tags', 'tags-any', 'not-tags', 'not-tags-any'],
  ...['domain_config.group.show group', 'domain_config.group.update group', 'domain_config.group.delete group'],
  ...['domain_config.option.show group', 'domain_config.option.update group', 'domain_config.option.delete group'],
  ...['domain_config.default.group group', 'domain_config.default.option group'],
  ...['service', 'endpoint', 'region', 'policy', 'endpoint_group', 'consumer', 'registered_limit', 'limit'].flatMap(what => [
    `${what}.list marker`,
    `${what}.list id`,
    `${what}.list name`,
    `${what}.create name`,
    `${what}.update name`,
    `${what}.create id`,
  ]),
]

it.each(Object.entries(askers))(
  'by %s',
  async (_, open) => {
    const { token, domain, own } = await open()
    const name = `their-${++count}`
    const theirDomain = (await site.make('domain', { name: `${name}-domain` })).id
    const theirs = await place(theirDomain, name)
    // What is made under a name of theirs has it from then on: further things of theirs are for further questions.
    await place(theirDomain, `${name}-also`)
    const kinds: Record<string, string | null> = {
      ...Object.fromEntries(NOTHING.map(field => [field, null])),
      ...Object.fromEntries(
        ['user', 'group', 'project', 'role', 'application_credential', 'access_rule', 'trust', 'credential', 'access'].map(k => [k, k]),
      ),
      domain: 'domain',
      domain_id: 'domain',
      user_id: 'user',
      tenant_id: 'project',
      project_id: 'project',
      parent_id: 'project',
      default_project_id: 'project',
      trustor_user_id: 'user',
      trustee_user_id: 'user',
      roles: null,
      'user.id': 'user',
      'group.id': 'group',
      'role.id': 'role',
      'scope.project.id': 'project',
      'scope.domain.id': 'domain',
    }
    for (const what of ['user', 'group', 'project', 'role', 'domain', 'credential', 'trust', 'application_credential']) {
      for (const route of ['list', 'create', 'update']) {
        kinds[`${what}.${route} name`] = ['credential', 'trust', 'application_credential', 'domain'].includes(what) ? null : `${what} name`
        if (route === 'update' && kinds[`${what}.update name`]) kinds[`${what}.update name`] = `${what} name too`
        kinds[`${what}.${route} id`] = what
        kinds[`${what}.${route} marker`] = what
      }
    }
    const base = (what: string, fields: object): Question => ({ body: { [what]: fields } })
    const { differ, told, asked } = await compareForeign({
      routes: site.routes.filter(r => !r.spec.name.startsWith('rules.') && r.spec.name !== 'token.issue'),
      kinds,
      foreign: {
        ...theirs,
        ...Object.fromEntries(['user', 'group', 'project', 'role'].map(what => [`${what} name`, `${name}-${what}`])),
        ...Object.fromEntries(['user', 'group', 'project', 'role'].map(what => [`${what} name too`, `${name}-also-${what}`])),
      } as Record<string, string>,
      absent: kind => (/ name( too)?$/.test(kind) ? `no-such-${kind.split(' ')[0]}-${++count}` : hex()),
      secret: [...Object.values(theirs), ...['user', 'group', 'project', 'role'].map(w => `${name}-${w}`)],
      own,
      more: {
        'role_assignment.list': { query: ['user.id', 'group.id', 'role.id', 'scope.project.id', 'scope.domain.id'] },
        'trust.create': { body: ['trustor_user_id', 'trustee_user_id', 'project_id'] },
        'trust.list': { query: ['trustor_user_id', 'trustee_user_id'] },
        'ec2_credential.create': { body: ['tenant_id'] },
        'user.projects': { query: ['domain_id'] },
      },
      questions: {
        'user.create': () => base('user', { name: `new-${++count}`, domain_id: domain }),
        'group.create': () => base('group', { name: `new-${++count}`, domain_id: domain }),
        'project.create': () => base('project', { name: `new-${++count}`, domain_id: domain }),
        'role.create': () => base('role', { name: `new-${++count}`, domain_id: domain }),
        'domain.create': () => base('domain', { name: `new-${++count}` }),
        'user.update': () => base('user', { description: 'x' }),
        'group.update': () => base('group', { description: 'x' }),
        'project.update': () => base('project', { description: 'x' }),
        'user.password': () => base('user', { original_password: 'wrong', password: 'y' }),
        'credential.create': t => base('credential', { user_id: t['user'], type: 'cert', blob: 'x' }),
        'credential.update': () => base('credential', { blob: 'y' }),
        'application_credential.create': () => base('application_credential', { name: `new-${++count}` }),
        'trust.create': t =>
          base('trust', {
            trustor_user_id: t['user'],
            trustee_user_id: site.ids.user,
            project_id: t['project'],
            impersonation: false,
            roles: [{ name: 'reader' }],
          }),
        'ec2_credential.create': t => ({ body: { tenant_id: t['project'] } }),
      },
      fill: ({ spec }, body, field, value) => {
        if (spec.name === 'ec2_credential.create') return { [field]: value }
        const what = spec.name.split('.')[0]!
        return { [what]: { ...((body as Record<string, object> | undefined)?.[what] ?? {}), [field]: value } }
      },
      ask: ({ spec }, path, { body, headers }) => site.request(token, spec.method, path, body, headers),
    })
    expect(told).toEqual([])
    expect(asked).toBeGreaterThan(150)
    expect(differ.filter(d => !OTHERWISE[d.place]?.test(d.foreign))).toEqual([])
  },
  300_000,
)

/** By place: why the two answers cannot be the same. */
const OTHERWISE: Readonly<Record<string, RegExp>> = {
  // Whom one lends to, and what one's keys are for, is named by an id that one must know already; as in the original nothing else of
  // it is told, and nothing can be done with it.
  'trust.create body trustee_user_id': /^201 /,
  'trust.create body project_id': /^404 .*Could not find role/,
  'credential.create body project_id': /^201 /,
  'credential.update body project_id': /^200 /,
  'ec2_credential.create body tenant_id': /^201 /,
}

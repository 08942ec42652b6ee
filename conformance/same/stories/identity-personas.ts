import type { Question, Story } from '../question.ts'
import { differing } from './identity-asking.ts'
import { byPassword, login, OWN } from './identity-logins.ts'

const PASSWORD = 'correct-horse-9'

/** Who reads all of the site or of a domain, who is a member there, and who reads a project; each with a token for it. */
const WHO = {
  sysreader: { at: 'system', scope: { system: { all: true } }, role: 'reader' },
  sysmember: { at: 'system', scope: { system: { all: true } }, role: 'member' },
  domreader: { at: 'domains/$land', scope: { domain: { id: '$land' } }, role: 'reader' },
  dommember: { at: 'domains/$land', scope: { domain: { id: '$land' } }, role: 'member' },
  projreader: { at: 'projects/$p', scope: { project: { id: '$p' } }, role: 'reader' },
} as const

const people: Question[] = [
  { ask: 'POST /v3/domains', body: { domain: { name: 'who-land' } }, keep: { land: 'domain.id' } },
  { ask: 'POST /v3/domains', body: { domain: { name: 'who-far' } }, keep: { far: 'domain.id' } },
  { ask: 'POST /v3/projects', body: { project: { name: 'who-p', domain_id: '$land' } }, keep: { p: 'project.id' } },
  { ask: 'POST /v3/projects', body: { project: { name: 'who-q', domain_id: '$far' } }, keep: { q: 'project.id' } },
  { ask: 'POST /v3/users', body: { user: { name: 'who-u', domain_id: '$land' } }, keep: { u: 'user.id' } },
  { ask: 'POST /v3/users', body: { user: { name: 'who-v', domain_id: '$far' } }, keep: { v: 'user.id' } },
  { ask: 'POST /v3/groups', body: { group: { name: 'who-g', domain_id: '$land' } }, keep: { g: 'group.id' } },
  { ask: 'POST /v3/groups', body: { group: { name: 'who-h', domain_id: '$far' } }, keep: { h: 'group.id' } },
  { ask: 'POST /v3/roles', body: { role: { name: 'who-r' } }, keep: { r: 'role.id' } },
  { ask: 'POST /v3/roles', body: { role: { name: 'who-r', domain_id: '$land' } }, keep: { dr: 'role.id' } },
  { ask: 'POST /v3/services', body: { service: { type: 'who-s', name: 'who-s' } }, keep: { s: 'service.id' } },
  {
    ask: 'POST /v3/endpoints',
    body: { endpoint: { service_id: '$s', interface: 'public', url: 'http://10.0.0.1/' } },
    keep: { e: 'endpoint.id' },
  },
  { ask: 'POST /v3/policies', body: { policy: { blob: '{}', type: 'text/who' } }, keep: { y: 'policy.id' } },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'who', blob: 'x' } }, keep: { c: 'credential.id' } },
  {
    ask: 'POST /v3/registered_limits',
    body: { registered_limits: [{ service_id: '$s', resource_name: 'who', default_limit: 1 }] },
    keep: { rl: 'registered_limits.0.id' },
  },
  {
    ask: 'POST /v3/limits',
    body: { limits: [{ service_id: '$s', resource_name: 'who', project_id: '$p', resource_limit: 1 }] },
    keep: { l: 'limits.0.id' },
  },
  { ask: 'PUT /v3/projects/$p/users/$u/roles/$r' },
  { ask: 'PUT /v3/projects/$q/users/$v/roles/$r' },
  { ask: 'PUT /v3/domains/$land/groups/$g/roles/$r' },
  { ask: 'PUT /v3/groups/$g/users/$u' },
  ...Object.entries(WHO).flatMap(([name, { at, scope, role }]): Question[] => [
    { ask: `POST /v3/users`, body: { user: { name: `who-${name}`, domain_id: '$land', password: PASSWORD } }, keep: { [name]: 'user.id' } },
    { ask: `GET /v3/roles?name=${role}`, keep: { role: 'roles.0.id' } },
    { ask: `PUT /v3/${at}/users/$${name}/roles/$role` },
    login(byPassword({ id: `$${name}`, password: PASSWORD }, scope), { keep: { [`${name}_t`]: 'x-subject-token' } }),
  ]),
]

const READS = [
  '/v3/users?domain_id=$land&name=who-u',
  '/v3/users?domain_id=$far',
  '/v3/users?name=who-v',
  '/v3/users/$u',
  '/v3/users/$v',
  '/v3/users/$u/groups',
  '/v3/users/$u/projects',
  '/v3/users/$v/projects',
  '/v3/groups?domain_id=$land',
  '/v3/groups?name=who-h',
  '/v3/groups/$g',
  '/v3/groups/$h',
  '/v3/groups/$g/users',
  '/v3/groups/$g/users/$u',
  '/v3/projects?domain_id=$land',
  '/v3/projects?name=who-q',
  '/v3/projects/$p',
  '/v3/projects/$q',
  '/v3/projects/$p/tags',
  '/v3/domains/$land',
  '/v3/domains/$far',
  '/v3/domains/$land/config',
  '/v3/roles?name=who-r',
  '/v3/roles?domain_id=$land',
  '/v3/roles/$r',
  '/v3/roles/$dr',
  '/v3/roles/$r/implies',
  '/v3/projects/$p/users/$u/roles',
  '/v3/projects/$q/users/$v/roles',
  '/v3/projects/$p/users/$u/roles/$r',
  '/v3/domains/$land/groups/$g/roles',
  '/v3/system/users/$u/roles',
  '/v3/role_assignments?user.id=$u',
  '/v3/role_assignments?user.id=$v',
  '/v3/role_assignments?scope.project.id=$p&include_subtree',
  '/v3/role_assignments?scope.project.id=$q&include_subtree',
  '/v3/services?type=who-s',
  '/v3/services/$s',
  '/v3/endpoints?service_id=$s',
  '/v3/endpoints/$e',
  '/v3/policies/$y',
  '/v3/credentials?user_id=$u',
  '/v3/credentials/$c',
  '/v3/registered_limits/$rl',
  '/v3/limits?service_id=$s',
  '/v3/limits/$l',
  '/v3/users/$u/application_credentials',
  '/v3/users/$u/access_rules',
  '/v3/OS-TRUST/trusts',
  '/v3/OS-FEDERATION/mappings/nowhere',
  '/v3/OS-EP-FILTER/projects/$p/endpoints',
  '/v3/OS-OAUTH1/consumers/nowhere',
  '/v3/auth/projects',
  '/v3/auth/domains',
  '/v3/auth/system',
]

const WRITES: readonly (readonly [ask: string, body?: object])[] = [
  ['POST /v3/users', { user: { name: 'who-new', domain_id: '$land' } }],
  ['PATCH /v3/users/$u', { user: { description: 'x' } }],
  ['PATCH /v3/users/$v', { user: { description: 'x' } }],
  ['DELETE /v3/users/$v'],
  ['POST /v3/groups', { group: { name: 'who-new', domain_id: '$land' } }],
  ['PATCH /v3/groups/$g', { group: { description: 'x' } }],
  ['PUT /v3/groups/$g/users/$v'],
  ['DELETE /v3/groups/$g/users/$u'],
  ['POST /v3/projects', { project: { name: 'who-new', domain_id: '$land' } }],
  ['PATCH /v3/projects/$p', { project: { description: 'x' } }],
  ['PUT /v3/projects/$p/tags/x'],
  ['DELETE /v3/projects/$q'],
  ['POST /v3/domains', { domain: { name: 'who-new' } }],
  ['PATCH /v3/domains/$land', { domain: { description: 'x' } }],
  ['POST /v3/roles', { role: { name: 'who-new' } }],
  ['PATCH /v3/roles/$r', { role: { description: 'x' } }],
  ['PUT /v3/projects/$p/users/$u/roles/$dr'],
  ['DELETE /v3/projects/$p/users/$u/roles/$r'],
  ['PUT /v3/system/users/$u/roles/$r'],
  ['POST /v3/services', { service: { type: 'who-new' } }],
  ['PATCH /v3/endpoints/$e', { endpoint: { url: 'http://10.0.0.2/' } }],
  ['PATCH /v3/limits/$l', { limit: { resource_limit: 2 } }],
  ['DELETE /v3/credentials/$c'],
  ['POST /v3/OS-OAUTH1/consumers', { consumer: {} }],
]

const asked: Question[] = Object.keys(WHO).flatMap(name => {
  const headers = { 'x-auth-token': `$${name}_t` }
  return [
    ...READS.map(
      (path): Question => ({
        as: 'nobody',
        ask: `GET ${path}`,
        headers,
        ...(path.endsWith('/tags') ? { but: { links: 'theirs links to where everything is' } } : {}),
      }),
    ),
    ...WRITES.map(([ask, body]): Question => ({ as: 'nobody', ask, headers, ...(body ? { body } : {}) })),
    { as: 'nobody', ask: 'GET /v3/auth/tokens', headers: { ...headers, 'x-subject-token': '$sysreader_t' } },
    {
      as: 'nobody',
      ask: 'DELETE /v3/auth/tokens',
      headers: { ...headers, 'x-subject-token': '$sysmember_t' },
      ...(name === 'sysmember' ? {} : {}),
    },
  ].map(question => ({ ...question, ask: question.ask.replace('?', `?by=${name}&`).replace(/^([A-Z]+ [^?]*)$/, `$1?by=${name}`) }))
})

const ends: Question[] = [
  { ask: 'DELETE /v3/limits/$l' },
  { ask: 'DELETE /v3/registered_limits/$rl' },
  { ask: 'DELETE /v3/endpoints/$e' },
  { ask: 'DELETE /v3/services/$s' },
  { ask: 'DELETE /v3/policies/$y' },
  { ask: 'DELETE /v3/roles/$r' },
  ...['land', 'far'].flatMap((domain): Question[] => [
    { ask: `PATCH /v3/domains/$${domain}`, body: { domain: { enabled: false } } },
    { ask: `DELETE /v3/domains/$${domain}` },
  ]),
]

const OTHERWISE = [
  [/by=dom(reader|member)&scope.project.id=\$p&include_subtree/, 'who reads a domain reads that in a newer Keystone'],
] as const

export const identityPersonas: readonly Story[] = [
  {
    name: 'personas',
    service: 'identity',
    but: OWN,
    questions: differing([...people, ...asked, ...ends], OTHERWISE).map(question => ({ unordered: true, ...question })),
  },
]

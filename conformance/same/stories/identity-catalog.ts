import type { Question, Story } from '../question.ts'
import {
  BROKEN,
  BY_OTHERS,
  badCreations,
  byOthers,
  changes,
  differing,
  gone,
  LONG,
  NOWHERE,
  nowhere,
  TELLS,
  type Thing,
} from './identity-asking.ts'
import { OWN } from './identity-logins.ts'

const region: Thing = {
  name: 'region',
  path: '/v3/regions',
  good: {},
  change: { description: 'changed' },
  odd: {
    description: [5, null, LONG(300)],
    parent_region_id: [NOWHERE, 5, null],
    more: ['x'],
  },
  oddNew: { id: [5, '', 'cat-north', LONG(256), 'cat spaced', null] },
}

const regions: Question[] = [
  { ask: 'POST /v3/regions', body: { region: { id: 'cat-north', description: 'd' } }, tells: ['content-type', 'vary'] },
  { ask: 'POST /v3/regions', body: { region: { id: 'cat-below', parent_region_id: 'cat-north' } }, keep: { below: 'region.id' } },
  { ask: 'PUT /v3/regions/cat-put', body: { region: { description: 'put' } }, keep: { r: 'region.id' } },
  { ask: 'PUT /v3/regions/cat-put', body: { region: {} } },
  { ask: 'PUT /v3/regions/cat-other', body: { region: { id: 'cat-different' } } },
  { ask: 'PUT /v3/regions/cat-none', body: {} },
  { ask: 'GET /v3/regions/cat-north' },
  ...badCreations(region),
  ...nowhere(region, 'r'),
  ...changes(region, 'r'),
  { ask: 'PATCH /v3/regions/cat-north', body: { region: { parent_region_id: 'cat-below' } } },
  { ask: 'PATCH /v3/regions/cat-north', body: { region: { id: 'cat-else' } } },
  ...byOthers(region, 'r'),
  { ask: 'GET /v3/regions?parent_region_id=cat-north' },
  { ask: 'GET /v3/regions?parent_region_id=nowhere' },
  { ask: 'GET /v3/regions?parent_region_id=cat-north&colour=red' },
  { as: 'nobody', ask: 'GET /v3/regions', tells: ['www-authenticate'] },
]

const service: Thing = {
  name: 'service',
  path: '/v3/services',
  good: { type: 'cat-odd', name: 'odd' },
  change: { description: 'changed' },
  required: ['type'],
  odd: {
    type: [5, '', LONG(256), null],
    name: [5, '', LONG(256), null],
    enabled: ['yes', 1, null],
    more: ['x'],
  },
  oddNew: { id: ['chosen'], description: [5, null] },
}

const services: Question[] = [
  { ask: 'POST /v3/services', body: { service: { type: 'cat-s', name: 'cat-s', description: 'd' } }, keep: { s: 'service.id' } },
  { ask: 'POST /v3/services', body: { service: { type: 'cat-t' } }, keep: { t: 'service.id' } },
  { ask: 'POST /v3/services', body: { service: { type: 'cat-s', name: 'cat-s' } }, keep: { twin: 'service.id' } },
  { ask: 'DELETE /v3/services/$twin' },
  { ask: 'GET /v3/services/$s' },
  ...badCreations(service),
  ...nowhere(service, 's'),
  ...changes(service, 's'),
  { ask: 'PATCH /v3/services/$s', body: { service: { type: 'cat-s', name: 'cat-s', enabled: true } } },
  ...byOthers(service, 's'),
  ...[
    'type=cat-s',
    'name=cat-s',
    'type=cat-s&name=x',
    'type__contains=at-t',
    'name__startswith=cat-s',
    'type=cat-s&enabled=true',
    'type=none',
  ].map((query): Question => ({ ask: `GET /v3/services?${query}` })),
  ...['owner', 'stranger', 'nobody'].map((as): Question => ({ as, ask: 'GET /v3/services' })),
]

const endpoint: Thing = {
  name: 'endpoint',
  path: '/v3/endpoints',
  good: { service_id: '$s', interface: 'public', url: 'http://10.0.0.1/' },
  change: { url: 'http://10.0.0.2/' },
  required: ['service_id', 'interface', 'url'],
  odd: {
    service_id: [NOWHERE, 5],
    interface: ['outside', 5],
    url: [5, '', 'no-url', LONG(300), 'http://10.0.0.1/$(project_id)s'],
    region_id: [NOWHERE, 5, 'cat-north'],
    enabled: ['yes', 1, null],
    more: ['x'],
  },
  oddNew: {
    id: ['chosen'],
    region: ['cat-by-word', 5],
    url: ['http://10.0.0.1/%(nothing)s', 'http://10.0.0.1/%(project_id)', 'http://10.0.0.1/%'],
  },
}

const endpoints: Question[] = [
  {
    ask: 'POST /v3/endpoints',
    body: { endpoint: { service_id: '$s', interface: 'public', url: 'http://10.0.0.1/', region_id: 'cat-north', name: 'n' } },
    keep: { e: 'endpoint.id' },
  },
  {
    ask: 'POST /v3/endpoints',
    body: { endpoint: { service_id: '$t', interface: 'internal', url: 'http://10.0.0.1/%(project_id)s', enabled: false } },
    keep: { f: 'endpoint.id' },
  },
  { ask: 'GET /v3/endpoints/$e' },
  ...badCreations(endpoint),
  ...nowhere(endpoint, 'e'),
  ...changes(endpoint, 'e'),
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { url: 'http://10.0.0.1/%(nothing)s' } } },
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { url: 'http://10.0.0.1/' } } },
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { service_id: '$t' } } },
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { service_id: '$s', region_id: 'cat-north', enabled: true } } },
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { region: 'cat-below' } } },
  { ask: 'PATCH /v3/endpoints/$e', body: { endpoint: { region_id: 'cat-north', url: 'http://10.0.0.1/' } } },
  ...byOthers(endpoint, 'e'),
  ...[
    'service_id=$t',
    'service_id=$t&interface=internal',
    'service_id=$t&interface=public',
    'service_id=$t&interface=nonsense',
    'service_id=$t&enabled=false',
    'service_id=$t&enabled=true',
    'region_id=cat-below',
    'service_id=$s&region=cat-below',
    'service_id=nowhere',
    'service_id=$t&colour=red',
    'service_id=$t&name=n',
  ].map((query): Question => ({ ask: `GET /v3/endpoints?${query}` })),
  ...['owner', 'stranger', 'nobody'].map((as): Question => ({ as, ask: 'GET /v3/endpoints' })),
  { ask: 'DELETE /v3/regions/cat-north' },
  { ask: 'DELETE /v3/regions/cat-put' },
  { ask: 'DELETE /v3/regions/cat-put' },
  { ask: 'GET /v3/regions/cat-put' },
]

const group: Thing = {
  name: 'endpoint_group',
  path: '/v3/OS-EP-FILTER/endpoint_groups',
  good: { name: 'cat-odd', filters: { interface: 'public' } },
  change: { description: 'changed' },
  required: ['name', 'filters'],
  odd: {
    name: [5, '', LONG(256), 'cat-odd'],
    description: [5, null],
    filters: ['x', { nothing: 'x' }, { service_id: NOWHERE }, { region_id: null }],
  },
  oddNew: { id: ['chosen'], more: ['x'], filters: [{}, { interface: 'outside' }] },
}

const FILTER = '/v3/OS-EP-FILTER'

const filtered: Question[] = [
  { ask: 'POST /v3/projects', body: { project: { name: 'cat-p' } }, keep: { p: 'project.id' } },
  {
    ask: `POST ${FILTER}/endpoint_groups`,
    body: { endpoint_group: { name: 'cat-g', filters: { service_id: '$s' }, description: 'd' } },
    keep: { g: 'endpoint_group.id' },
  },
  { ask: `GET ${FILTER}/endpoint_groups/$g` },
  ...badCreations(group),
  ...nowhere(group, 'g'),
  ...changes(group, 'g'),
  { ask: `PATCH ${FILTER}/endpoint_groups/$g`, body: { endpoint_group: { name: 'cat-g', filters: { service_id: '$s' } } } },
  ...byOthers(group, 'g'),
  { ask: `GET ${FILTER}/endpoint_groups?name=cat-g` },
  { ask: `GET ${FILTER}/endpoint_groups?name=none` },
  { ask: `GET ${FILTER}/endpoint_groups/$g/endpoints` },
  { ask: `GET ${FILTER}/endpoint_groups/$g/projects` },
  { ask: `PUT ${FILTER}/endpoint_groups/$g/projects/$p` },
  { ask: `PUT ${FILTER}/endpoint_groups/$g/projects/$p` },
  { ask: `GET ${FILTER}/endpoint_groups/$g/projects/$p` },
  { ask: `HEAD ${FILTER}/endpoint_groups/$g/projects/$p` },
  { ask: `PUT ${FILTER}/endpoint_groups/$g/projects/${NOWHERE}` },
  { ask: `GET ${FILTER}/endpoint_groups/$g/projects/${NOWHERE}` },
  { ask: `GET ${FILTER}/endpoint_groups/$g/projects` },
  { ask: `GET ${FILTER}/projects/$p/endpoint_groups` },
  { ask: `GET ${FILTER}/projects/$p/endpoints` },
  { ask: `PUT ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `PUT ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `GET ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `HEAD ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `GET ${FILTER}/projects/$p/endpoints/$e` },
  { ask: `PUT ${FILTER}/projects/$p/endpoints/${NOWHERE}` },
  { ask: `PUT ${FILTER}/projects/${NOWHERE}/endpoints/$f` },
  { ask: `GET ${FILTER}/projects/${NOWHERE}/endpoints` },
  { ask: `GET ${FILTER}/projects/$p/endpoints` },
  { ask: `GET ${FILTER}/endpoints/$f/projects` },
  { ask: `GET ${FILTER}/endpoints/${NOWHERE}/projects` },
  ...['owner', 'nobody'].flatMap((as): Question[] => [
    { as, ask: `GET ${FILTER}/projects/$p/endpoints` },
    { as, ask: `PUT ${FILTER}/projects/$p/endpoints/$e` },
    { as, ask: `GET ${FILTER}/endpoints/$f/projects` },
    { as, ask: `GET ${FILTER}/endpoint_groups/$g/endpoints` },
    { as, ask: `PUT ${FILTER}/endpoint_groups/$g/projects/$p` },
    { as, ask: `GET ${FILTER}/projects/$p/endpoint_groups` },
  ]),
]

/** The catalog of a project to which these endpoints were given is theirs alone. */
const shown: Question[] = [
  { ask: 'POST /v3/users', body: { user: { name: 'cat-u', password: 'a password' } }, keep: { u: 'user.id' } },
  { ask: 'GET /v3/roles?name=member', keep: { member: 'roles.0.id' } },
  { ask: 'PUT /v3/projects/$p/users/$u/roles/$member' },
  ...['', '?nocatalog'].map(
    (how): Question => ({
      as: 'nobody',
      ask: `POST /v3/auth/tokens${how}`,
      body: {
        auth: {
          identity: { methods: ['password'], password: { user: { id: '$u', password: 'a password' } } },
          scope: { project: { id: '$p' } },
        },
      },
      but: { 'token.audit_ids': 'chance' },
      keep: { us: 'x-subject-token' },
    }),
  ),
  { as: 'nobody', ask: 'GET /v3/auth/catalog', headers: { 'x-auth-token': '$us' } },
  { ask: 'PATCH /v3/endpoints/$f', body: { endpoint: { enabled: true } } },
  { as: 'nobody', ask: 'GET /v3/auth/catalog', headers: { 'x-auth-token': '$us' } },
  { ask: 'PATCH /v3/services/$t', body: { service: { enabled: false } } },
  { as: 'nobody', ask: 'GET /v3/auth/catalog', headers: { 'x-auth-token': '$us' } },
]

const policy: Thing = {
  name: 'policy',
  path: '/v3/policies',
  good: { blob: '{}', type: 'application/json' },
  change: { blob: '{"a": 1}' },
  required: ['blob', 'type'],
  odd: { blob: [5, { a: 1 }, ''], type: [5, '', LONG(256)], more: ['x'] },
  oddNew: { id: ['chosen'] },
}

const policies: Question[] = [
  { ask: 'POST /v3/policies', body: { policy: { blob: '{}', type: 'text/cat', more: 'x' } }, keep: { y: 'policy.id' } },
  { ask: 'GET /v3/policies/$y' },
  ...badCreations(policy),
  ...nowhere(policy, 'y'),
  ...changes(policy, 'y'),
  ...byOthers(policy, 'y'),
  { ask: 'PATCH /v3/policies/$y', body: { policy: { type: 'text/cat' } } },
  { ask: 'GET /v3/policies?type=text/cat' },
  { ask: 'GET /v3/policies?type=none' },
  ...['endpoints/$e', 'services/$s', 'services/$s/regions/cat-north'].flatMap((to): Question[] => [
    { ask: `GET /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { ask: `GET /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { ask: `HEAD /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { as: 'owner', ask: `GET /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
    { as: 'owner', ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/${to}` },
  ]),
  { ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/endpoints/${NOWHERE}` },
  { ask: `PUT /v3/policies/${NOWHERE}/OS-ENDPOINT-POLICY/endpoints/$e` },
  { ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/services/${NOWHERE}` },
  { ask: `PUT /v3/policies/$y/OS-ENDPOINT-POLICY/services/$s/regions/${NOWHERE}` },
  { ask: 'GET /v3/policies/$y/OS-ENDPOINT-POLICY/endpoints' },
  { ask: 'GET /v3/endpoints/$e/OS-ENDPOINT-POLICY/policy' },
  { ask: 'HEAD /v3/endpoints/$e/OS-ENDPOINT-POLICY/policy' },
  { ask: 'GET /v3/endpoints/$f/OS-ENDPOINT-POLICY/policy' },
  { ask: `GET /v3/endpoints/${NOWHERE}/OS-ENDPOINT-POLICY/policy` },
  { ask: 'DELETE /v3/policies/$y/OS-ENDPOINT-POLICY/endpoints/$e' },
  { ask: 'DELETE /v3/policies/$y/OS-ENDPOINT-POLICY/endpoints/$e' },
  ...gone('/v3/policies', 'y'),
]

const ends: Question[] = [
  { ask: `DELETE ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `DELETE ${FILTER}/projects/$p/endpoints/$f` },
  { ask: `DELETE ${FILTER}/endpoint_groups/$g/projects/$p` },
  { ask: `DELETE ${FILTER}/endpoint_groups/$g/projects/$p` },
  ...gone(`${FILTER}/endpoint_groups`, 'g'),
  ...gone('/v3/endpoints', 'e'),
  ...gone('/v3/services', 't'),
  { ask: 'GET /v3/endpoints/$f' },
  { ask: 'DELETE /v3/services/$s' },
  { ask: 'DELETE /v3/regions/cat-north' },
  { ask: 'GET /v3/regions/cat-below' },
  { ask: 'DELETE /v3/users/$u' },
  { ask: 'DELETE /v3/projects/$p' },
]

const OTHERWISE = [
  BROKEN,
  [new RegExp(`${BY_OTHERS}`.replace('[^ ]*', '[^ ]*endpoints.')), TELLS],
  [/POST .v3.services .*"description":5/, 'theirs takes anything for the description of a service'],
  [/POST .v3.services .*"description":null/, 'ours shows no description as none, however it was said'],
  [/PATCH .v3.endpoints.*nothing/, 'theirs looks at a URL only once, at its making'],
  [/GET .v3.endpoints.*enabled=true/, 'ours narrows by all that it shows'],
  [/POST .*endpoint_groups .*"outside"/, 'theirs makes a group of what there can be none of'],
  [/GET .v3.policies.\$y.OS-ENDPOINT-POLICY.endpoints$/, 'theirs lists an endpoint once for each way to it'],
  [/GET .v3.regions.cat-below$/, 'theirs remembers for a while what has gone with the region above it'],
] as const

export const identityCatalog: readonly Story[] = [
  {
    name: 'catalog',
    service: 'identity',
    but: {
      ...OWN,
      'policy.links': 'theirs links a policy as an endpoint',
      'project_endpoint_group.links': 'theirs leaves out the version in it',
    },
    questions: differing([...regions, ...services, ...endpoints, ...filtered, ...shown, ...policies, ...ends], OTHERWISE).map(question => ({
      unordered: true,
      ...question,
    })),
  },
]

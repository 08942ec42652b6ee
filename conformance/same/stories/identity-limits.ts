import type { Question, Story } from '../question.ts'
import { differing, gone, LONG, lacking, NOWHERE } from './identity-asking.ts'
import { OWN } from './identity-logins.ts'

const base = { service_id: '$s', resource_name: 'odd', default_limit: 10 }
const own = { service_id: '$s', resource_name: 'cores', project_id: '$p', resource_limit: 5 }

const several = (plural: string, entry: object): unknown[] => [
  {},
  { [plural]: {} },
  { [plural]: [] },
  { [plural]: null },
  { [plural]: ['x'] },
  { [plural]: [{}] },
  [],
  'no JSON',
  ...Object.keys(entry).map(field => ({ [plural]: [lacking(entry as Record<string, unknown>, field)] })),
]

const registered: Question[] = [
  { ask: 'POST /v3/services', body: { service: { type: 'limit-s', name: 'limit-s' } }, keep: { s: 'service.id' } },
  { ask: 'POST /v3/regions', body: { region: { id: 'limit-region' } } },
  {
    ask: 'POST /v3/registered_limits',
    body: {
      registered_limits: [
        { service_id: '$s', resource_name: 'cores', default_limit: 10, description: 'd' },
        { service_id: '$s', resource_name: 'cores', default_limit: 20, region_id: 'limit-region' },
      ],
    },
    keep: { r: 'registered_limits.0.id' },
  },
  {
    ask: 'POST /v3/registered_limits',
    body: { registered_limits: [{ service_id: '$s', resource_name: 'ram', default_limit: 0 }] },
    keep: { ram: 'registered_limits.0.id' },
  },
  ...several('registered_limits', base).map((body): Question => ({ ask: 'POST /v3/registered_limits', body })),
  ...[
    { service_id: NOWHERE },
    { service_id: 5 },
    { resource_name: 5 },
    { resource_name: '' },
    { resource_name: LONG(256) },
    { resource_name: 'cores' },
    { default_limit: 'ten' },
    { default_limit: -1 },
    { default_limit: -2 },
    { default_limit: 1.5 },
    { default_limit: 2 ** 31 },
    { region_id: NOWHERE },
    { region_id: null },
    { region_id: 5 },
    { description: 5 },
    { description: null },
    { more: 'x' },
  ].map(
    (odd, i): Question => ({
      ask: 'POST /v3/registered_limits',
      body: { registered_limits: [{ ...base, resource_name: `odd-${i}`, ...odd }] },
    }),
  ),
  { ask: 'GET /v3/registered_limits/$r' },
  { ask: 'HEAD /v3/registered_limits/$r' },
  { ask: `GET /v3/registered_limits/${NOWHERE}` },
  { ask: `PATCH /v3/registered_limits/${NOWHERE}`, body: { registered_limit: { default_limit: 5 } } },
  { ask: `DELETE /v3/registered_limits/${NOWHERE}` },
  ...[
    {},
    { registered_limit: {} },
    { registered_limit: 'x' },
    { registered_limit: { default_limit: 15 } },
    { registered_limit: { default_limit: 'x' } },
    { registered_limit: { description: null } },
    { registered_limit: { description: 'changed' } },
    { registered_limit: { service_id: NOWHERE } },
    { registered_limit: { region_id: NOWHERE } },
    { registered_limit: { region_id: null } },
    { registered_limit: { resource_name: 'cores' } },
    { registered_limit: { resource_name: '' } },
    { registered_limit: { id: NOWHERE } },
    { registered_limit: { more: 'x' } },
  ].map((body): Question => ({ ask: 'PATCH /v3/registered_limits/$ram', body })),
  { ask: 'PATCH /v3/registered_limits/$ram', body: { registered_limit: { resource_name: 'ram' } } },
  ...['', '&resource_name=cores', '&resource_name=none', '&region_id=limit-region', '&colour=red'].map(
    (more): Question => ({ ask: `GET /v3/registered_limits?service_id=$s${more}` }),
  ),
  { ask: 'GET /v3/registered_limits?service_id=nowhere' },
]

const limits: Question[] = [
  { ask: 'POST /v3/domains', body: { domain: { name: 'limit-land' } }, keep: { land: 'domain.id' } },
  { ask: 'POST /v3/projects', body: { project: { name: 'limit-p', domain_id: '$land' } }, keep: { p: 'project.id' } },
  { ask: 'POST /v3/limits', body: { limits: [{ ...own, description: 'd' }] }, keep: { l: 'limits.0.id' } },
  { ask: 'POST /v3/limits', body: { limits: [lacking({ ...own, domain_id: '$land' }, 'project_id')] }, keep: { dl: 'limits.0.id' } },
  { ask: 'POST /v3/limits', body: { limits: [own] } },
  { ask: 'POST /v3/limits', body: { limits: [{ ...own, region_id: 'limit-region' }] }, keep: { rl: 'limits.0.id' } },
  ...several('limits', own).map((body): Question => ({ ask: 'POST /v3/limits', body })),
  ...[
    { service_id: NOWHERE },
    { service_id: 5 },
    { resource_name: 'none' },
    { resource_name: 5 },
    { resource_limit: 'x' },
    { resource_limit: -2 },
    { resource_limit: -1, resource_name: 'ram' },
    { resource_limit: 2 ** 31 },
    { project_id: NOWHERE, resource_name: 'ram' },
    { project_id: 5 },
    { domain_id: '$land' },
    { region_id: NOWHERE },
    { description: 5 },
    { more: 'x' },
  ].map((odd): Question => ({ ask: 'POST /v3/limits', body: { limits: [{ ...own, ...odd }] } })),
  { ask: 'GET /v3/limits/$l' },
  { ask: 'GET /v3/limits/$dl' },
  { ask: 'HEAD /v3/limits/$l' },
  { ask: `GET /v3/limits/${NOWHERE}` },
  { ask: `PATCH /v3/limits/${NOWHERE}`, body: { limit: { resource_limit: 5 } } },
  { ask: `DELETE /v3/limits/${NOWHERE}` },
  ...[
    {},
    { limit: {} },
    { limit: 'x' },
    { limit: { resource_limit: 7 } },
    { limit: { resource_limit: 'x' } },
    { limit: { resource_limit: -2 } },
    { limit: { description: null } },
    { limit: { description: 'changed' } },
    { limit: { project_id: '$p' } },
    { limit: { service_id: '$s' } },
    { limit: { id: NOWHERE } },
    { limit: { more: 'x' } },
  ].map((body): Question => ({ ask: 'PATCH /v3/limits/$l', body })),
  { ask: 'GET /v3/limits/model' },
  { ask: 'HEAD /v3/limits/model' },
  ...['', '&resource_name=cores', '&project_id=$p', '&domain_id=$land', '&region_id=limit-region', '&colour=red'].map(
    (more): Question => ({ ask: `GET /v3/limits?service_id=$s${more}` }),
  ),
  { ask: 'GET /v3/projects/$p?include_limits' },
  { ask: 'GET /v3/projects/$p?subtree_as_list&include_limits' },
  { ask: 'PATCH /v3/registered_limits/$r', body: { registered_limit: { default_limit: 11 } } },
  { ask: 'PATCH /v3/registered_limits/$r', body: { registered_limit: { default_limit: 10 } } },
  { ask: 'PATCH /v3/registered_limits/$r', body: { registered_limit: { resource_name: 'else' } } },
  { ask: 'DELETE /v3/registered_limits/$r' },
  ...['nobody', 'owner', 'reader', 'stranger'].flatMap((as): Question[] => [
    { as, ask: 'GET /v3/registered_limits?service_id=$s' },
    { as, ask: 'GET /v3/registered_limits/$r' },
    { as, ask: 'POST /v3/registered_limits', body: { registered_limits: [{ ...base, resource_name: as }] } },
    { as, ask: 'PATCH /v3/registered_limits/$r', body: { registered_limit: { default_limit: 1 } } },
    { as, ask: 'DELETE /v3/registered_limits/$ram' },
    { as, ask: 'GET /v3/limits' },
    { as, ask: 'GET /v3/limits/$l' },
    { as, ask: 'GET /v3/limits/model' },
    { as, ask: `GET /v3/limits/${NOWHERE}` },
    { as, ask: 'POST /v3/limits', body: { limits: [{ ...own, resource_name: 'ram' }] } },
    { as, ask: 'PATCH /v3/limits/$l', body: { limit: { resource_limit: 1 } } },
    { as, ask: 'DELETE /v3/limits/$l' },
  ]),
  { as: 'manager', ask: 'GET /v3/limits?service_id=$s' },
  { as: 'manager', ask: 'GET /v3/limits/$l' },
]

const ends: Question[] = [
  ...gone('/v3/limits', 'l'),
  { ask: 'DELETE /v3/limits/$dl' },
  { ask: 'DELETE /v3/limits/$rl' },
  ...gone('/v3/registered_limits', 'r'),
  { ask: 'DELETE /v3/services/$s' },
  { ask: 'GET /v3/registered_limits/$ram' },
]

const OTHERWISE = [
  [/PATCH .*\$(ram|l) \{\}$/, 'ours says where in a body there is nothing that it could change'],
  [/registered_limit":\{"(region_id":null|resource_name":"ram")/, 'theirs finds that a limit is in its own way'],
  [/"limit":\{"description":null/, 'theirs keeps a description that is taken away'],
  [/PATCH .*"default_limit":1[01]\}/, 'a default may be changed where projects have limits of their own'],
  [/manager: GET .v3.limits\?/, 'who administers is shown all limits, by whatever token'],
  [/system: GET .v3.registered_limits.\$ram$/, 'a limit goes with its service'],
] as const

export const identityLimits: readonly Story[] = [
  {
    name: 'limits',
    service: 'identity',
    but: OWN,
    questions: differing([...registered, ...limits, ...ends], OTHERWISE).map(question => ({ unordered: true, ...question })),
  },
]

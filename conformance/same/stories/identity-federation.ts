import type { Question, Story } from '../question.ts'
import { BREAKS, BROKEN, badCreations, byOthers, changes, differing, gone, LONG, NOWHERE, nowhere, type Thing } from './identity-asking.ts'
import { OWN } from './identity-logins.ts'

const FEDERATION = '/v3/OS-FEDERATION'
const PROVIDERS = `${FEDERATION}/identity_providers`
const MAPPINGS = `${FEDERATION}/mappings`
const CLOUDS = `${FEDERATION}/service_providers`

interface Kept {
  readonly name: string
  readonly path: string
  readonly good: Readonly<Record<string, unknown>>
  readonly odd: Readonly<Record<string, readonly unknown[]>>
  readonly change: Readonly<Record<string, unknown>>
}

/** What is asked of a thing whose identifier is in the path. */
const named = ({ name, path, good, odd, change }: Kept, id: string): Question[] => [
  { ask: `PUT ${path}/${id}`, body: { [name]: good } },
  { ask: `PUT ${path}/${id}`, body: { [name]: good } },
  { ask: `GET ${path}/${id}` },
  { ask: `HEAD ${path}/${id}` },
  { ask: `GET ${path}/nowhere` },
  { ask: `PATCH ${path}/nowhere`, body: { [name]: change } },
  { ask: `DELETE ${path}/nowhere` },
  { ask: `POST ${path}`, body: { [name]: good } },
  ...[{}, { [name]: {} }, { [name]: null }, { [name]: 'x' }, 'no JSON', []].map(
    (body, i): Question => ({ ask: `PUT ${path}/fed-odd-${i}`, body }),
  ),
  ...Object.entries(odd).flatMap(([field, values]) =>
    values.map((value, i): Question => ({ ask: `PUT ${path}/fed-${field}-${i}`, body: { [name]: { ...good, [field]: value } } })),
  ),
  { ask: `PATCH ${path}/${id}`, body: { [name]: change } },
  ...[{}, { [name]: {} }, { [name]: 'x' }].map((body): Question => ({ ask: `PATCH ${path}/${id}`, body })),
  ...Object.entries(odd).flatMap(([field, values]) =>
    values.map((value): Question => ({ ask: `PATCH ${path}/${id}`, body: { [name]: { [field]: value } } })),
  ),
  { ask: `PATCH ${path}/${id}`, body: { [name]: good } },
  ...['nobody', 'owner', 'stranger'].flatMap((as): Question[] => [
    { as, ask: `GET ${path}` },
    { as, ask: `GET ${path}/${id}` },
    { as, ask: `GET ${path}/nowhere` },
    { as, ask: `PUT ${path}/fed-others`, body: { [name]: good } },
    { as, ask: `PUT ${path}/fed-others`, body: {} },
    { as, ask: `PATCH ${path}/${id}`, body: { [name]: change } },
    { as, ask: `DELETE ${path}/${id}` },
  ]),
]

const rules = [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'sub' }] }]

const mapping: Kept = {
  name: 'mapping',
  path: MAPPINGS,
  good: { rules },
  change: {
    rules: [{ local: [{ user: { name: '{0}' }, group: { id: '0cd5e9' } }], remote: [{ type: 'sub' }, { type: 'x', any_one_of: ['y'] }] }],
  },
  odd: {
    rules: [
      'x',
      [],
      [{}],
      [{ local: [] }],
      [{ local: [{}], remote: [] }],
      [{ local: 'x', remote: 'y' }],
      [{ local: [{ user: {} }], remote: [{}] }],
      [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 5 }] }],
      [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'x', any_one_of: 'y' }] }],
      [{ local: [{ user: { name: '{0}' } }], remote: [{ type: 'x', any_one_of: ['y'], not_any_of: ['z'] }] }],
      [{ local: [{ nothing: 'x' }], remote: [{ type: 'x' }] }],
      [{ local: [{ user: { name: '{0}', type: 'local' } }], remote: [{ type: 'x' }] }],
      [{ local: [{ user: { name: '{0}', type: 'odd' } }], remote: [{ type: 'x' }] }],
      [{ local: [{ projects: [{ name: 'p', roles: [{ name: 'member' }] }] }], remote: [{ type: 'x' }] }],
      [{ local: [{ groups: '{0}', domain: { id: 'default' } }], remote: [{ type: 'x', whitelist: ['a'] }] }],
      [{ local: [{ groups: '{0}' }], remote: [{ type: 'x', whitelist: ['a'], blacklist: ['b'] }] }],
    ],
    more: ['x'],
  },
}

const provider: Kept = {
  name: 'identity_provider',
  path: PROVIDERS,
  good: { enabled: true, description: 'd' },
  change: { enabled: false },
  odd: {
    enabled: ['yes', 1, null],
    description: [5],
    remote_ids: ['x', [5], ['fed-remote'], ['fed-twice', 'fed-twice'], []],
    authorization_ttl: ['x', -1, 10],
    more: ['x'],
  },
}

const cloud: Kept = {
  name: 'service_provider',
  path: CLOUDS,
  good: { auth_url: 'https://10.0.0.1/auth', sp_url: 'https://10.0.0.1/sp' },
  change: { enabled: true, description: 'changed' },
  odd: {
    auth_url: [5, 'no-url', LONG(300)],
    sp_url: [5, 'no-url'],
    enabled: ['yes', 1],
    description: [5, 'words'],
    relay_state_prefix: [5, 'other'],
    more: ['x'],
  },
}

const protocol: Kept = {
  name: 'protocol',
  path: `${PROVIDERS}/fed-p/protocols`,
  good: { mapping_id: 'fed-m' },
  change: { mapping_id: 'fed-m' },
  odd: { mapping_id: ['nowhere', 5], remote_id_attribute: ['REMOTE', 5], more: ['x'] },
}

const consumer: Thing = {
  name: 'consumer',
  path: '/v3/OS-OAUTH1/consumers',
  good: { description: 'd' },
  change: { description: 'changed' },
  odd: { description: [5, null], secret: ['x'], more: ['x'] },
  oddNew: { id: ['chosen'] },
}

const questions: Question[] = [
  ...named(mapping, 'fed-m'),
  { ask: `GET ${MAPPINGS}`, but: { mappings: 'odd ones are among them' } },
  ...named(provider, 'fed-p'),
  { ask: `GET ${PROVIDERS}?id=fed-p` },
  { ask: `GET ${PROVIDERS}?enabled=true&id=fed-p` },
  { ask: `PUT ${PROVIDERS}/fed-q`, body: { identity_provider: { domain_id: NOWHERE } } },
  { ask: `PUT ${PROVIDERS}/fed-q`, body: { identity_provider: { domain_id: 'default' } } },
  { ask: `PATCH ${PROVIDERS}/fed-q`, body: { identity_provider: { domain_id: NOWHERE } } },
  ...named(protocol, 'fed-o'),
  { ask: `GET ${PROVIDERS}/fed-p/protocols`, but: { protocols: 'odd ones are among them' } },
  { ask: `GET ${PROVIDERS}/nowhere/protocols` },
  { ask: `PUT ${PROVIDERS}/nowhere/protocols/x`, body: { protocol: { mapping_id: 'fed-m' } } },
  { as: 'nobody', ask: `GET ${PROVIDERS}/fed-p/protocols/fed-o/auth` },
  { as: 'nobody', ask: `GET ${PROVIDERS}/nowhere/protocols/fed-o/auth` },
  { ask: `DELETE ${MAPPINGS}/fed-m` },
  ...named(cloud, 'fed-c'),
  { ask: `GET ${CLOUDS}?id=fed-c` },
  ...['projects', 'domains'].flatMap((of): Question[] => [
    { as: 'owner', ask: `GET ${FEDERATION}/${of}` },
    { as: 'nobody', ask: `GET ${FEDERATION}/${of}` },
  ]),
  { ask: `GET ${FEDERATION}/saml2/metadata` },
  {
    ask: 'POST /v3/OS-OAUTH1/consumers',
    body: { consumer: { description: 'd' } },
    keep: { k: 'consumer.id' },
    but: { 'consumer.secret': 'chance' },
  },
  ...badCreations(consumer).map(question => ({ ...question, but: { 'consumer.secret': 'chance' } })),
  ...nowhere(consumer, 'k'),
  ...changes(consumer, 'k'),
  ...byOthers(consumer, 'k'),
  ...gone('/v3/OS-OAUTH1/consumers', 'k'),
  { as: 'nobody', ask: 'POST /v3/OS-OAUTH1/request_token' },
  { as: 'nobody', ask: 'POST /v3/OS-OAUTH1/access_token' },
  { ask: 'PUT /v3/OS-OAUTH1/authorize/nothing', body: { roles: [{ id: NOWHERE }] } },
  { ask: `GET /v3/users/${NOWHERE}/OS-OAUTH1/access_tokens` },
  { ask: 'GET /v3/OS-REVOKE/events', but: { events: 'each what it had to end' } },
  { as: 'owner', ask: 'GET /v3/OS-REVOKE/events' },
  { ask: 'GET /v3/OS-REVOKE/events?since=nonsense' },
  { ask: `DELETE ${PROVIDERS}/fed-p/protocols/fed-o` },
  { ask: `DELETE ${PROVIDERS}/fed-p/protocols/fed-o` },
  { ask: `DELETE ${PROVIDERS}/fed-p` },
  { ask: `DELETE ${PROVIDERS}/fed-p` },
  { ask: `DELETE ${CLOUDS}/fed-c` },
  { ask: `DELETE ${CLOUDS}/fed-c` },
]

const OTHERWISE = [
  BROKEN,
  [/mapping":(null|"x")|POST .*consumer":(null|"text"|\[)/, BREAKS],
  [/PUT .*mapping":.*"more":"x"/, 'ours says what it does not know'],
  [/identity_providers.fed-odd-0 \{\}|POST .*consumers$/, 'a body has in it what it is about'],
  [/\{"protocol":\{"remote_id_attribute":"REMOTE"/, 'a protocol may have an attribute of its own since'],
  [/nowhere.protocols$/, 'there are none where nothing is'],
  [/system: DELETE .*mappings.fed-m$/, 'a mapping that is in use stays'],
  [/saml2.metadata|POST .*OS-OAUTH1.(request|access)_token$/, 'theirs has a fault'],
  [/POST .*consumer":.*"secret":"x"/, 'a secret is not chosen'],
] as const

export const identityFederation: readonly Story[] = [
  {
    name: 'federation',
    service: 'identity',
    but: {
      ...OWN,
      'mapping.schema_version': 'theirs is older',
      'protocol.remote_id_attribute': 'theirs is older',
      'protocol.links': 'theirs leaves out half of it',
    },
    questions: differing(questions, OTHERWISE).map(question => ({ unordered: true, ...question })),
  },
]

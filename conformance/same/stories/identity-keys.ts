import type { Question, Story } from '../question.ts'
import { BREAKS, BROKEN, badCreations, byOthers, changes, differing, gone, LONG, NOWHERE, nowhere, type Thing } from './identity-asking.ts'
import { byPassword, login, OWN } from './identity-logins.ts'

const PASSWORD = 'correct-horse-9'

const people: Question[] = [
  { ask: 'POST /v3/projects', body: { project: { name: 'keys-p' } }, keep: { p: 'project.id' } },
  { ask: 'POST /v3/users', body: { user: { name: 'keys-u', password: PASSWORD } }, keep: { u: 'user.id' } },
  { ask: 'POST /v3/users', body: { user: { name: 'keys-v', password: PASSWORD } }, keep: { v: 'user.id' } },
  { ask: 'GET /v3/roles?name=member', keep: { member: 'roles.0.id' } },
  { ask: 'PUT /v3/projects/$p/users/$u/roles/$member' },
  { ask: 'PUT /v3/projects/$p/users/$v/roles/$member' },
  login(byPassword({ id: '$u', password: PASSWORD }, { project: { id: '$p' } }), { keep: { us: 'x-subject-token' } }),
  login(byPassword({ id: '$v', password: PASSWORD }, { project: { id: '$p' } }), { keep: { vs: 'x-subject-token' } }),
]

const by = (token: string, question: Omit<Question, 'as'>): Question => ({
  ...question,
  as: 'nobody',
  headers: { 'x-auth-token': `$${token}`, ...question.headers },
})

const credential: Thing = {
  name: 'credential',
  path: '/v3/credentials',
  good: { user_id: '$u', type: 'cert', blob: 'text' },
  change: { blob: 'changed' },
  required: ['user_id', 'type', 'blob'],
  odd: {
    blob: [5, { a: 1 }, ''],
    type: [5, '', 'ec2', LONG(256)],
    user_id: [5, null],
    project_id: [5],
  },
  oddNew: { id: ['chosen'], user_id: [NOWHERE], project_id: ['$p'], more: ['x'] },
}

const keys = (access: string) => `{"access": "${access}", "secret": "word"}`

const credentials: Question[] = [
  {
    ask: 'POST /v3/credentials',
    body: { credential: { user_id: '$u', type: 'cert', blob: 'b', project_id: '$p' } },
    keep: { c: 'credential.id' },
  },
  {
    ask: 'POST /v3/credentials',
    body: { credential: { user_id: '$u', type: 'ec2', blob: keys('my-access'), project_id: '$p' } },
    keep: { e: 'credential.id' },
  },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'ec2', blob: keys('my-access'), project_id: '$p' } } },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'ec2', blob: keys('other') } } },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'ec2', blob: 'no JSON', project_id: '$p' } } },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'ec2', blob: '{}', project_id: '$p' } } },
  { ask: 'POST /v3/credentials', body: { credential: { user_id: '$u', type: 'ec2', blob: '"text"', project_id: '$p' } } },
  {
    ask: 'POST /v3/credentials',
    body: { credential: { user_id: '$u', type: 'totp', blob: 'GEZDGNBVGY3TQOJQGEZDGNBVGY' } },
    keep: { o: 'credential.id' },
  },
  {
    ask: 'POST /v3/credentials',
    body: { credential: { user_id: '$u', type: 'lost', blob: 'x', project_id: NOWHERE } },
    differs: 'theirs keeps what is for nobody',
  },
  { ask: 'GET /v3/credentials/$c' },
  { ask: 'GET /v3/credentials/$e' },
  ...badCreations(credential),
  ...nowhere(credential, 'c'),
  ...changes(credential, 'c'),
  { ask: 'PATCH /v3/credentials/$e', body: { credential: { blob: keys('changed') } } },
  { ask: 'PATCH /v3/credentials/$e', body: { credential: { blob: '{}' } } },
  { ask: 'PATCH /v3/credentials/$e', body: { credential: { blob: 'no JSON' } } },
  { ask: 'PATCH /v3/credentials/$e', body: { credential: { type: 'cert' } } },
  { ask: 'PATCH /v3/credentials/$c', body: { credential: { user_id: '$v' } } },
  { ask: 'PATCH /v3/credentials/$c', body: { credential: { user_id: NOWHERE } } },
  { ask: 'PATCH /v3/credentials/$c', body: { credential: { user_id: '$u', type: 'cert' } } },
  ...byOthers(credential, 'c'),
  ...[
    'user_id=$u&type=cert',
    'user_id=$u&type=ec2',
    'user_id=$v',
    'user_id=nowhere',
    'user_id=$u&type=none',
    'user_id=$u&type=ec2&colour=red',
  ].map((query): Question => ({ ask: `GET /v3/credentials?${query}` })),
  ...['owner', 'stranger'].flatMap((as): Question[] => [
    { as, ask: 'GET /v3/credentials' },
    { as, ask: 'GET /v3/credentials?user_id=$u' },
  ]),
  { as: 'nobody', ask: 'GET /v3/credentials' },
  by('us', { ask: 'GET /v3/credentials/$c' }),
  by('us', { ask: 'GET /v3/credentials?type=ec2' }),
  by('us', {
    ask: 'POST /v3/credentials',
    body: { credential: { user_id: '$u', type: 'mine', blob: 'x' } },
    keep: { mine: 'credential.id' },
  }),
  by('us', { ask: 'POST /v3/credentials', body: { credential: { user_id: '$v', type: 'mine', blob: 'x' } } }),
  by('us', { ask: 'PATCH /v3/credentials/$mine', body: { credential: { blob: 'y' } } }),
  by('us', { ask: 'PATCH /v3/credentials/$mine', body: { credential: { user_id: '$v' } } }),
  by('vs', { ask: 'GET /v3/credentials/$mine' }),
  by('vs', { ask: 'PATCH /v3/credentials/$mine', body: { credential: { blob: 'z' } } }),
  by('vs', { ask: 'DELETE /v3/credentials/$mine' }),
  by('vs', { ask: `GET /v3/credentials/${NOWHERE}` }),
  by('us', { ask: 'DELETE /v3/credentials/$mine' }),
  by('us', { ask: 'DELETE /v3/credentials/$mine' }),
]

const EC2 = '/v3/users/$u/credentials/OS-EC2'
const CHANCE = {
  'credential.access': 'chance',
  'credential.secret': 'chance',
  'credentials.*.access': 'chance',
  'credentials.*.secret': 'chance',
}

const ec2: Question[] = [
  by('us', { ask: `GET ${EC2}` }),
  by('us', { ask: `POST ${EC2}`, body: { tenant_id: '$p' }, keep: { access: 'credential.access' } }),
  by('us', { ask: `POST ${EC2}`, body: {} }),
  by('us', { ask: `POST ${EC2}`, body: { tenant_id: NOWHERE } }),
  by('us', { ask: `POST ${EC2}`, body: { tenant_id: '$p', more: 1 }, keep: { second: 'credential.access' } }),
  by('us', { ask: `GET ${EC2}/$access` }),
  by('us', { ask: `HEAD ${EC2}/$access` }),
  by('us', { ask: `GET ${EC2}/${NOWHERE}` }),
  by('us', { ask: `DELETE ${EC2}/${NOWHERE}` }),
  by('us', { ask: `GET ${EC2}` }),
  by('vs', { ask: `GET ${EC2}` }),
  by('vs', { ask: `GET ${EC2}/$access` }),
  by('vs', { ask: `POST ${EC2}`, body: { tenant_id: '$p' } }),
  by('vs', { ask: `DELETE ${EC2}/$access` }),
  ...['system', 'owner', 'nobody'].flatMap((as): Question[] => [
    { as, ask: `GET ${EC2}` },
    { as, ask: `GET ${EC2}/$access` },
  ]),
  { ask: `GET /v3/users/${NOWHERE}/credentials/OS-EC2` },
  by('us', { ask: `DELETE ${EC2}/$access` }),
  by('us', { ask: `DELETE ${EC2}/$access` }),
  ...['/v3/ec2tokens', '/v3/s3tokens'].flatMap(path =>
    [{}, { credentials: {} }, { credentials: 'x' }, { credentials: { access: 'my-access', signature: 'x', token: 'eA==' } }].flatMap(
      (body): Question[] => [
        { as: 'nobody', ask: `POST ${path}`, body },
        { ask: `POST ${path}`, body },
      ],
    ),
  ),
].map(question => ({ ...question, but: { ...CHANCE, ...(question as Question).but } }))

const ends: Question[] = [
  ...gone('/v3/credentials', 'c'),
  { ask: 'DELETE /v3/users/$u' },
  { ask: 'GET /v3/credentials/$e' },
  { ask: 'DELETE /v3/users/$v' },
  { ask: 'DELETE /v3/projects/$p' },
]

const OTHERWISE = [
  [/PATCH .v3.credentials.*("\$c"|"\$v"|"\$u"|"user_id":"1be2)/, 'whose it is may be changed, and what was shown sent back: clients do'],
  BROKEN,
  [/POST .v3.credentials .*"type":"",/, 'a type has a name'],
  [/POST .v3.credentials .*:"1be2/, 'theirs keeps what is for nobody'],
  [/PATCH .v3.credentials.*"blob":""/, BREAKS],
  [/OS-EC2 \{\}/, 'ours says what is wrong with the form'],
  [/system: POST .v3.ec2tokens .*"my-access"/, BREAKS],
] as const

export const identityKeys: readonly Story[] = [
  {
    name: 'keys',
    service: 'identity',
    but: OWN,
    questions: differing([...people, ...credentials, ...ec2, ...ends], OTHERWISE).map(question => ({ unordered: true, ...question })),
  },
]

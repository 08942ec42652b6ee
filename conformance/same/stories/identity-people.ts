import type { Question, Story } from '../question.ts'
import {
  BREAKS,
  badCreations,
  byOthers,
  changes,
  differing,
  gone,
  LONG,
  NOWHERE,
  nowhere,
  numbered,
  PAGES,
  type Thing,
} from './identity-asking.ts'
import { byPassword, login, OWN } from './identity-logins.ts'

const PASSWORD = 'correct-horse-9'
const NEXT = 'other-horse-10'

const land: Question[] = [
  { ask: 'POST /v3/domains', body: { domain: { name: 'people-land' } }, keep: { land: 'domain.id' } },
  { ask: 'POST /v3/domains', body: { domain: { name: 'people-other' } }, keep: { other: 'domain.id' } },
  { ask: 'POST /v3/projects', body: { project: { name: 'people-p', domain_id: '$land' } }, keep: { p: 'project.id' } },
  { ask: 'GET /v3/roles?name=member', keep: { member: 'roles.0.id' } },
]

const user: Thing = {
  name: 'user',
  path: '/v3/users',
  good: { name: 'odd', domain_id: '$land', password: PASSWORD },
  change: { description: 'changed' },
  required: ['name'],
  odd: {
    name: [5, '', ' ', LONG(256), 'anna', null],
    enabled: ['yes', 1, 'true', null],
    password: [5],
    default_project_id: [NOWHERE, 5, null, '$land'],
    options: ['text', { nothing: true }, { ignore_password_expiry: 'yes' }, { multi_factor_auth_rules: 'x' }],
    federated: ['text', [{}], [{ idp_id: 'nowhere', protocols: [{ protocol_id: 'x', unique_id: 'y' }] }]],
    domain_id: [NOWHERE, 5, null, ''],
    description: [5, null, LONG(10_000)],
    email: [5, null],
  },
  oddNew: { id: ['$anna', 'chosen'] },
}

const users: Question[] = [
  {
    ask: 'POST /v3/users',
    body: { user: { name: 'anna', domain_id: '$land', password: PASSWORD, email: 'a@b', description: 'words', more: { x: [1] } } },
    keep: { anna: 'user.id' },
    tells: ['content-type', 'vary'],
  },
  { ask: 'POST /v3/users', body: { user: { name: 'bert', domain_id: '$land', enabled: false } }, keep: { bert: 'user.id' } },
  {
    ask: 'POST /v3/users',
    body: { user: { name: 'anna', domain_id: '$other', default_project_id: '$p', options: { ignore_lockout_failure_attempts: true } } },
    keep: { third: 'user.id' },
  },
  { ask: 'POST /v3/users', body: { user: { name: 'at-home' } }, keep: { home: 'user.id' } },
  { as: 'manager', ask: 'POST /v3/users', body: { user: { name: 'by-manager' } }, keep: { managed: 'user.id' } },
  { ask: 'DELETE /v3/users/$home' },
  { ask: 'DELETE /v3/users/$managed' },
  { ask: 'GET /v3/users/$anna' },
  { ask: 'GET /v3/users/$third' },
  ...numbered(badCreations(user), 'user'),
  ...nowhere(user, 'anna'),
  ...changes(user, 'anna'),
  { ask: 'PATCH /v3/users/$anna', body: { user: { name: 'bert' } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { domain_id: '$other' } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { email: 'c@d', more: null, again: 'x' } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { password: '' } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { password: null } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { password: PASSWORD, name: 'anna', enabled: true } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { options: { ignore_password_expiry: true, lock_password: true } } } },
  { ask: 'PATCH /v3/users/$anna', body: { user: { options: { lock_password: null } } } },
  { ask: 'GET /v3/users/$anna' },
  { ask: 'POST /v3/groups', body: { group: { name: 'people', domain_id: '$land' } }, keep: { people: 'group.id' } },
  ...byOthers(user, 'anna', { name: 'by-others' }),
]

const LISTS = [
  '',
  '&name=anna',
  '&name=ANNA-NOT',
  '&name__contains=nn',
  '&name__startswith=be',
  '&name__endswith=na',
  '&name__icontains=NN',
  '&name__istartswith=BE',
  '&name__nothing=x',
  '&enabled=true',
  '&enabled=false',
  '&enabled=0',
  '&enabled=',
  '&enabled',
  '&enabled=nonsense',
  '&limit=1',
  '&limit=0',
  '&limit=x',
  '&limit=-1',
  '&marker=$anna',
  '&sort_key=name&sort_dir=desc',
  '&colour=red',
  '&description=words',
  '&id=$anna',
  '&password_expires_at=lt:2030-01-01T00:00:00Z',
  '&password_expires_at=nonsense',
  '&password_expires_at=lt:nonsense',
  '&page=2',
  '&fields=name',
]

const lists: Question[] = [
  ...LISTS.map((more): Question => ({ ask: `GET /v3/users?domain_id=$land${more}`, unordered: true })),
  ...['?name=anna', '?domain_id=nowhere', '?domain_id=', '?name=nobody-such', '?name=anna&domain_id=$other', `?name=${LONG(300)}`].map(
    (more): Question => ({ ask: `GET /v3/users${more}`, unordered: true }),
  ),
  ...['nobody', 'owner', 'reader', 'stranger'].flatMap((as): Question[] => [
    { as, ask: 'GET /v3/users' },
    { as, ask: 'GET /v3/users?domain_id=$land' },
    { as, ask: 'GET /v3/users?name=anna' },
  ]),
  { as: 'manager', ask: 'GET /v3/users?domain_id=$land', unordered: true },
]

const own = (question: Omit<Question, 'as'>): Question => ({
  ...question,
  as: 'nobody',
  headers: { 'x-auth-token': '$annas', ...question.headers },
})

const oneself: Question[] = [
  login(byPassword({ id: '$anna', password: PASSWORD }), { keep: { annas: 'x-subject-token' } }),
  own({ ask: 'GET /v3/users/$anna' }),
  own({ ask: 'GET /v3/users/$bert' }),
  own({ ask: `GET /v3/users/${NOWHERE}` }),
  own({ ask: 'PATCH /v3/users/$anna', body: { user: { email: 'x@y' } } }),
  own({ ask: 'DELETE /v3/users/$anna' }),
  own({ ask: 'GET /v3/users' }),
  own({ ask: 'GET /v3/users/$anna/projects' }),
  own({ ask: 'GET /v3/users/$bert/projects' }),
  own({ ask: 'GET /v3/users/$anna/groups' }),
  own({ ask: 'GET /v3/users/$bert/groups' }),
  own({ ask: 'HEAD /v3/users/$anna/groups' }),
  ...[
    {},
    { user: {} },
    { user: { original_password: PASSWORD } },
    { user: { password: NEXT } },
    { user: { original_password: 'wrong', password: NEXT } },
    { user: { original_password: PASSWORD, password: null } },
    { user: { original_password: PASSWORD, password: 5 } },
    { user: { original_password: 5, password: NEXT } },
    { user: { original_password: PASSWORD, password: PASSWORD } },
    { user: { original_password: PASSWORD, password: NEXT, more: 1 } },
    { user: { original_password: PASSWORD, password: NEXT } },
    { user: { original_password: PASSWORD, password: NEXT } },
  ].map((body): Question => ({ as: 'nobody', ask: 'POST /v3/users/$anna/password', body, tells: ['www-authenticate', 'vary'] })),
  { as: 'nobody', ask: `POST /v3/users/${NOWHERE}/password`, body: { user: { original_password: 'x', password: 'y' } } },
  { as: 'nobody', ask: 'POST /v3/users/$bert/password', body: { user: { original_password: 'x', password: 'y' } } },
  { as: 'nobody', ask: 'GET /v3/users/$anna/password' },
  own({ ask: 'GET /v3/auth/projects' }),
]

const group: Thing = {
  name: 'group',
  path: '/v3/groups',
  good: { name: 'odd', domain_id: '$land' },
  change: { description: 'changed' },
  required: ['name'],
  odd: {
    name: [5, '', LONG(65), LONG(256), 'people', null],
    description: [5, null],
    domain_id: [NOWHERE, 5, null, ''],
  },
  oddNew: { id: ['$people', 'chosen'] },
}

const groups: Question[] = [
  {
    ask: 'POST /v3/groups',
    body: { group: { name: 'crowd', domain_id: '$land', description: 'd', more: 'x' } },
    keep: { crowd: 'group.id' },
  },
  { ask: 'POST /v3/groups', body: { group: { name: 'crowd', domain_id: '$other' } }, keep: { far: 'group.id' } },
  ...numbered(badCreations(group), 'group'),
  ...nowhere(group, 'people'),
  ...changes(group, 'people'),
  { ask: 'PATCH /v3/groups/$people', body: { group: { name: 'crowd' } } },
  ...byOthers(group, 'people', { name: 'by-others' }),
  ...LISTS.map((more): Question => ({ ask: `GET /v3/groups?domain_id=$land${more}`, unordered: true })),
  { ask: 'GET /v3/groups?name=crowd', unordered: true },
  { as: 'owner', ask: 'GET /v3/groups' },
  { as: 'owner', ask: 'GET /v3/groups?domain_id=$land' },
  { as: 'manager', ask: 'GET /v3/groups?domain_id=$land', unordered: true },
]

const members: Question[] = [
  { ask: 'GET /v3/groups/$people/users' },
  { ask: 'PUT /v3/groups/$people/users/$anna' },
  { ask: 'PUT /v3/groups/$people/users/$anna' },
  { ask: 'PUT /v3/groups/$people/users/$bert' },
  { ask: 'PUT /v3/groups/$far/users/$anna' },
  { ask: 'HEAD /v3/groups/$people/users/$anna' },
  { ask: 'GET /v3/groups/$people/users/$anna' },
  { ask: 'HEAD /v3/groups/$people/users/$third' },
  { ask: 'GET /v3/groups/$people/users/$third' },
  { ask: `GET /v3/groups/$people/users/${NOWHERE}` },
  { ask: `GET /v3/groups/${NOWHERE}/users/$anna` },
  { ask: `PUT /v3/groups/$people/users/${NOWHERE}` },
  { ask: `PUT /v3/groups/${NOWHERE}/users/$anna` },
  { ask: `DELETE /v3/groups/$people/users/${NOWHERE}` },
  { ask: `DELETE /v3/groups/${NOWHERE}/users/$anna` },
  { ask: 'DELETE /v3/groups/$people/users/$third' },
  { ask: `GET /v3/groups/${NOWHERE}/users` },
  { ask: `GET /v3/users/${NOWHERE}/groups` },
  { ask: `GET /v3/users/${NOWHERE}/projects` },
  { ask: 'POST /v3/groups/$people/users', body: {} },
  { ask: 'POST /v3/groups/$people/users/$anna', body: {} },
  ...['', '?name=anna', '?name__contains=er', '?enabled=false', '?domain_id=$other', '?limit=1', '?colour=red'].map(
    (more): Question => ({ ask: `GET /v3/groups/$people/users${more}`, unordered: true }),
  ),
  ...['', '?name=crowd', '?name__contains=eop', '?limit=1', '?colour=red'].map(
    (more): Question => ({ ask: `GET /v3/users/$anna/groups${more}`, unordered: true }),
  ),
  ...['nobody', 'owner', 'stranger'].flatMap((as): Question[] => [
    { as, ask: 'GET /v3/groups/$people/users' },
    { as, ask: 'HEAD /v3/groups/$people/users/$anna' },
    { as, ask: 'PUT /v3/groups/$people/users/$third' },
    { as, ask: 'DELETE /v3/groups/$people/users/$anna' },
    { as, ask: 'GET /v3/users/$anna/groups' },
    { as, ask: 'GET /v3/users/$anna/projects' },
  ]),
  { ask: 'PUT /v3/projects/$p/groups/$people/roles/$member' },
  ...['', '?name=people-p', '?name=x', '?enabled=true', '?enabled=false', '?domain_id=$other', '?name__contains=eop', '?colour=red'].map(
    (more): Question => ({ ask: `GET /v3/users/$anna/projects${more}`, unordered: true }),
  ),
  login(byPassword({ id: '$anna', password: NEXT }, { project: { id: '$p' } }), { keep: { annas: 'x-subject-token' } }),
  own({ ask: 'GET /v3/users/$anna/groups', unordered: true }),
  own({ ask: 'GET /v3/auth/projects', unordered: true }),
  { ask: 'DELETE /v3/groups/$people/users/$anna' },
  { ask: 'DELETE /v3/groups/$people/users/$anna' },
  own({ ask: 'GET /v3/users/$anna' }),
  login(byPassword({ id: '$anna', password: NEXT }, { project: { id: '$p' } })),
  ...gone('/v3/groups', 'crowd'),
  ...gone('/v3/users', 'third'),
  { ask: 'PATCH /v3/domains/$land', body: { domain: { enabled: false } } },
  { ask: 'DELETE /v3/domains/$land' },
  { ask: 'GET /v3/users/$anna' },
  { ask: 'GET /v3/groups/$people' },
  { ask: 'PATCH /v3/domains/$other', body: { domain: { enabled: false } } },
  { ask: 'DELETE /v3/domains/$other' },
]

const OTHERWISE = [
  [/"password":""/, 'an empty password is none'],
  [/[?&](limit=1|marker=)/, PAGES],
  [/&id=/, 'ours narrows by all that it shows'],
  [/users.*password_expires_at=lt:2030/, 'theirs finds a user by passwords that were changed since, too'],
  [/domain_id=$/, 'an empty identifier is none'],
  [/(owner|reader|stranger): DELETE .v3.groups.1be2/, 'theirs tells anybody which groups there are not'],
  [/(users|groups)\?.*enabled=$/, 'ours writes a parameter without a value without an equals sign'],
  [/(PATCH|DELETE) .v3.(users|groups)( \{\})?$|POST .v3.(users|groups).\$\w+ \{\}|groups\?name__contains/, BREAKS],
] as const

export const identityPeople: readonly Story[] = [
  {
    name: 'people',
    service: 'identity',
    but: OWN,
    questions: differing([...land, ...users, ...lists, ...oneself, ...groups, ...members], OTHERWISE),
  },
]

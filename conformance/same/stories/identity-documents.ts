import type { Question, Story } from '../question.ts'

const NEWER = { 'version.id': 'ours is newer', 'version.updated': 'ours is newer' }
const EXTENSIONS = 'resources.https://docs.openstack.org/api/openstack-identity/3/ext'
const UNSERVED = Object.fromEntries(
  [
    'OS-PKI/1.0/rel/revocations',
    ...['saml2', 'ecp', 'metadata'].map(name => `OS-FEDERATION/1.0/rel/${name}`),
    ...['request_tokens', 'access_tokens', 'authorize_request_token', 'user_access_tokens', 'user_access_token'].map(
      name => `OS-OAUTH1/1.0/rel/${name}`,
    ),
    ...['user_access_token_roles', 'user_access_token_role'].map(name => `OS-OAUTH1/1.0/rel/${name}`),
    ...['ca_certificate', 'certificates'].map(name => `OS-SIMPLE-CERT/1.0/rel/${name}`),
    'OS-OAUTH2/1.0/rel/token',
    's3tokens/1.0/rel/s3tokens',
  ].map(name => [`${EXTENSIONS}/${name}`, 'ours does not have it']),
)

const documents: Question[] = [
  { as: 'nobody', ask: 'GET /', tells: ['vary', 'content-type', 'location'], but: { 'versions.values': 'ours is newer' } },
  {
    as: 'nobody',
    ask: 'GET /v3',
    tells: ['vary', 'content-type'],
    but: NEWER,
  },
  {
    as: 'nobody',
    ask: 'GET /v3/',
    tells: ['vary', 'content-type'],
    but: NEWER,
  },
  { as: 'nobody', ask: 'HEAD /v3', tells: ['vary', 'content-type'] },
  { as: 'nobody', ask: 'HEAD /' },
  { as: 'nobody', ask: 'POST /v3', body: {} },
  { as: 'nobody', ask: 'GET /v2.0' },
  { as: 'nobody', ask: 'GET /v4' },
  { as: 'nobody', ask: 'GET /v3/nothing' },
  { as: 'nobody', ask: 'GET /nothing' },
  {
    as: 'nobody',
    ask: 'GET /v3',
    headers: { 'x-auth-token': 'nothing' },
    but: NEWER,
  },
  ...['/', '/v3'].flatMap(path =>
    [
      'application/json-home',
      'application/json-home;q=0.5, application/json',
      'application/json-home, application/json;q=0.9',
      'text/html',
      '*/*',
    ].map(
      (accept): Question => ({
        as: 'nobody',
        ask: `GET ${path}`,
        headers: { accept },
        tells: ['content-type'],
        but: { ...NEWER, 'versions.values': 'ours is newer', ...UNSERVED },
      }),
    ),
  ),
]

export const identityDocuments: readonly Story[] = [{ name: 'documents', service: 'identity', questions: documents }]

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
let client: { id: string; secret: string }
let token: string
let user: string
let project: string
beforeAll(async () => {
  site = await openSite()
  project = await site.door.ensureProject('work')
  user = await site.door.ensureUser('worker', 'x', { defaultProject: project })
  await site.door.grant(user, 'member', { project })
  token = await site.token('worker', 'x')
  client = await made('program')
}, 60_000)
afterAll(() => site.close())

const made = async (name: string) =>
  (await site.request(token, 'POST', `/v3/users/${user}/application_credentials`, { application_credential: { name } })).body
    .application_credential as { id: string; secret: string }

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const basic = ({ id, secret }: { id: string; secret: string }) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  site.request(undefined, 'POST', '/v3/OS-OAUTH2/token', new URLSearchParams(form).toString(), { ...FORM, ...headers })
const GRANT = { grant_type: 'client_credentials' }

describe('a program as a client of OAuth 2.0', () => {
  it('gets a token by its id and secret, in the header or in the form', async () => {
    for (const answer of [await ask(GRANT, basic(client)), await ask({ ...GRANT, client_id: client.id, client_secret: client.secret })]) {
      expect(answer.status).toBe(200)
      expect(answer.body).toEqual({ access_token: expect.stringMatching(/^gAAAA/), token_type: 'Bearer', expires_in: 3600 })
      expect(answer.headers['cache-control']).toContain('no-store')
      const shown = await site.request(site.admin, 'GET', '/v3/auth/tokens', undefined, { 'x-subject-token': answer.body.access_token })
      expect(shown.body.token).toMatchObject({
        methods: ['application_credential'],
        user: { id: user },
        project: { id: project },
        application_credential: { id: client.id },
      })
    }
  })

  it('is refused in the form of OAuth 2.0', async () => {
    const refused = async (answer: ReturnType<typeof ask>) => {
      const { status, body } = await answer
      expect(Object.keys(body)).toEqual(['error', 'error_description'])
      return [status, body.error]
    }
    expect(await refused(ask({}, basic(client)))).toEqual([400, 'invalid_request'])
    expect(await refused(ask({ grant_type: '' }, basic(client)))).toEqual([400, 'unsupported_grant_type'])
    expect(await refused(ask({ grant_type: 'password' }, basic(client)))).toEqual([400, 'unsupported_grant_type'])
    const wrong = [
      ask(GRANT),
      ask({ ...GRANT, client_id: client.id }),
      ask(GRANT, basic({ ...client, secret: 'wrong' })),
      ask(GRANT, basic({ ...client, id: 'f'.repeat(32) })),
      ask(GRANT, { authorization: 'Bearer x' }),
      // The header counts, not the form.
      ask({ ...GRANT, client_id: client.id, client_secret: client.secret }, basic({ ...client, secret: 'wrong' })),
    ]
    for (const answer of wrong) {
      expect(await refused(answer)).toEqual([401, 'invalid_client'])
      expect((await answer).headers['www-authenticate']).toContain('Keystone uri="')
    }
    const json = await site.request(undefined, 'POST', '/v3/OS-OAUTH2/token', { ...GRANT }, basic(client))
    expect([json.status, json.body.error]).toEqual([400, 'invalid_request'])
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expect((await site.request(undefined, method, '/v3/OS-OAUTH2/token')).status).toBe(405)
  })

  it('of a user who needs two factors is not let in with one', async () => {
    const mine = await made('of two factors')
    await site.ask('PATCH', `/v3/users/${user}`, { user: { options: { multi_factor_auth_rules: [['password', 'totp']] } } })
    const { status, body } = await ask(GRANT, basic(mine))
    expect([status, body.error]).toEqual([401, 'invalid_client'])
    await site.ask('PATCH', `/v3/users/${user}`, { user: { options: { multi_factor_auth_rules: null } } })
    expect((await ask(GRANT, basic(mine))).status).toBe(200)
  })
})

describe('what was signed for S3', () => {
  it('becomes a token for the service that passes it on', async () => {
    const keys = (await site.request(token, 'POST', `/v3/users/${user}/credentials/OS-EC2`, { tenant_id: project })).body.credential
    const text = 'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/bucket/object'
    const exchange = (credentials: object, by: string | undefined = site.admin) => site.request(by, 'POST', '/v3/s3tokens', { credentials })
    const signed = {
      access: keys.access,
      signature: createHmac('sha1', keys.secret).update(text).digest('base64'),
      token: Buffer.from(text).toString('base64url'),
    }
    const { status, body, headers } = await exchange(signed)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.token).toMatchObject({ user: { id: user }, project: { id: project }, methods: ['ec2credential'] })
    expect(await site.door.authenticate(headers['x-subject-token']!)).toMatchObject({ roles: ['member', 'reader'] })
    expect((await exchange({ ...signed, signature: 'x' })).status).toBe(401)
    expect((await exchange({ ...signed, access: 'none' })).status).toBe(404)
    expect((await exchange({ access: keys.access })).status).toBe(401)
    expect((await exchange(signed, token)).status).toBe(403)
    expect((await site.request(undefined, 'POST', '/v3/s3tokens', { credentials: signed })).status).toBe(401)
    expect((await site.ask('POST', '/v3/s3tokens', {})).status).toBe(400)
  })
})

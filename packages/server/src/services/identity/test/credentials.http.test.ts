import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, PASSWORD, type Site } from './site.ts'

const clock = fakeClock()
let site: Site
let project: string
let other: string
let user: string
let token: string
beforeAll(async () => {
  site = await openSite({ clock })
  project = await site.door.ensureProject('work')
  other = await site.door.ensureProject('other work')
  user = await site.door.ensureUser('worker', 'x', { defaultProject: project })
  for (const id of [project, other]) await site.door.grant(user, 'member', { project: id })
  token = await site.token('worker', 'x')
}, 60_000)
afterAll(() => site.close())

const make = (fields: object, by = token) => site.request(by, 'POST', '/v3/credentials', { credential: fields })
let count = 0
const ec2Blob = () => JSON.stringify({ access: `access${++count}`, secret: 'very secret' })

/** A token of a program of the worker's. */
const program = async (unrestricted: boolean): Promise<string> => {
  const c = await site.request(token, 'POST', `/v3/users/${user}/application_credentials`, {
    application_credential: { name: `p${++count}`, unrestricted },
  })
  const { id, secret } = c.body.application_credential
  const login = await site.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
  })
  return login.headers['x-subject-token']!
}

describe('a credential', () => {
  it('is kept for its user, sealed, and shown to nobody else', async () => {
    const made = await make({ user_id: user, type: 'cert', blob: 'a certificate' })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    const { id } = made.body.credential
    expect(made.body.credential).toEqual({
      id,
      user_id: user,
      project_id: null,
      type: 'cert',
      blob: 'a certificate',
      links: { self: expect.stringMatching(`/identity/v3/credentials/${id}$`) },
    })
    const stored = await site.connections.pool.query('select sealed from identity.credential where id = $1', [id])
    expect(stored.rows[0].sealed).toMatch(/^esi1:/)
    const stranger = await site.door.ensureUser('stranger', 'x', { defaultProject: project })
    await site.door.grant(stranger, 'member', { project })
    const theirs = await site.token('stranger', 'x')
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { credential: { blob: 'x' } }]] as const)
      expect((await site.request(theirs, method, `/v3/credentials/${id}`, body)).status).toBe(403)
    expect((await site.request(theirs, 'GET', '/v3/credentials')).body.credentials).toEqual([])
    expect((await site.request(theirs, 'GET', '/v3/credentials/nothing')).status).toBe(403)
    expect((await site.ask('GET', `/v3/credentials/${id}`)).body.credential.blob).toBe('a certificate')
    expect((await site.ask('GET', '/v3/credentials/nothing')).status).toBe(404)
    expect((await make({ user_id: user, type: 'cert', blob: 'x' }, theirs)).status).toBe(403)
    expect((await site.request(token, 'PATCH', `/v3/credentials/${id}`, { credential: { user_id: stranger } })).status).toBe(403)
    const listed = await site.request(token, 'GET', '/v3/credentials?type=cert')
    expect(listed.body.credentials.map((c: any) => c.id)).toEqual([id])
    expect((await site.request(token, 'GET', '/v3/credentials?type=ec2')).body.credentials).toEqual([])
    const changed = await site.request(token, 'PATCH', `/v3/credentials/${id}`, { credential: { blob: 'another' } })
    expect(changed.body.credential).toMatchObject({ id, blob: 'another' })
    expect((await site.request(token, 'DELETE', `/v3/credentials/${id}`)).status).toBe(204)
    expect((await site.request(token, 'GET', '/v3/credentials')).body.credentials).toEqual([])
  })

  it('of the type ec2 is called by its access key, which is not there twice', async () => {
    const blob = ec2Blob()
    const made = await make({ user_id: user, project_id: project, type: 'ec2', blob })
    expect(made.status).toBe(201)
    expect(made.body.credential.id).toMatch(/^[0-9a-f]{64}$/)
    expect((await make({ user_id: user, project_id: project, type: 'ec2', blob })).status).toBe(409)
    for (const bad of [{ blob: 'not json' }, { blob: '[]' }, { blob: '{"secret":"x"}' }, { project_id: undefined }])
      expect((await make({ user_id: user, project_id: project, type: 'ec2', blob: ec2Blob(), ...bad })).status).toBe(400)
    // Whoever says not whose it is may make none.
    expect((await make({ project_id: project, type: 'ec2', blob: ec2Blob() })).status).toBe(403)
    const path = `/v3/credentials/${made.body.credential.id}`
    const moved = await site.request(token, 'PATCH', path, { credential: { blob: ec2Blob(), project_id: other, type: 'ec2' } })
    expect(moved.body.credential).toMatchObject({ id: made.body.credential.id, project_id: other })
    expect(
      (await site.request(token, 'PATCH', path, { credential: { blob: JSON.stringify({ access: 'a', trust_id: 'x' }) } })).status,
    ).toBe(400)
  })

  it('stays out of reach of programs', async () => {
    const cert = (await make({ user_id: user, project_id: project, type: 'cert', blob: 'x' })).body.credential.id
    const far = (await make({ user_id: user, project_id: other, type: 'ec2', blob: ec2Blob() })).body.credential.id
    for (const unrestricted of [true, false]) {
      const by = await program(unrestricted)
      for (const id of [cert, far])
        for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { credential: { blob: 'y' } }]] as const)
          expect((await site.request(by, method, `/v3/credentials/${id}`, body)).status).toBe(403)
      expect((await make({ user_id: user, project_id: project, type: 'cert', blob: 'x' }, by)).status).toBe(403)
      expect((await site.request(by, 'GET', '/v3/credentials')).body.credentials).toEqual([])
      const keys = `/v3/users/${user}/credentials/OS-EC2`
      expect((await site.request(by, 'GET', keys)).status).toBe(403)
      expect((await site.request(by, 'POST', keys, { tenant_id: project })).status).toBe(403)
    }
  })

  it('goes with its user and with its project', async () => {
    const gone = await site.door.ensureUser('gone', 'x')
    const place = await site.door.ensureProject('gone')
    const one = (await make({ user_id: gone, type: 'cert', blob: 'x' }, site.admin)).body.credential.id
    const two = (await make({ user_id: user, project_id: place, type: 'cert', blob: 'x' })).body.credential.id
    await site.ask('DELETE', `/v3/users/${gone}`)
    await site.ask('DELETE', `/v3/projects/${place}`)
    for (const id of [one, two]) expect((await site.ask('GET', `/v3/credentials/${id}`)).status).toBe(404)
  })
})

describe('EC2 keys', () => {
  const path = () => `/v3/users/${user}/credentials/OS-EC2`
  const keys = async (by = token) => (await site.request(by, 'POST', path(), { tenant_id: project })).body.credential
  /** Keys with what they are bound to in them, as they come from a Keystone that made such. */
  const bound = async (by: string, of: string, to: Record<string, string>) => {
    const k = { access: `access${++count}`, secret: 'very secret' }
    const blob = JSON.stringify({ ...k, ...to })
    expect((await make({ user_id: of, project_id: project, type: 'ec2', blob }, by)).status).toBe(201)
    return k
  }

  it('are made, listed, shown and ended under their user', async () => {
    const made = await site.request(token, 'POST', path(), { tenant_id: project })
    expect(made.status).toBe(201)
    const { credential } = made.body
    expect(credential).toMatchObject({ user_id: user, tenant_id: project, trust_id: null })
    expect((await site.request(token, 'GET', path())).body.credentials).toContainEqual(credential)
    expect((await site.request(token, 'GET', `${path()}/${credential.access}`)).body.credential).toEqual(credential)
    const strange = await site.token('stranger', 'x')
    expect((await site.request(strange, 'GET', `${path()}/${credential.access}`)).status).toBe(403)
    const foreign = `/v3/users/${(await site.ask('GET', '/v3/users?name=stranger')).body.users[0].id}/credentials/OS-EC2`
    expect((await site.request(strange, 'GET', `${foreign}/${credential.access}`)).status).toBe(404)
    expect((await site.request(strange, 'POST', path(), { tenant_id: project })).status).toBe(403)
    expect((await site.request(token, 'POST', path(), { tenant_id: 'nowhere' })).status).toBe(404)
    expect((await site.request(token, 'POST', path(), {})).status).toBe(400)
    expect((await site.request(token, 'DELETE', `${path()}/${credential.access}`)).status).toBe(204)
    expect((await site.request(token, 'GET', `${path()}/${credential.access}`)).status).toBe(404)
  })

  const second = (secret: string, params: Record<string, string>) => {
    const query = Object.keys({ ...params, SignatureMethod: 'HmacSHA256' })
      .sort()
      .map(k => `${k}=${encodeURIComponent(k === 'SignatureMethod' ? 'HmacSHA256' : params[k]!)}`)
      .join('&')
    return createHmac('sha256', secret).update(`GET\nesi.test\n/\n${query}`).digest('base64')
  }
  const exchange = (credentials: object, by = site.admin) => site.request(by, 'POST', '/v3/ec2tokens', { credentials })
  const signed = (k: { access: string; secret: string }, at = clock.now(), host = 'esi.test') => {
    const params = { SignatureVersion: '2', Timestamp: at, Action: 'Test' }
    return { access: k.access, signature: second(k.secret, params), params, verb: 'GET', host, path: '/' }
  }

  it('become a token for whoever passes on what they signed', async () => {
    const k = await keys()
    const answer = await exchange(signed(k))
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    expect(answer.body.token).toMatchObject({ user: { id: user }, project: { id: project }, methods: ['ec2credential'] })
    expect(await site.door.authenticate(answer.headers['x-subject-token']!)).toMatchObject({ roles: ['member', 'reader'] })
    expect((await exchange(signed(k, clock.now(), 'esi.test:8774'))).status).toBe(200)
    expect((await exchange(signed(k), token)).status).toBe(403)
    expect((await exchange({ ...signed(k), signature: 'AAAA' })).status).toBe(401)
    expect((await exchange({ ...signed(k), path: '/other' })).status).toBe(401)
    expect((await exchange(signed({ access: 'unknown', secret: 'x' }))).status).toBe(404)
    expect((await exchange(signed(k, '2029-12-31T23:00:00Z'))).status).toBe(401)
    expect((await exchange({ access: k.access })).status).toBe(401)
  })

  // The example of the AWS documentation for version 4, with its secret.
  it('of version 4 are read as AWS writes them', async () => {
    const access = 'AKIDEXAMPLE'
    const blob = JSON.stringify({ access, secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' })
    await make({ user_id: user, project_id: project, type: 'ec2', blob })
    const v4 = {
      access,
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
      params: { Action: 'ListUsers', Version: '2010-05-08' },
      headers: {
        Authorization: `AWS4-HMAC-SHA256 Credential=${access}/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=x`,
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        Host: 'iam.amazonaws.com',
        'X-Amz-Date': '20150830T123600Z',
      },
      verb: 'GET',
      host: 'iam.amazonaws.com',
      path: '/',
      body_hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    }
    // The signature fits; it is only too old.
    expect((await exchange(v4)).body.error.message).toBe('Credential is expired')
    expect((await exchange({ ...v4, verb: 'PUT' })).body.error.message).toBe('Invalid EC2 signature.')
  })

  it('of a program end with it', async () => {
    await program(true)
    const all = (await site.request(token, 'GET', `/v3/users/${user}/application_credentials`)).body.application_credentials
    const k = await bound(token, user, { app_cred_id: all.find((each: any) => each.unrestricted).id })
    const answer = await exchange(signed(k))
    expect(answer.body.token.application_credential).toMatchObject({ restricted: false })
    const programs = (await site.request(token, 'GET', `/v3/users/${user}/application_credentials`)).body.application_credentials
    for (const { id } of programs) await site.request(token, 'DELETE', `/v3/users/${user}/application_credentials/${id}`)
    expect((await exchange(signed(k))).status).toBe(401)
  })

  it('of a trustee are bound to the trust', async () => {
    const trustee = await site.door.ensureUser('trustee', 'x')
    const trust = await site.request(token, 'POST', '/v3/OS-TRUST/trusts', {
      trust: { trustor_user_id: user, trustee_user_id: trustee, project_id: project, impersonation: true, roles: [{ name: 'member' }] },
    })
    const { id } = trust.body.trust
    const lent = await site.token('trustee', 'x', { 'OS-TRUST:trust': { id } })
    expect((await site.request(lent, 'POST', `/v3/users/${trustee}/credentials/OS-EC2`, { tenant_id: project })).status).toBe(403)
    const k = await bound(await site.token('trustee', 'x'), trustee, { trust_id: id })
    expect((await exchange(signed(k))).body.token['OS-TRUST:trust']).toMatchObject({ id })
    await site.request(token, 'DELETE', `/v3/OS-TRUST/trusts/${id}`)
    expect((await exchange(signed(k))).status).toBe(401)
    expect((await site.login('admin', PASSWORD)).status).toBe(201)
  })
})

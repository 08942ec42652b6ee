import { describe, expect, it } from 'vitest'
import { chooseCloud } from './clouds.ts'
import type { KeptToken } from './oidc.ts'
import { Session } from './session.ts'
import type { Incoming, Outgoing } from './transport.ts'

const reply = (status: number, body: object, headers: Record<string, string> = {}): Incoming => ({
  status,
  headers,
  text: JSON.stringify(body),
})

const environment = {
  OS_AUTH_URL: 'http://cloud.test/identity/v3',
  OS_AUTH_TYPE: 'v3oidcdeviceauthz',
  OS_IDENTITY_PROVIDER: 'corp',
  OS_PROTOCOL: 'openid',
  OS_CLIENT_ID: 'cli',
  OS_DISCOVERY_ENDPOINT: 'http://idp.test/.well-known/openid-configuration',
  OS_PROJECT_ID: 'p',
}

/** A provider and an identity service that answer as a test says. */
const world = (answers: object[] = [{ error: 'authorization_pending' }, { access_token: 'theirs' }]) => {
  const sent: Outgoing[] = []
  const transport = async (outgoing: Outgoing): Promise<Incoming> => {
    sent.push(outgoing)
    const { url, body = '', headers } = outgoing
    if (url.endsWith('openid-configuration'))
      return reply(200, { device_authorization_endpoint: 'http://idp.test/device', token_endpoint: 'http://idp.test/token' })
    if (url === 'http://idp.test/device')
      return reply(200, { device_code: 'd', user_code: 'WORD', verification_uri: 'http://idp.test/go', expires_in: 60, interval: 0 })
    if (url === 'http://idp.test/token') {
      const next = answers.shift()!
      return reply('access_token' in next ? 200 : 400, next)
    }
    if (url.endsWith('/protocols/openid/auth')) {
      if (headers['Authorization'] !== 'Bearer theirs') return reply(401, { error: { message: 'no' } })
      return reply(201, { token: { expires_at: '2999-01-01T00:00:00Z' } }, { 'x-subject-token': 'unscoped' })
    }
    const { auth } = JSON.parse(body)
    if (auth.identity.token.id !== 'unscoped') return reply(404, { error: { message: 'no such token' } })
    return reply(
      201,
      { token: { expires_at: '2999-01-01T00:00:00Z', catalog: [], user: { id: 'u', name: 'ada' }, roles: [] } },
      { 'x-subject-token': 'scoped' },
    )
  }
  return { sent, transport, paths: () => sent.map(o => new URL(o.url).pathname) }
}

const kept = (first?: KeptToken) => {
  let token = first
  return {
    read: () => token,
    write(t: KeptToken) {
      token = t
    },
    forget() {
      token = undefined
    },
    now: () => token,
  }
}

describe('a login by another device', () => {
  it('tells where to go, waits until somebody was there, and brings a token of the cloud', async () => {
    const { transport, sent, paths } = world()
    const told: string[] = []
    const keep = kept()
    const session = new Session(await chooseCloud({ environment }), transport, { tell: text => told.push(text), kept: keep })
    expect((await session.token()).text).toBe('scoped')
    expect(told).toEqual(['To log in, open http://idp.test/go in a browser and confirm the code WORD.'])
    expect(paths()).toEqual([
      '/.well-known/openid-configuration',
      '/device',
      '/token',
      '/token',
      '/identity/v3/OS-FEDERATION/identity_providers/corp/protocols/openid/auth',
      '/identity/v3/auth/tokens',
    ])
    expect(sent[1]!.body).toBe('client_id=cli&scope=openid+profile')
    expect(JSON.parse(sent[5]!.body!).auth.scope).toEqual({ project: { id: 'p' } })
    expect(keep.now()).toEqual({ text: 'unscoped', expires: '2999-01-01T00:00:00Z' })
  })

  it('is not asked for again while what it brought is good', async () => {
    const { transport, paths } = world()
    const keep = kept({ text: 'unscoped', expires: '2999-01-01T00:00:00Z' })
    const session = new Session(await chooseCloud({ environment }), transport, { tell: expect.fail, kept: keep })
    expect((await session.token()).text).toBe('scoped')
    expect(paths()).toEqual(['/identity/v3/auth/tokens'])
  })

  it.each([
    ['has ended', { text: 'unscoped', expires: '2001-01-01T00:00:00Z' }],
    ['was revoked', { text: 'revoked', expires: '2999-01-01T00:00:00Z' }],
  ])('is asked for anew when that %s', async (_, old) => {
    const { transport } = world()
    const told: string[] = []
    const session = new Session(await chooseCloud({ environment }), transport, { tell: text => told.push(text), kept: kept(old) })
    expect((await session.token()).text).toBe('scoped')
    expect(told.length).toBe(1)
  })

  it('ends when the provider says no, or somebody stops it', async () => {
    const no = world([{ error: 'access_denied', error_description: 'not you' }])
    const session = new Session(await chooseCloud({ environment }), no.transport, { tell() {} })
    await expect(session.token()).rejects.toThrow('The identity provider refused the login: not you')
    const stop = new AbortController()
    const stopped = new Session(await chooseCloud({ environment }), world().transport, {
      tell: () => stop.abort(new Error('interrupted')),
      signal: stop.signal,
    })
    await expect(stopped.token()).rejects.toThrow('interrupted')
  })
})

it('an access token that is there already is exchanged at once', async () => {
  const { transport, paths } = world()
  const cloud = await chooseCloud({ environment: { ...environment, OS_AUTH_TYPE: 'v3oidcaccesstoken', OS_ACCESS_TOKEN: 'theirs' } })
  expect((await new Session(cloud, transport).token()).text).toBe('scoped')
  expect(paths().length).toBe(2)
})

it('what is missing is named', async () => {
  await expect(chooseCloud({ environment: { ...environment, OS_CLIENT_ID: '' } })).rejects.toThrow('client_id is needed')
})

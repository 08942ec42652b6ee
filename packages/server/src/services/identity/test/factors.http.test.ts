import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { openSite, type Site } from './site.ts'

// Logins of several factors: passcodes of a device, and receipts for what is proven already.

const clock = fakeClock()
let site: Site
beforeAll(async () => {
  site = await openSite({ clock, config: { logins: { perUser: 6 } } })
}, 60_000)
afterAll(() => site.close())

const KEY = Buffer.from('12345678901234567890')
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** What the device shows, so many half minutes from now. */
const shown = (later = 0): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(clock.millis() / 30_000) + later))
  const hash = createHmac('sha1', KEY).update(counter).digest()
  return String((hash.readUInt32BE(hash[19]! & 15) & 0x7fff_ffff) % 1_000_000).padStart(6, '0')
}
const wrong = () => String((Number(shown()) + 1) % 1_000_000).padStart(6, '0')

let count = 0
const person = async (rules?: string[][], blob: string | null = SECRET) => {
  const name = `person${++count}`
  const user = await site.make('user', { name, password: 'pw', options: rules ? { multi_factor_auth_rules: rules } : {} })
  if (blob !== null) {
    const made = await site.ask('POST', '/v3/credentials', { credential: { type: 'totp', user_id: user.id, blob } })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
  }
  return user as { id: string; name: string }
}

type Who = { readonly id: string; readonly name: string }
const methods = {
  password: (who: Who, password = 'pw') => ({ password: { user: { id: who.id, password } } }),
  totp: (who: Who, passcode = shown()) => ({ totp: { user: { id: who.id, passcode } } }),
}
const login = (parts: object, receipt?: string) =>
  site.request(
    undefined,
    'POST',
    '/v3/auth/tokens',
    { auth: { identity: { methods: Object.keys(parts), ...parts } } },
    receipt === undefined ? {} : { 'openstack-auth-receipt': receipt },
  )

describe('a passcode', () => {
  it('lets in as a password does, by id and by name', async () => {
    const who = await person()
    const { status, body } = await login(methods.totp(who))
    expect(status).toBe(201)
    expect(body.token).toMatchObject({ methods: ['totp'], user: { id: who.id } })
    const named = { user: { name: who.name, domain: { name: 'Default' }, passcode: shown() } }
    expect((await login({ totp: named })).status).toBe(201)
  })

  it('counts for the half minute before this one too, and no longer', async () => {
    const who = await person()
    expect((await login(methods.totp(who, shown(-1)))).status).toBe(201)
    for (const far of [-2, 1]) expect((await login(methods.totp(who, shown(far)))).status).toBe(401)
  })

  it('is refused in the words of a wrong password, also where there is no device or no user', async () => {
    const bare = await person(undefined, null)
    const broken = await person(undefined, 'not base32!')
    const nobody = { id: 'f'.repeat(32), name: 'nobody' }
    for (const parts of [methods.totp(await person(), wrong()), methods.totp(bare), methods.totp(broken), methods.totp(nobody)]) {
      const { status, body } = await login(parts)
      expect([status, body.error.message]).toEqual([401, 'The request you have made requires authentication.'])
    }
  })

  it('is one of several devices, and only one of the same user', async () => {
    const [who, other] = [await person(undefined, 'MFRGGZDF'), await person()]
    expect((await login(methods.totp(who))).status).toBe(401)
    await site.ask('POST', '/v3/credentials', { credential: { type: 'totp', user_id: who.id, blob: SECRET } })
    expect((await login(methods.totp(who))).status).toBe(201)
    expect((await login({ ...methods.password(other), ...methods.totp(who) })).status).toBe(401)
  })

  it('is not guessed: after some failures nothing is looked at any more', async () => {
    const who = await person()
    for (let i = 0; i < 6; i++) expect((await login(methods.totp(who, wrong()))).status).toBe(401)
    expect((await login(methods.totp(who))).status).toBe(429)
    expect((await login(methods.password(who))).status).toBe(429)
  })

  it('has a form', async () => {
    const who = await person()
    for (const user of [{ passcode: shown() }, undefined]) expect((await login({ totp: { user } })).status).toBe(400)
    for (const user of [{ id: who.id }, { id: who.id, passcode: 123_456 }]) expect((await login({ totp: { user } })).status).toBe(401)
  })
})

describe('a device', () => {
  it('is neither seen nor made by whoever was lent something: a program, or a trustee', async () => {
    const project = await site.door.ensureProject('work')
    const owner = await person(undefined, null)
    const member = (await site.ask('GET', '/v3/roles?name=member')).body.roles[0].id
    await site.ask('PUT', `/v3/projects/${project}/users/${owner.id}/roles/${member}`)
    const own = await site.token(owner.name, 'pw', { project: { id: project } })
    const device = { type: 'totp', user_id: owner.id, project_id: project, blob: SECRET }
    const { credential } = (await site.request(own, 'POST', '/v3/credentials', { credential: device })).body
    const program = await site.request(own, 'POST', `/v3/users/${owner.id}/application_credentials`, {
      application_credential: { name: 'program', unrestricted: true },
    })
    const { id, secret } = program.body.application_credential
    const byProgram = (await login({ application_credential: { id, secret } })).headers['x-subject-token']!
    const trustee = await person(undefined, null)
    const trust = await site.request(own, 'POST', '/v3/OS-TRUST/trusts', {
      trust: {
        trustor_user_id: owner.id,
        trustee_user_id: trustee.id,
        project_id: project,
        impersonation: true,
        roles: [{ name: 'member' }],
      },
    })
    const byTrust = await site.token(trustee.name, 'pw', { 'OS-TRUST:trust': { id: trust.body.trust.id } })
    for (const token of [byProgram, byTrust]) {
      const ask = (method: string, path: string, body?: object) => site.request(token, method, `/v3/credentials${path}`, body)
      expect((await ask('GET', '')).body.credentials).toEqual([])
      expect((await ask('GET', '?type=totp')).body.credentials).toEqual([])
      const asked = [
        await ask('GET', `/${credential.id}`),
        await ask('PATCH', `/${credential.id}`, { credential: { blob: 'MFRGGZDF' } }),
        await ask('DELETE', `/${credential.id}`),
        await ask('POST', '', { credential: device }),
        await ask('POST', '', { credential: { ...device, type: 'TOTP' } }),
      ]
      expect(asked.map(answer => answer.status)).toEqual([403, 403, 403, 403, 403])
    }
    expect((await site.request(own, 'GET', '/v3/credentials?type=totp')).body.credentials).toHaveLength(1)
  })
})

describe('a login of which a part is proven', () => {
  it('gets a receipt that tells what is missing', async () => {
    const rules = [['password', 'totp', 'token'], ['password', 'totp'], ['token', 'totp'], ['none such'], ['password', 'none such', 'totp']]
    const who = await person(rules)
    const { status, headers, body } = await login(methods.password(who))
    expect(status).toBe(401)
    expect(headers['openstack-auth-receipt']).toMatch(/^gAAAA/)
    expect(headers['x-subject-token']).toBeUndefined()
    expect(body.token).toBeUndefined()
    expect(body).toEqual({
      receipt: {
        methods: ['password'],
        user: { id: who.id, name: who.name, domain: { id: 'default', name: 'Default' } },
        issued_at: clock.now(),
        expires_at: '2030-01-01T00:05:00.000000Z',
      },
      required_auth_methods: [
        ['password', 'totp', 'token'],
        ['password', 'totp'],
        ['password', 'totp'],
      ],
    })
  })

  it('is finished at once, or with the receipt, whichever came first', async () => {
    const who = await person([['password', 'totp']])
    expect((await login({ ...methods.password(who), ...methods.totp(who) })).body.token.methods).toEqual(['password', 'totp'])
    for (const [first, second] of [
      [methods.password(who), methods.totp(who)],
      [methods.totp(who), methods.password(who)],
    ] as const) {
      const receipt = (await login(first)).headers['openstack-auth-receipt']!
      const done = await login(second, receipt)
      expect(done.status).toBe(201)
      expect(new Set(done.body.token.methods)).toEqual(new Set(['password', 'totp']))
      // The token itself proves all of it from then on.
      const again = await login({ token: { id: done.headers['x-subject-token'] } })
      expect(again.status).toBe(201)
    }
  })

  it('is not finished by the same part again, by a receipt of another, an old one or one that is none', async () => {
    const [who, other] = [await person([['password', 'totp']]), await person([['password', 'totp']])]
    const [mine, theirs] = [await login(methods.password(who)), await login(methods.password(other))].map(
      answer => answer.headers['openstack-auth-receipt']!,
    )
    expect((await login(methods.password(who), mine)).status).toBe(401)
    for (const receipt of [theirs!, 'none', await site.token('admin', 'a password')]) {
      const { status, headers, body } = await login(methods.totp(who), receipt)
      expect([status, headers['openstack-auth-receipt'], body.error.code]).toEqual([401, undefined, 401])
    }
    await clock.advance(300_000)
    expect((await login(methods.totp(who), mine)).status).toBe(401)
  })

  it('begins anew with a new password', async () => {
    const who = await person([['password', 'totp']])
    const receipt = (await login(methods.password(who))).headers['openstack-auth-receipt']!
    await clock.advance(1000)
    await site.ask('PATCH', `/v3/users/${who.id}`, { user: { password: 'another' } })
    expect((await login(methods.totp(who), receipt)).status).toBe(401)
  })

  it('is no token: a receipt opens nothing', async () => {
    const who = await person([['password', 'totp']])
    const receipt = (await login(methods.password(who))).headers['openstack-auth-receipt']!
    expect((await site.request(receipt, 'GET', '/v3/auth/projects')).status).toBe(401)
    expect((await login({ token: { id: receipt } })).status).not.toBe(201)
  })
})

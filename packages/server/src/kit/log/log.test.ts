import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog, type LogOptions } from './create.ts'
import { isSecretName, redact, scrub } from './redact.ts'

const collect = (options: LogOptions = {}) => {
  const lines: string[] = []
  return {
    log: createLog({ ...options, to: { write: line => lines.push(line) } }),
    lines,
    last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown>,
  }
}

describe('lines', () => {
  it('are JSON with time, level and message, one object a line', () => {
    const { log, lines, last } = collect()
    log.child({ request: 'req-1' }).info({ node: 'n1', ms: 3 }, 'done\nreally')
    expect(lines).toHaveLength(1)
    expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
    expect(last()).toMatchObject({
      level: 'info',
      request: 'req-1',
      node: 'n1',
      ms: 3,
      msg: 'done\nreally',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    })
  })
  it('below the level are not written, and their fields not read', () => {
    const { log, lines } = collect({ level: 'warn' })
    const fields = {
      get costly(): string {
        throw new Error('read')
      },
    }
    log.info(fields, 'no')
    log.debug(fields)
    log.warn({}, 'yes')
    expect(lines).toHaveLength(1)
  })
  it('are text for people, without control characters', () => {
    const { log, lines } = collect({ format: 'text' })
    log.warn({ node: 'n1', why: 'two words', list: [1, 2], evil: '\u001b[31m' }, 'it \u001b[2J\nbroke')
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}it \\x1b\[2J broke node=n1 why="two words" list=\[1,2\] evil="\\u001b\[31m"\n$/,
    )
  })
  it('show an error with its stack below', () => {
    const { log, lines } = collect({ format: 'text' })
    log.error({ error: new Error('no such thing') }, 'failed')
    expect(lines[0]).toMatch(/ERROR failed error="no such thing"\n {4}at .*log\.test\.ts/)
  })
})

const PASSWORD = 'hunter2-correct-horse'
const FERNET = 'gAAAAABlZ2V0LW91dC1vZi1oZXJlLXlvdS1zaG91bGQtbm90LXNlZS10aGlz_-x=='

describe('secrets by name', () => {
  it.each([
    'password',
    'Password',
    'redfish_password',
    'adminPass',
    'adminPassword',
    'user-password',
    'token',
    'secret',
    'client_secret',
    'clientSecret',
    'private_key',
    'privateKey',
    'Authorization',
    'proxy-authorization',
    'X-Auth-Token',
    'x-subject-token',
    'x_auth_token',
    'cookie',
    'Set-Cookie',
    'snmp.passphrase',
    'passwords',
    'master_key',
    'ipmi_password',
  ])('%s is not shown, however deep', name => {
    const { log, lines, last } = collect()
    log
      .child({ [name]: PASSWORD })
      .info({ a: [{ b: new Map([['c', { [name]: PASSWORD }]]) }], [name]: [PASSWORD], other: { [name]: { value: PASSWORD } } }, 'x')
    expect(lines[0]).not.toContain(PASSWORD)
    expect(last()['other']).toEqual({ [name]: '[redacted]' })
  })
  it.each(['passage', 'tokens_left', 'token_count', 'secretary', 'keyboard', 'public_key', 'compass', 'name', 'cookie_count'])(
    '%s is shown',
    name => {
      expect(isSecretName(name)).toBe(false)
      expect(redact({ [name]: 'v' })).toEqual({ [name]: 'v' })
    },
  )
  it('says whether there is one', () => {
    expect(redact({ password: null, secret: true, token: undefined })).toEqual({ password: null, secret: true, token: undefined })
  })
  it('in raw headers and argument lists are not shown', () => {
    expect(redact({ headers: ['Host', 'h', 'X-Auth-Token', PASSWORD], argv: ['--password', PASSWORD, '--user', 'u'] })).toEqual({
      headers: ['Host', 'h', 'X-Auth-Token', '[redacted]'],
      argv: ['--password', '[redacted]', '--user', 'u'],
    })
  })
})

describe('secrets by their looks', () => {
  it.each<[string, string, string]>([
    ['a Fernet token', `token ${FERNET} is old`, 'token [token] is old'],
    ['a web token', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl.', 'got [token].'],
    ['a sealed secret', 'stored esi1:k1:bm9uY2U:dGFn:dGV4dA in', 'stored [sealed] in'],
    ['a URL', `cannot reach postgres://esi:${PASSWORD}@db:5432/esi`, 'cannot reach postgres://esi:***@db:5432/esi'],
    ['a URL with an @ in the password', 'https://u:a@b@host/x', 'https://u:***@host/x'],
    ['a header', `X-Auth-Token: ${PASSWORD}`, 'X-Auth-Token: [redacted]'],
    ['an authorization', `{"authorization":"Basic ${PASSWORD}"}`, '{"authorization":[redacted]'],
    ['a bearer', `sent Bearer ${PASSWORD}`, 'sent Bearer [redacted]'],
    ['a query', `GET /console?token=${PASSWORD}&x=1`, 'GET /console?token=***&x=1'],
    ['JSON in text', `{"auth": {"password": "${PASSWORD} \\" x", "a": 1}}`, '{"auth": {"password": "[redacted]", "a": 1}}'],
    ['a connection string', `host=db password=${PASSWORD} user=esi`, 'host=db password=*** user=esi'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', '[private key]'],
    ['half a private key', '-----BEGIN PRIVATE KEY-----\nabc', '[private key]'],
  ])('%s is not shown', (_, text, clean) => {
    expect(scrub(text)).toBe(clean)
    const { log, lines } = collect()
    log.child({ note: text }).error({ note: text, error: new Error(text, { cause: new Error(text) }) }, text)
    expect(lines[0]).not.toContain(PASSWORD)
    expect(lines[0]).not.toContain(FERNET)
    expect(lines[0]).not.toContain('abc')
  })
  it.each([
    'http://[::1]:80/a?b=c@d',
    'Basic authentication is off',
    'the token is too old',
    'see https://h:8080/x, ask a@b',
    '2027-01-01T00:00:00Z',
  ])('%s is shown as it is', text => {
    expect(scrub(text)).toBe(text)
  })
})

describe('whatever is given', () => {
  it('is written, and not changed', () => {
    const circle: Record<string, unknown> = {
      password: PASSWORD,
      big: 1n,
      f: () => 1,
      bytes: Buffer.from(PASSWORD),
      at: new URL(`http://u:${PASSWORD}@h/`),
    }
    circle['self'] = circle
    const broken = {
      get x(): string {
        throw new Error('no')
      },
    }
    const { log, last, lines } = collect()
    log.info({ circle, broken, set: new Set([1]) }, 'x')
    expect(last()).toMatchObject({
      circle: { password: '[redacted]', big: '1', bytes: `[${PASSWORD.length} bytes]`, at: 'http://u:***@h/', self: '[circular]' },
      broken: '[unreadable]',
      set: [1],
    })
    expect(lines[0]).not.toContain(PASSWORD)
    expect(circle['password']).toBe(PASSWORD)
  })
  it('may be an error itself', () => {
    const { log, last } = collect()
    log.error(new TypeError('odd'))
    expect(last()).toMatchObject({ error: { type: 'TypeError', message: 'odd' } })
  })
  it('never throws, and leaks nothing under a secret name', () => {
    const name = fc.constantFrom('password', 'db_password', 'X-Auth-Token', 'cookie', 'privateKey')
    const wrapped = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.dictionary(name, fc.constantFrom<unknown>(PASSWORD, [PASSWORD], { x: PASSWORD }), { minKeys: 1 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.string(), fc.oneof(tie('tree'), fc.anything()), { maxKeys: 3 }),
      ),
    })).tree
    fc.assert(
      fc.property(wrapped, tree => {
        const { log, lines } = collect()
        log.info({ tree }, 'x')
        expect(lines[0]).not.toContain(PASSWORD)
      }),
      { numRuns: 300 },
    )
  })
})

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { secrets as sealing } from '../kit/secrets/secrets.ts'
import { masterKeys } from '../site/keys.ts'
import { send } from './testing/client.ts'
import { bringIn, enrol, show } from './testing/nodes.ts'
import { PROGRAM, type Server } from './testing/server.ts'
import { createSite, type Site } from './testing/site.ts'
import { until } from './testing/until.ts'

// A whole story with passwords, tokens and keys of every kind, against a server that logs all it can. Afterwards none of them may be
// found anywhere: not in its log, its events, its metrics, its answers, its error texts, nor in any table.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 })

let site: Site
let server: Server

/** What must not be found, by what it is. */
const secrets = new Map<string, string>()
const secret = (what: string, value: string = `${what.replaceAll(' ', '-')}-${randomBytes(9).toString('base64url')}`): string => {
  secrets.set(what, value)
  return value
}
/** Every answer that was not the one in which a secret is handed over. */
const answers: string[] = []
const keep = <T extends { status: number; body: any; headers: Readonly<Record<string, unknown>> }>(answer: T): T => {
  // A subject's token comes back in a header to whoever has sent it; all else must be free of it.
  const { 'x-subject-token': _, ...headers } = answer.headers
  answers.push(JSON.stringify([answer.status, headers, answer.body ?? null]))
  return answer
}

const admin = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  keep(await site.people.admin.ask(server, method, path, body, headers))
const owner = async (method: string, path: string, body?: unknown) => keep(await site.people.owner.ask(server, method, path, body))

const login = async (auth: object, what?: string): Promise<{ status: number; token: string; body: any }> => {
  const answer = keep(await send(server.url, 'POST', '/identity/v3/auth/tokens', { auth }, {}))
  const token = String(answer.headers['x-subject-token'] ?? '')
  if (token && what) secret(what, token)
  return { status: answer.status, token, body: answer.body }
}
const byPassword = (name: string, password: string, project?: string) => ({
  identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } },
  ...(project ? { scope: { project: { id: project } } } : {}),
})

beforeAll(async () => {
  site = await createSite({
    database: 'shared',
    rack: { count: 2 },
    config: { log: { level: 'debug', format: 'json' }, leasing: { consoleUrl: 'wss://consoles.test' } },
  })
  server = await site.start()
  for (const [name, { token }] of Object.entries(site.people)) secret(`token of ${name}`, token)
})
afterAll(() => site?.end())

test('logins, right and wrong, and what users keep', async () => {
  // Characters that JSON, URLs and shells write otherwise.
  const first = secret('first password', `p"a\\ss/w=o&r d${randomBytes(6).toString('hex')}ü`)
  const second = secret('second password')
  const wrong = secret('wrong password')
  const made = await admin('POST', '/identity/v3/users', {
    user: { name: 'ann', domain_id: 'default', password: first, default_project_id: site.people.owner.project },
  })
  expect(made.status).toBe(201)
  const id = made.body.user.id
  const { roles } = (await admin('GET', '/identity/v3/roles?name=member')).body
  const grant = `/identity/v3/projects/${site.people.owner.project}/users/${id}/roles/${roles[0].id}`
  expect((await admin('PUT', grant)).status).toBe(204)

  expect((await login(byPassword('ann', first, site.people.owner.project), 'token by password')).status).toBe(201)
  expect((await login(byPassword('ann', wrong))).status).toBe(401)
  // A password where a name belongs, and a body that is cut short: both happen.
  expect((await login(byPassword(secret('password typed as name'), 'x'))).status).toBe(401)
  const cut = await fetch(`${server.url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"auth": {"identity": {"password": {"user": {"password": "${secret('password in a cut body')}"`,
  })
  expect(cut.status).toBe(400)
  answers.push(await cut.text())
  const changed = await send(
    server.url,
    'POST',
    `/identity/v3/users/${id}/password`,
    { user: { original_password: first, password: second } },
    {},
  )
  expect(keep(changed).status).toBe(204)
  const { token } = await login(byPassword('ann', second, site.people.owner.project), 'token by the second password')
  const ann = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(server.url, method, path, body, { 'x-auth-token': token, ...headers })

  const program = await ann('POST', `/identity/v3/users/${id}/application_credentials`, { application_credential: { name: 'program' } })
  expect(program.status).toBe(201)
  const { id: credential } = program.body.application_credential
  const chosen = secret('secret of an application credential', program.body.application_credential.secret)
  const use = (given: string) => ({
    identity: { methods: ['application_credential'], application_credential: { id: credential, secret: given } },
  })
  expect((await login(use(chosen), 'token of a program')).status).toBe(201)
  expect((await login(use(secret('wrong secret of a program')))).status).toBe(401)
  for (const path of [`/identity/v3/users/${id}/application_credentials`, `/identity/v3/users/${id}/application_credentials/${credential}`])
    expect(keep(await ann('GET', path)).status).toBe(200)

  // Tokens are shown to and looked up by whoever has them, in headers only; one in an address is a mistake of its client's.
  const subject = { 'x-subject-token': token }
  expect((await admin('GET', '/identity/v3/auth/tokens', undefined, subject)).status).toBe(200)
  expect((await admin('GET', `/lease/v1/offers?token=${token}`)).status).toBe(400)
  expect((await admin('GET', `/baremetal/v1/nodes?auth_token=${token}`)).status).toBe(400)
  expect(keep(await ann('DELETE', '/identity/v3/auth/tokens', undefined, subject)).status).toBe(204)
  expect(keep(await ann('GET', '/identity/v3/auth/projects')).status).toBe(401)
  expect(keep(await send(server.url, 'GET', '/baremetal/v1/nodes', undefined, { 'x-auth-token': secret('made up token') })).status).toBe(
    401,
  )
})

let node: string
test('a BMC’s password, wrong and right', async () => {
  const [machine, other] = site.lab.machines
  secret('password of the BMC', machine!.password)
  const wrong = secret('wrong password of a BMC')
  node = await enrol(site, server, { ...machine!, password: wrong })
  const target = async (uuid: string, verb: string) =>
    expect((await owner('PUT', `/baremetal/v1/nodes/${uuid}/states/provision`, { target: verb })).status).toBe(202)
  await target(node, 'manage')
  await until('the wrong password is refused', async () => (await show(site, server, node)).last_error !== null)
  expect((await admin('GET', `/baremetal/v1/nodes/${node}`)).body).toMatchObject({
    provision_state: 'enroll',
    driver_info: { redfish_password: '******' },
  })
  expect((await admin('GET', `/baremetal/v1/nodes/${node}/validate`)).status).toBe(200)
  const right = [{ op: 'replace', path: '/driver_info/redfish_password', value: machine!.password }]
  expect((await owner('PATCH', `/baremetal/v1/nodes/${node}`, right)).status).toBe(200)
  await bringIn(site, server, [node])

  // What is refused has its secret in the question, and nowhere else.
  const bad = secret('password beside what is refused')
  const refused = [
    { driver: 'redfish', driver_info: { redfish_password: bad }, properties: 7 },
    { driver: 'redfish', driver_info: { redfish_password: [bad] }, unknown_field: bad },
    { driver: bad, driver_info: { redfish_password: bad } },
  ]
  for (const body of refused) {
    const { status, body: said } = await site.people.admin.ask(server, 'POST', '/baremetal/v1/nodes', body)
    expect(status).toBe(400)
    // Where the secret stands under no secret's name, its own client reads it again.
    if (body.driver !== bad) answers.push(JSON.stringify(said))
  }
  // Nobody answers there.
  const lost = await enrol(site, server, {
    ...other!,
    address: 'https://127.0.0.1:9',
    password: secret('password of a BMC that is not there'),
  })
  await target(lost, 'manage')
  await until('nobody answers', async () => (await show(site, server, lost)).last_error !== null)
  // A password in an address would lie open.
  const inAddress = secret('password in an address')
  const made = await admin('POST', '/baremetal/v1/nodes', {
    driver: 'redfish',
    driver_info: { ...other, redfish_address: other!.address.replace('://', `://root:${inAddress}@`), redfish_password: 'x' },
  })
  expect(made.status).toBe(400)
})

test('power and boot device over real Redfish, and a console token', async () => {
  for (const [target, state] of [
    ['power on', 'power on'],
    ['power off', 'power off'],
  ]) {
    expect((await owner('PUT', `/baremetal/v1/nodes/${node}/states/power`, { target })).status).toBe(202)
    await until(`the machine is on ${state}`, async () => (await show(site, server, node)).power_state === state)
  }
  expect((await owner('GET', `/baremetal/v1/nodes/${node}/management/boot_device`)).status).toBe(200)
  const console = await site.people.owner.ask(server, 'POST', '/lease/v1/console_auth_tokens', { node_uuid_or_name: node })
  expect(console.status).toBe(201)
  secret('token of a console', console.body.token)
})

test('the keys that seal are changed while the server runs, and it goes on', async () => {
  const file = join(site.folder, 'state', 'keys', 'master')
  const before = masterKeys(file)
  const rotate = async (...words: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, 'rotate-keys', '--config', site.config, ...words])
    answers.push(stdout, stderr)
    return stdout
  }
  const sealed = async () => (await site.rows('select driver_secrets as s from baremetal.node where uuid = $1', [node]))[0].s as string
  const old = await sealed()
  expect(old).toMatch(new RegExp(`^esi1:${before[0]!.id}:`))
  expect(await rotate()).toMatch(/sealed anew/)
  const [now] = masterKeys(file)
  expect(now!.id).not.toBe(before[0]!.id)
  expect(await sealed()).toMatch(new RegExp(`^esi1:${now!.id}:`))
  expect(await rotate('--drop-old')).toMatch(/is dropped/)
  expect(masterKeys(file).map(k => k.id)).toEqual([now!.id])
  // The same server, which has never been told; and another one after it.
  const power = async (target: string) => {
    expect((await owner('PUT', `/baremetal/v1/nodes/${node}/states/power`, { target })).status).toBe(202)
    await until(`it is on ${target}`, async () => (await show(site, server, node)).power_state === target)
  }
  await power('power on')
  expect((await admin('GET', '/identity/v3/users')).status).toBe(200)
  await server.stop()
  server = await site.start()
  await power('power off')
  for (const key of [...before, now!])
    for (const form of ['base64', 'base64url', 'hex'] as const) secret(`master key, ${form}`, key.bytes.toString(form))
})

test('everything that an administrator can ask for', async () => {
  const documents = await Promise.all(
    ['/identity', '/baremetal', '/lease'].map(async prefix => ({ prefix, body: (await admin('GET', `${prefix}/openapi.json`)).body })),
  )
  let asked = 0
  for (const { prefix, body } of documents)
    for (const [path, methods] of Object.entries(body.paths as Record<string, object>)) {
      if (!('get' in methods)) continue
      // Whatever stands in the path: nodes and users that are there, and for all else what is not.
      const users = (await site.rows(`select id from identity."user" where name = 'ann'`))[0].id
      const full = path
        .replaceAll('{node}', node)
        .replaceAll('{user}', users)
        .replaceAll(/\{\w+\}/g, 'nothing')
      const answer = await admin('GET', `${prefix}${full}`)
      expect(answer.status, full).toBeLessThan(500)
      asked++
    }
  expect(asked).toBeGreaterThan(80)
  for (const path of [
    '/baremetal/v1/nodes/detail',
    '/baremetal/v1/nodes?fields=driver_info,driver_internal_info,extra',
    '/identity/v3/users',
  ])
    expect((await admin('GET', path)).status).toBe(200)
})

/** A secret as it may be written: as it is, within JSON, in an address, and by whoever thinks that a code hides it. */
const forms = (value: string): string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  JSON.stringify(JSON.stringify(value)).slice(3, -3),
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('base64url'),
  Buffer.from(value).toString('hex'),
]

const find = (place: string, text: string): string[] =>
  [...secrets].flatMap(([what, value]) =>
    forms(value)
      .filter(form => text.includes(form))
      .map(form => {
        const at = text.indexOf(form)
        return `${what} in ${place}: …${text.slice(Math.max(0, at - 120), at)}█${text.slice(at + form.length, at + form.length + 60)}…`
      }),
  )

const tables = async (): Promise<Map<string, string>> => {
  const out = new Map<string, string>()
  for (const { schema, name } of await site.rows(
    `select table_schema as schema, table_name as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  )) {
    const rows = await site.rows(`select to_jsonb(t)::text as row from "${schema}"."${name}" t`)
    out.set(`${schema}.${name}`, rows.map(r => r.row).join('\n'))
  }
  return out
}

test('the search finds what is there', async () => {
  expect(secrets.size).toBeGreaterThan(20)
  for (const [what, value] of secrets) {
    expect(value.length, what).toBeGreaterThan(11)
    for (const form of forms(value)) expect(find('a text', `before ${form} after`).length, what).toBeGreaterThan(0)
  }
  expect((await tables()).get('kit.event')).toContain(node)
})

test('no secret is in the log of any server', () => {
  const logs = readdirSync(site.folder).filter(name => name.endsWith('.log'))
  expect(logs).toHaveLength(2)
  const text = logs.map(name => readFileSync(join(site.folder, name), 'utf8')).join('')
  // It did log, and at its most talkative.
  expect(text).toContain('"level":"debug"')
  expect(find('the log', text)).toEqual([])
})

test('no secret is in any answer or metric', async () => {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain('# TYPE')
  expect(find('the metrics', metrics)).toEqual([])
  expect(answers.length).toBeGreaterThan(100)
  expect(answers.flatMap(text => find('an answer', text))).toEqual([])
})

test('no secret is in any table, and events are among them', async () => {
  const all = await tables()
  expect(all.size).toBeGreaterThan(30)
  expect([...all].flatMap(([name, text]) => find(name, text))).toEqual([])
})

test('a BMC’s password is sealed, and only the master key opens it', async () => {
  const [row] = await site.rows('select driver_info, driver_secrets from baremetal.node where uuid = $1', [node])
  expect(row.driver_info.redfish_password).toBe('******')
  const keys = masterKeys(join(site.folder, 'state', 'keys', 'master'))
  const opened = JSON.parse(sealing(() => keys).open(row.driver_secrets))
  expect(opened).toEqual({ '/redfish_password': site.lab.machines[0]!.password })
  const others = keys.map(key => ({ ...key, bytes: randomBytes(32) }))
  expect(() => sealing(() => others).open(row.driver_secrets)).toThrow()
  const passwords = await site.rows(`select * from identity."user"`)
  for (const user of passwords) expect(JSON.stringify(user)).toMatch(/\$(argon2|2b|scrypt)/)
})

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dialect } from '@esi/api/leasing/dialect'
import type { Explained, ExplainedRule, ListedRule } from '@esi/api/policies'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import type { Log } from '../log/log.ts'
import { served } from '../served.ts'
import type { ServiceDef } from '../service.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { personas } from '../testing/personas.ts'
import { handle } from './route.ts'
import { createServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'esi-policy-'))
const file = join(folder, 'policy.yaml')
let ends: AbortController

const OWNER = personas.owner.project!.id
const LESSEE = personas.lessee.project!.id

/** What was logged, and whoever waits for it. */
const said: string[] = []
let told = () => {}
const hear = (_: object, text = '') => {
  said.push(text)
  told()
}
const log: Log = {
  debug() {},
  info: hear,
  warn: hear,
  error: hear,
  child: () => log,
}
const until = async (words: RegExp): Promise<string> => {
  for (;;) {
    const found = said.find(text => words.test(text))
    if (found) return found
    await new Promise<void>(resolve => {
      told = resolve
    })
  }
}
const replace = (text: string) => {
  said.length = 0
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

const def: ServiceDef = {
  name: 'shop',
  prefix: '/shop',
  title: 'A shop',
  dialect,
  catalog: [],
  policies: [
    { name: 'is_keeper', rule: 'project_id:%(thing.keeper)s', doc: 'Who keeps it.' },
    { name: 'thing:take', rule: 'role:member and rule:is_keeper', doc: 'Take a thing.', operations: ['POST /things/{thing}'] },
  ],
  migrations: new URL('./nowhere/', import.meta.url),
  needs: {},
  config: () => ({}),
  start: () => {
    throw new Error('not in this test')
  },
}
const take = handle(
  { name: 'thing.take', method: 'POST', path: '/things/:thing', policies: ['thing:take'], status: 200 },
  async context => {
    context.require('thing:take', { 'thing.keeper': OWNER })
    return { body: {} }
  },
)

let app: FastifyInstance
beforeEach(async () => {
  said.length = 0
  ends = new AbortController()
  writeFileSync(file, '')
  const one = served(def, { routes: [take], conductors: [], door: {} }, { log, policyFile: file })
  one.policy.watch(ends.signal)
  app = await createServer({
    services: [one],
    authenticator: { authenticate: async token => personas[token as 'owner'] },
    clock: fakeClock(),
    log,
  })
})
afterEach(async () => {
  ends.abort()
  await app.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ask = async (who: string, method: 'GET' | 'POST', path: string, payload?: object) => {
  const headers = { 'x-auth-token': who }
  const reply = await app.inject({ method, url: `/shop${path}`, headers, ...(payload ? { payload } : {}) })
  return { status: reply.statusCode, body: reply.json() }
}
const explain = async (who: string, body: object): Promise<ExplainedRule> => {
  const answer = await ask(who, 'POST', '/policy/explain', body)
  expect(answer).toMatchObject({ status: 200 })
  return answer.body
}

it('a rule in the file changes what a running server answers, and what it says of its rules', async () => {
  expect((await ask('owner', 'POST', '/things/1')).status).toBe(200)
  expect((await ask('lessee', 'POST', '/things/1')).status).toBe(403)
  replace('"thing:take": "role:reader"\n')
  await until(/reloaded/)
  expect((await ask('lessee', 'POST', '/things/1')).status).toBe(200)
  const { rules } = (await ask('system', 'GET', '/policy/rules?name=thing:take')).body
  expect(rules).toEqual([
    {
      name: 'thing:take',
      doc: 'Take a thing.',
      operations: ['POST /things/{thing}'],
      default: 'role:member and rule:is_keeper',
      in_force: 'role:reader',
      source: 'file',
    },
  ])
  replace('')
  await until(/reloaded/)
  expect((await ask('lessee', 'POST', '/things/1')).status).toBe(403)
})

it.each([
  ['no YAML', '"thing:take": [', /policy\.yaml:/],
  ['a rule that cannot be read', '"thing:take": "role:reader and"', /policy\.yaml:1: rule "thing:take"/],
  ['rules that refer to each other', '"thing:take": "rule:x"\n"x": "rule:thing:take"', /refers to itself/],
])('a file with %s keeps the rules that were in force', async (_, text, why) => {
  replace('"thing:take": "role:reader"')
  await until(/reloaded/)
  replace(text)
  expect(await until(/not reloaded/)).toMatch(why)
  expect((await ask('lessee', 'POST', '/things/1')).status).toBe(200)
})

it('lists every rule, also its own, to administrators and readers of the system only', async () => {
  const { rules } = (await ask('admin', 'GET', '/policy/rules')).body as { rules: ListedRule[] }
  expect(rules.map(r => r.name)).toEqual(['is_keeper', 'thing:take', 'policy:list', 'policy:explain', 'policy:explain_for_others'])
  expect(rules.every(r => r.source === 'default' && r.in_force === r.default && r.doc !== '')).toBe(true)
  for (const who of ['owner', 'lessee', 'stranger', 'auditor']) expect((await ask(who, 'GET', '/policy/rules')).status).toBe(403)
  expect((await ask('nobody', 'GET', '/policy/rules')).status).toBe(401)
  expect((await ask('admin', 'GET', '/policy/rules?names=x')).status).toBe(400)
})

const leaf = (tree: Explained, check: string): Explained | undefined =>
  tree.check === check && !tree.parts ? tree : tree.parts?.map(part => leaf(part, check)).find(Boolean)

it('explains to anybody how a rule decides about them', async () => {
  const target = { 'thing.keeper': OWNER }
  const yes = await explain('owner', { rule: 'thing:take', target })
  expect(yes).toMatchObject({ rule: 'thing:take', outcome: true, source: 'default', who: { user_id: personas.owner.user.id } })
  const no = await explain('lessee', { rule: 'thing:take', target })
  expect(no.outcome).toBe(false)
  expect(leaf(no.explanation, 'role:member')).toMatchObject({ outcome: true })
  expect(leaf(no.explanation, 'project_id:%(thing.keeper)s')).toMatchObject({
    outcome: false,
    because: `the caller's project_id is ${LESSEE}, thing.keeper is ${OWNER}`,
  })
  expect((await explain('owner', { rule: 'thing:take' })).outcome).toBe(false)
  expect(await ask('owner', 'POST', '/policy/explain', { rule: 'thing:none' })).toMatchObject({ status: 404 })
})

it('explains for others to administrators, from credentials that are whole', async () => {
  const target = { 'thing.keeper': 'p1' }
  const answer = await explain('admin', { rule: 'thing:take', target, who: { roles: ['member'], project_id: 'p1' } })
  expect(answer).toMatchObject({ outcome: true, who: { roles: ['member'], project_id: 'p1', scope: 'project' } })
  expect((await explain('admin', { rule: 'thing:take', target, who: {} })).outcome).toBe(false)
  for (const who of ['owner', 'stranger'])
    expect((await ask(who, 'POST', '/policy/explain', { rule: 'thing:take', who: {} })).status).toBe(403)
  for (const who of [{ roles: 'admin' }, { roles: [1] }, { secret: 'x' }, { project_id: 'a', system_scope: 'all' }, { system_scope: 'x' }])
    expect((await ask('admin', 'POST', '/policy/explain', { rule: 'thing:take', who })).status).toBe(400)
})

it('tells where the operator’s file is to those only who may see the rules', async () => {
  replace('"thing:take": "!"')
  await until(/reloaded/)
  expect(JSON.stringify(await explain('admin', { rule: 'thing:take' }))).toContain(file)
  const told = await explain('owner', { rule: 'thing:take' })
  expect(told).toMatchObject({ outcome: false, in_force: '!', source: 'file' })
  expect(JSON.stringify(told)).not.toContain(folder)
})

it('is in OpenAPI', async () => {
  const { paths } = (await ask('owner', 'GET', '/openapi.json')).body
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/policy/rules', '/policy/explain', '/openapi.json', '/things/{thing}']))
  expect(paths['/policy/rules'].get['x-policies']).toEqual(['policy:list'])
})

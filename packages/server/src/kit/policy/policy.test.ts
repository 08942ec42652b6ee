import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Credentials } from '../auth/caller.ts'
import type { Log } from '../log/log.ts'
import { createPolicy } from './policy.ts'
import type { PolicyDefault } from './types.ts'

const defaults: PolicyDefault[] = [
  { name: 'is_admin', rule: 'role:admin', doc: 'Administrators' },
  { name: 'is_owner', rule: 'project_id:%(thing.owner)s', doc: 'Owners' },
  { name: 'thing:get', rule: 'rule:is_admin or rule:is_owner', doc: 'See it', operations: ['GET /things/{id}'] },
  { name: 'thing:remove', rule: 'rule:is_admin', doc: 'Remove it' },
]
const member: Credentials = { user_id: 'u', user_domain_id: 'd', project_id: 'p1', roles: ['member', 'reader'] }
const admin: Credentials = { ...member, roles: ['admin'] }
const mine = { 'thing.owner': 'p1' }

let folder: string
let file: string
let lines: { level: string; message: string }[]
let told: (() => void) | undefined
const keep = (level: string) => (_: object, message?: string) => {
  lines.push({ level, message: message ?? '' })
  told?.()
}
const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error'), child: () => log }
const messages = (level: string) => lines.filter(l => l.level === level).map(l => l.message)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esi-policy-'))
  file = join(folder, 'policy.yaml')
  lines = []
  told = undefined
})
afterEach(() => rmSync(folder, { recursive: true }))

const withFile = (text: string) => {
  writeFileSync(file, text)
  return createPolicy({ defaults, file, log })
}

describe('the defaults', () => {
  const policy = () => createPolicy({ defaults, log })
  it('decide', () => {
    expect(policy().may('thing:get', mine, member)).toBe(true)
    expect(policy().may('thing:get', { 'thing.owner': 'p2' }, member)).toBe(false)
    expect(policy().may('thing:remove', mine, member)).toBe(false)
    expect(policy().may('thing:remove', mine, admin)).toBe(true)
    expect(lines).toEqual([])
  })
  it('refuse what has no rule', () => {
    expect(policy().may('thing:nothing', mine, admin)).toBe(false)
  })
  it('are listed', () => {
    expect(policy().rules()[2]).toEqual({ ...defaults[2], inForce: defaults[2]!.rule, source: 'default' })
  })
  it('may be declared twice alike, not differently', () => {
    expect(() => createPolicy({ defaults: [...defaults, { ...defaults[0]!, doc: 'again' }], log })).not.toThrow()
    expect(() => createPolicy({ defaults: [...defaults, { ...defaults[0]!, rule: '@' }], log })).toThrow(/"is_admin" has two defaults/)
  })
  it('must be in the language', () => {
    expect(() => createPolicy({ defaults: [{ name: 'x', rule: 'role', doc: '' }], log })).toThrow(
      /rule "x" \(default\), character 1: "role" is no check/,
    )
    expect(() => createPolicy({ defaults: [{ name: 'x', rule: 'rule:x', doc: '' }], log })).toThrow('rule "x" refers to itself: x -> x')
  })
})

describe("the operator's file", () => {
  it('replaces rules by name, also those that others refer to', () => {
    const policy = withFile('# ours\n"is_owner": "user_id:u"\n')
    expect(policy.may('thing:get', {}, member)).toBe(true)
    expect(policy.rules().find(r => r.name === 'is_owner')).toMatchObject({
      rule: 'project_id:%(thing.owner)s',
      inForce: 'user_id:u',
      source: 'file',
    })
  })
  it('may be JSON, with tabs, and lists', () => {
    expect(withFile('{\n\t"thing:remove": [["role:member", "role:reader"]]\n}\n').may('thing:remove', {}, member)).toBe(true)
  })
  it('may hold nothing but comments', () => {
    expect(withFile('# nothing yet\n').may('thing:get', mine, member)).toBe(true)
    expect(withFile('').may('thing:get', mine, member)).toBe(true)
  })
  it('may bring building blocks of its own, without a warning', () => {
    const policy = withFile('is_friend: project_id:p1\nthing:remove: rule:is_friend\n')
    expect(policy.may('thing:remove', {}, member)).toBe(true)
    expect(lines).toEqual([])
    expect(policy.rules().find(r => r.name === 'is_friend')).toMatchObject({ source: 'file', inForce: 'project_id:p1', rule: '!' })
  })
  it('is warned about names that nobody knows, references to nothing and remote checks', () => {
    withFile('thing:gte: ""\nthing:get: rule:is_ownr or http://somewhere/\n')
    expect(messages('warn')).toEqual([
      `${file}:1: rule "thing:gte" is unknown and decides nothing; is it misspelt?`,
      expect.stringMatching(/"thing:get".*"http:\/\/somewhere\/" would ask another server/),
      expect.stringMatching(/"thing:get" refers to "rule:is_ownr", which does not exist/),
    ])
  })
  it('is not warned about names of those who share it', () => {
    writeFileSync(file, 'other:get: ""\n')
    createPolicy({ defaults, file, log, elsewhere: name => name.startsWith('other:') })
    expect(lines).toEqual([])
  })
  it.each([
    ['thing:get: "@"\nthing:remove: "role:a and"\n', /policy\.yaml:2: rule "thing:remove", character 11: a check is missing at the end/],
    ['thing:get:\n', /policy\.yaml:1: rule "thing:get" must be text; write "" for everybody/],
    ['\n\nthing:get: 3\n', /policy\.yaml:3: rule "thing:get" must be text/],
    ['thing:get: ""\nthing:get: "!"\n', /policy\.yaml:2: .*unique/],
    ['- a\n', /policy\.yaml:1: must be a mapping/],
    ['thing:get: "\n', /policy\.yaml:\d: /],
    ['a: ""\n3: ""\n', /policy\.yaml:2: a rule's name must be text/],
    ['thing:get: ""\nis_admin: rule:thing:remove\n', /policy\.yaml:2: rule "is_admin" refers to itself: /],
    ['thing:get: not (role:a or http://x/)\n', /policy\.yaml:1: rule "thing:get" negates a check that asks another server/],
    ['is_admin: http://x/\nthing:get: not rule:thing:remove\n', /policy\.yaml:2: rule "thing:get" negates/],
  ])('is refused when broken: %j', (text, message) => {
    expect(() => withFile(text)).toThrow(message)
  })
  it('tells all mistakes at once', () => {
    expect(() => withFile('a: b\nc: d\n')).toThrow(/policy\.yaml:1: .*\n.*policy\.yaml:2: /)
  })
  it('is refused when it is not there', () => {
    expect(() => createPolicy({ defaults, file, log })).toThrow(/policy\.yaml: cannot be read/)
  })
})

describe('reload', () => {
  it('takes the new rules, and says so by generation', () => {
    const policy = withFile('thing:remove: "!"\n')
    expect(policy.may('thing:remove', {}, admin)).toBe(false)
    writeFileSync(file, 'thing:remove: "@"\n')
    expect(policy.reload()).toBe(true)
    expect(policy.may('thing:remove', {}, member)).toBe(true)
    expect(policy.generation).toBe(1)
    expect(policy.reload()).toBe(true)
    expect(policy.generation).toBe(1)
  })
  it('keeps the old rules when the file is broken or gone, and logs', () => {
    const policy = withFile('thing:remove: role:member\n')
    for (const spoil of [() => writeFileSync(file, 'thing:remove: role:member or\n'), () => rmSync(file)]) {
      spoil()
      expect(policy.reload()).toBe(false)
      expect(policy.may('thing:remove', {}, member)).toBe(true)
    }
    expect(messages('error')).toEqual([
      expect.stringMatching(/not reloaded, those in force stay: .*policy\.yaml:1: rule "thing:remove", character 15/),
      expect.stringMatching(/cannot be read/),
    ])
    expect(policy.generation).toBe(0)
  })
  it('follows a file that is written over or replaced, until the signal', async () => {
    const policy = withFile('thing:remove: "!"\n')
    const stop = new AbortController()
    policy.watch(stop.signal)
    const next = () => new Promise<void>(resolve => (told = resolve))
    const written = next()
    writeFileSync(file, 'thing:remove: role:member\n')
    await written
    expect(policy.may('thing:remove', {}, member)).toBe(true)
    const replaced = next()
    writeFileSync(`${file}.new`, 'thing:remove: role:admin\n')
    renameSync(`${file}.new`, file)
    await replaced
    expect(policy.may('thing:remove', {}, member)).toBe(false)
    stop.abort()
  })
  it('takes what changed between start and watch', () => {
    const policy = withFile('thing:remove: "!"\n')
    writeFileSync(file, 'thing:remove: "@"\n')
    const stop = new AbortController()
    policy.watch(stop.signal)
    expect(policy.may('thing:remove', {}, member)).toBe(true)
    stop.abort()
  })
})

describe('explain', () => {
  it('tells each part with its outcome and a reason', () => {
    expect(withFile('is_admin: role:boss\n').explain('thing:get', mine, member)).toEqual({
      check: 'thing:get',
      outcome: true,
      because: 'the default rule',
      parts: [
        {
          check: '(rule:is_admin or rule:is_owner)',
          outcome: true,
          because: '1 of 2 hold, one must',
          parts: [
            {
              check: 'rule:is_admin',
              outcome: false,
              parts: [{ check: 'role:boss', outcome: false, because: "the caller's roles are member, reader" }],
            },
            {
              check: 'rule:is_owner',
              outcome: true,
              parts: [{ check: 'project_id:%(thing.owner)s', outcome: true, because: "the caller's project_id is p1, thing.owner is p1" }],
            },
          ],
        },
      ],
    })
  })
  it('tells what is missing', () => {
    const policy = withFile('thing:remove: not system_scope:all and project_id:%(thing.owner)s and None:%(thing.x)s and rule:none\n')
    const because = (text: string) => {
      const find = (e: ReturnType<typeof policy.explain>): string | undefined =>
        e.check === text && e.because ? e.because : e.parts?.map(find).find(Boolean)
      return find(policy.explain('thing:remove', { thing: { x: null } }, { ...member, roles: [] }))
    }
    expect(because('system_scope:all')).toBe('the caller has no system_scope')
    expect(because('project_id:%(thing.owner)s')).toBe("the caller's project_id is p1, the target has no thing.owner")
    expect(because('None:%(thing.x)s')).toBe('thing.x is not set')
    expect(because('rule:none')).toBe('there is no rule none, so it refuses')
    expect(policy.explain('thing:remove', {}, member).because).toBe(`set in ${file}, line 1`)
    expect(policy.explain('nothing', {}, member)).toEqual({
      check: 'nothing',
      outcome: false,
      because: 'there is no rule nothing, so it refuses',
    })
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { describe as describeTable, markdown } from './describe.ts'
import { readConfigFile } from './file.ts'
import { ConfigError, readConfig, section } from './read.ts'
import { choice, duration, flag, integer, list, port, sections, text } from './setting.ts'

const table = {
  listen: { host: text({ default: '127.0.0.1', doc: 'Address' }), port: port({ default: 6385, doc: 'Port' }) },
  database: {
    url: text({ doc: 'Where the database is', secret: true, pattern: /^postgres:/, like: 'a postgres: URL' }),
    sessionUrl: text({ doc: 'Past a pooler' }),
    connections: integer({ default: 10, min: 1, max: 100, doc: 'How many' }),
  },
  admin: { password: text({ required: true, secret: true, doc: 'First password.' }) },
  log: { format: choice(['json', 'text'], { default: 'json', doc: 'Form' }), loud: flag({ default: false, doc: 'More' }) },
  grace: duration({ default: '30s', doc: 'Time to end' }),
  groups: list({ default: [], doc: 'Groups', of: 'group names', pattern: /^\w+$/ }),
  services: sections({ default: {}, names: ['compute', 'billing'], doc: 'Services' }),
} as const

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'esi-config-'))
  file = join(folder, 'esi.yaml')
})
afterEach(() => rmSync(folder, { recursive: true }))

const read = (yaml: string, env: Record<string, string> = {}) => {
  writeFileSync(file, yaml)
  return readConfig(table, { ...readConfigFile(file), env })
}
const faults = (yaml: string, env: Record<string, string> = {}): readonly string[] => {
  try {
    read(yaml, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}
const LEAST = 'admin: {password: pw}\n'

describe('a configuration', () => {
  it('is typed, with defaults filled in', () => {
    const config = read(LEAST)
    expect(config).toEqual({
      listen: { host: '127.0.0.1', port: 6385 },
      database: { url: undefined, sessionUrl: undefined, connections: 10 },
      admin: { password: 'pw' },
      log: { format: 'json', loud: false },
      grace: 30_000,
      groups: [],
      services: {},
    })
    expectTypeOf(config.listen.port).toEqualTypeOf<number>()
    expectTypeOf(config.database.url).toEqualTypeOf<string | undefined>()
    expectTypeOf(config.admin.password).toEqualTypeOf<string>()
    expectTypeOf(config.log.format).toEqualTypeOf<'json' | 'text'>()
    expectTypeOf(config.grace).toEqualTypeOf<number>()
  })
  it('may be YAML or JSON', () => {
    expect(read(`${LEAST}listen:\n  port: 80\ngrace: 2h\ngroups: [a, b]\nservices: {compute: {x: 1}}`)).toMatchObject({
      listen: { port: 80 },
      grace: 7_200_000,
      groups: ['a', 'b'],
      services: { compute: { x: 1 } },
    })
    expect(read('{\n\t"admin": {"password": "pw"},\n\t"log": {"loud": true}\n}').log.loud).toBe(true)
  })
  it('takes nothing for a group or a value that is left empty', () => {
    expect(read(`${LEAST}listen:\ngrace:\n`)).toMatchObject({ listen: { port: 6385 }, grace: 30_000 })
  })
})

describe('mistakes', () => {
  it.each<[string, RegExp]>([
    ['listn: {}\n', /esi\.yaml:2: listn is unknown; allowed are: listen, database, .*; did you mean listen\?$/],
    ['listen:\n  prot: 1\n', /esi\.yaml:3: listen\.prot is unknown; listen may have: host, port; did you mean port\?$/],
    ['listen:\n  port: "80"\n', /esi\.yaml:3: listen\.port must be a whole number from 0 to 65535, but is text$/],
    ['listen:\n  port: 65536\n', /listen\.port must be .* but is 65536$/],
    ['listen:\n  port: 1.5\n', /listen\.port must be .* but is 1\.5$/],
    ['listen: 80\n', /esi\.yaml:2: listen must be a group with any of host, port$/],
    ['listen: [80]\n', /listen must be a group/],
    ['listen: {host: ""}\n', /listen\.host must be text, but is empty$/],
    ['log: {loud: yes}\n', /log\.loud must be true or false, but is text$/],
    ['log: {format: xml}\n', /log\.format must be one of json, text, but is "xml"$/],
    ['grace: 30\n', /grace must be a span of time .* but is a number$/],
    ['grace: 30 s\n', /grace must be .* but is "30 s"$/],
    ['groups: a\n', /groups must be a list of group names, but is text$/],
    ['groups: [a, 1]\n', /groups must be .* but holds a number$/],
    ['groups: [a b]\n', /groups must be .* but holds "a b"$/],
    ['services: {computer: {}}\n', /services must be a group with any of compute, billing, but has "computer"$/],
    ['__proto__: {}\n', /__proto__ is unknown/],
    ['constructor: 1\n', /constructor is unknown/],
  ])('%j', (yaml, message) => {
    expect(faults(LEAST + yaml)).toEqual([expect.stringMatching(message)])
  })
  it('are told all at once', () => {
    expect(faults('a: 1\ngrace: x\n')).toHaveLength(3)
  })
  it('tell what is missing, and what for', () => {
    expect(faults('')).toEqual([`${file}: admin.password is missing (or password_file): text. First password.`])
  })
  it('of the file itself are told with their line', () => {
    expect(faults('a: 1\na: 2\n')).toEqual([expect.stringMatching(/esi\.yaml:2: /)])
    expect(faults('a: [\n')).toEqual([expect.stringMatching(/esi\.yaml:\d: /)])
    expect(() => readConfigFile(join(folder, 'none.yaml'))).toThrow(/none\.yaml: cannot be read/)
    expect(faults('- a\n')).toContainEqual(expect.stringMatching(/the configuration must be a group/))
  })
  it('never show a secret', () => {
    for (const said of [
      faults(`${LEAST}database: {url: "mysql://u:hunter2@h/"}\n`),
      faults('admin: {password: [hunter2]}\n'),
      faults(LEAST, { ESI_DATABASE_URL: 'hunter2' }),
    ]) {
      expect(said).toHaveLength(1)
      expect(said[0]).not.toContain('hunter2')
    }
  })
})

describe('the environment', () => {
  it('goes before the file, and is checked like it', () => {
    const env = {
      ESI_LISTEN_PORT: '81',
      ESI_DATABASE_SESSION_URL: 'x',
      ESI_LOG_LOUD: 'true',
      ESI_GROUPS: 'a, b',
      ESI_GRACE: '1s',
      ESI_ADMIN_PASSWORD: '123',
    }
    expect(read('listen: {port: 80}\n', env)).toMatchObject({
      listen: { port: 81 },
      database: { sessionUrl: 'x' },
      log: { loud: true },
      groups: ['a', 'b'],
      grace: 1000,
      admin: { password: '123' },
    })
    expect(faults(LEAST, { ESI_LISTEN_PORT: 'http' })).toEqual([
      expect.stringMatching(/listen\.port must be .* but is text \(from ESI_LISTEN_PORT\)/),
    ])
  })
  it('is read for a section by its name', () => {
    const compute = section('compute', { turns: integer({ default: 1, doc: 'x' }) }, { ESI_COMPUTE_TURNS: '7' })
    expect(compute(undefined)).toEqual({ turns: 7 })
    expect(() => compute({ turn: 1 })).toThrow('compute.turn is unknown; compute may have: turns; did you mean turns?')
  })
})

describe('secrets by file', () => {
  it('are read relative to the configuration, without the last line end', () => {
    writeFileSync(join(folder, 'pw'), ' two words \n')
    expect(read('admin: {password_file: pw}\n').admin.password).toBe(' two words ')
  })
  it('may be named by the environment, which goes first', () => {
    writeFileSync(join(folder, 'pw'), 'theirs')
    expect(read(LEAST, { ESI_ADMIN_PASSWORD_FILE: join(folder, 'pw') }).admin.password).toBe('theirs')
  })
  it('are refused when they cannot be read, are empty or are given twice', () => {
    writeFileSync(join(folder, 'pw'), '\n')
    expect(faults('admin: {password_file: nowhere}\n')).toEqual([
      expect.stringMatching(/esi\.yaml:1: admin\.password_file cannot be read: ENOENT/),
    ])
    expect(faults('admin: {password_file: 3}\n')).toEqual([expect.stringMatching(/admin\.password_file must be the path of a file/)])
    expect(faults('admin: {password_file: pw}\n')).toEqual([
      expect.stringMatching(/admin\.password must be text, but is empty \(from password_file\)/),
    ])
    expect(faults('admin: {password: a, password_file: pw}\n')).toEqual([
      expect.stringMatching(/is given twice: password and password_file/),
    ])
  })
  it('are for secrets only', () => {
    expect(faults(`${LEAST}listen: {host_file: pw}\n`)).toEqual([expect.stringMatching(/listen\.host_file is unknown/)])
  })
})

it('a table describes itself', () => {
  const described = describeTable(table)
  expect(described.map(d => d.key).slice(0, 3)).toEqual(['listen.host', 'listen.port', 'database.url'])
  expect(described[1]).toEqual({
    key: 'listen.port',
    variable: 'ESI_LISTEN_PORT',
    type: 'a whole number from 0 to 65535',
    default: '6385',
    required: false,
    secret: false,
    doc: 'Port',
  })
  expect(markdown(described)).toContain(
    '| `admin.password` or `admin.password_file` | text | required | `ESI_ADMIN_PASSWORD`, `ESI_ADMIN_PASSWORD_FILE` | First password. |\n',
  )
  expect(markdown(described)).toContain(
    '| `grace` | a span of time such as 500ms, 30s, 5m, 1h or 2d | `30s` | `ESI_GRACE` | Time to end |\n',
  )
})

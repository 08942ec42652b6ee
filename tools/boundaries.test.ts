import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { boundaries } from './boundaries.ts'

const SERVER = 'packages/server/src'
const PACKAGES = ['api', 'client', 'cli', 'lab', 'server', 'ui']
const NONE = { files: 0, edges: 0 }

/** A small house in which everything is right. */
const house: Record<string, string> = {
  'packages/api/src/define.ts': 'export const resource = <T>(r: T): T => r',
  'packages/api/src/compute/machine.ts':
    "import { resource } from '../define.ts'\nexport const machine = resource({ service: 'compute', name: 'machine', plural: 'machines', path: '/v1/machines', fields: {} })",
  'packages/client/src/index.ts': "export { machine } from '@esi/api/compute/machine'",
  'packages/cli/src/main.ts': "import { machine } from '@esi/client'\nexport const shown = machine",
  'packages/lab/src/bmc.ts': "import { machine } from '@esi/api/compute/machine'\nexport const lab = machine",
  'packages/ui/src/main.ts': "import { machine } from '@esi/client'\nexport const ui = machine",
  [`${SERVER}/main.ts`]:
    "import { services } from './services.ts'\nimport { seams } from './seams.ts'\nexport const all = [services, seams]",
  [`${SERVER}/services.ts`]: "import { compute } from './services/compute/index.ts'\nexport const services = [compute]",
  [`${SERVER}/seams.ts`]: "import { joint } from './seams/compute-billing.ts'\nexport const seams = [joint]",
  [`${SERVER}/seams/compute-billing.ts`]:
    "import type { Needs } from '../services/compute/needs.ts'\nimport { billing } from '../services/billing/index.ts'\nexport const joint: Needs = billing",
  [`${SERVER}/services/compute/index.ts`]:
    "import { rule } from './domain/rule.ts'\nimport { rows } from './store/rows.ts'\nexport const compute = [rule, rows]",
  [`${SERVER}/services/compute/needs.ts`]: 'export interface Needs { readonly price?: number }',
  [`${SERVER}/services/compute/domain/rule.ts`]:
    "import { machine } from '@esi/api/compute/machine'\n// No async, no await, no Promise here.\nexport const rule = (at: string, o: { process: string }) => new Date(at) > new Date(o.process) && machine",
  [`${SERVER}/services/compute/store/rows.ts`]:
    "import type { Tx } from '../../../kit/db/transaction.ts'\nexport const rows = (tx: Tx, at: string) => [tx, at, 'select id from machines where at < $1']",
  [`${SERVER}/services/compute/store/migrations/0001.sql`]: '-- not now()\ncreate table machines (id text, at timestamptz not null)',
  [`${SERVER}/services/billing/index.ts`]: 'export const billing = { price: 1 }',
  [`${SERVER}/drivers/bmc/driver.ts`]: 'export interface Driver { readonly name: string }',
  [`${SERVER}/drivers/bmc/redfish.ts`]:
    "import type { Driver } from './driver.ts'\nconst redfish: Driver = { name: 'redfish' }\nexport default redfish",
  [`${SERVER}/drivers/load.ts`]: 'export const load = (name: string) => import(`./bmc/${name}.ts`)',
  [`${SERVER}/kit/clock/clock.ts`]: "import type { Tx } from '../db/transaction.ts'\nexport const clock = (tx?: Tx) => tx",
  [`${SERVER}/kit/db/transaction.ts`]: 'export interface Tx { readonly at: string }',
  [`${SERVER}/kit/db/query.ts`]: "import { clock } from '../clock/clock.ts'\nexport const query = [clock, 'select now() from x']",
  [`${SERVER}/kit/http/server.ts`]:
    "import { query } from '../db/query.ts'\nexport const server = [query, 'Select a row from the list', '/v1/things', 'machinesque']",
  [`${SERVER}/kit/testing/rig.ts`]: "import { server } from '../http/server.ts'\nexport const rig = server",
  [`${SERVER}/kit/http/server.test.ts`]:
    "import { rig } from '../testing/rig.ts'\nimport { lab } from '../../../../lab/src/bmc.ts'\nexport const t = [rig, lab]",
}

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'esi-boundaries-')))
  write({ 'package.json': JSON.stringify({ name: 'house', private: true, type: 'module', devDependencies: { vitest: '*' } }) })
  for (const name of PACKAGES) {
    const exports = { '.': './src/index.ts', './*': './src/*.ts' }
    const dependencies = name === 'server' ? { pg: '*' } : {}
    write({ [`packages/${name}/package.json`]: JSON.stringify({ name: `@esi/${name}`, type: 'module', exports, dependencies }) })
    mkdirSync(join(root, 'node_modules/@esi'), { recursive: true })
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@esi', name))
  }
  for (const name of ['pg', 'vitest', 'yaml', 'kysely']) symlinkModule(name)
  write(house)
})
afterEach(() => rmSync(root, { recursive: true }))

const symlinkModule = (name: string) =>
  write({
    [`node_modules/${name}/package.json`]: JSON.stringify({ name, exports: { '.': './index.js', './sub': './index.js' } }),
    [`node_modules/${name}/index.js`]: '',
  })

const write = (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const judge = async (files: Record<string, string> = {}) => {
  write(files)
  return (await boundaries(root, NONE)).faults
}

it('finds nothing wrong where nothing is', async () => {
  expect(await judge()).toEqual([])
})

it('sees every form of import', async () => {
  const forms = [
    "import { billing } from '../billing/index.ts'",
    "import '../billing/index.ts'",
    "import type { billing } from '../billing/index.ts'",
    "import { type billing } from '../billing/index.ts'",
    "export { billing } from '../billing/index.ts'",
    "export type { billing } from '../billing/index.ts'",
    "export * from '../billing/index.ts'",
    "export * as all from '../billing/index.ts'",
    "export const late = () => import('../billing/index.ts')",
    'export const late = () => import(`../billing/index.ts`)',
    "export type T = import('../billing/index.ts').T",
    "export type T = typeof import('../billing/index.ts')",
    "export const f = (x: import('../billing/index.ts').T[]) => x",
    "import old = require('../billing/index.ts')",
    "export const old = require('../billing/index.ts')",
    "import { billing } from '@esi/server/services/billing/index'",
  ]
  for (const form of forms)
    expect(await judge({ [`${SERVER}/services/compute/more.ts`]: `export const more = 1\n${form}` }), form).toContainEqual(
      expect.stringMatching(/^packages\/server\/src\/services\/compute\/more\.ts:2: services never meet/),
    )
})

describe('one violation of every rule', () => {
  it.each<[string, RegExp, Record<string, string>]>([
    [
      'a service imports a seam',
      /may not import seams/,
      { [`${SERVER}/services/compute/x.ts`]: "import '../../seams/compute-billing.ts'" },
    ],
    ['a service imports main', /may not import main/, { [`${SERVER}/services/compute/x.ts`]: "import '../../main.ts'" }],
    ['a service imports a driver', /never a driver/, { [`${SERVER}/services/compute/x.ts`]: "import '../../drivers/bmc/redfish.ts'" }],
    [
      'a seam goes past the door',
      /seams imports doors of services only/,
      { [`${SERVER}/seams/x.ts`]: "import '../services/compute/store/rows.ts'" },
    ],
    [
      'main goes past the door',
      /main imports doors of services only/,
      { [`${SERVER}/services.ts`]: "import './services/compute/domain/rule.ts'\nexport const services = 1" },
    ],
    [
      'another room goes past the door',
      /trial imports doors of services only/,
      { [`${SERVER}/trial/x.ts`]: "import type { rows } from '../services/compute/store/rows.ts'" },
    ],
    ['a seam imports main', /seams may not import main/, { [`${SERVER}/seams/x.ts`]: "import '../services.ts'" }],
    ['kit imports a service', /kit may not import services/, { [`${SERVER}/kit/http/x.ts`]: "import '../../services/billing/index.ts'" }],
    [
      'kit imports a driver',
      /kit may not import drivers/,
      { [`${SERVER}/kit/http/x.ts`]: "import type { Driver } from '../../drivers/bmc/driver.ts'" },
    ],
    ['kit imports a seam', /kit may not import seams/, { [`${SERVER}/kit/http/x.ts`]: "import '../../seams/compute-billing.ts'" }],
    [
      'a driver imports a service',
      /driver may not import services/,
      { [`${SERVER}/drivers/bmc/x.ts`]: "import '../../services/billing/index.ts'" },
    ],
    ['left in kit imports right', /kit\/clock may not import kit\/db/, { [`${SERVER}/kit/clock/x.ts`]: "import '../db/query.ts'" }],
    [
      'left in kit imports a shared file for more than types',
      /kit\/clock may not import kit\/db/,
      { [`${SERVER}/kit/clock/x.ts`]: "import { Tx } from '../db/transaction.ts'" },
    ],
    ['kit has a folder without a place', /kit\/odds has no place/, { [`${SERVER}/kit/odds/x.ts`]: "import '../db/query.ts'" }],
    ['kit imports what is for tests', /for tests only/, { [`${SERVER}/kit/http/x.ts`]: "import '../testing/rig.ts'" }],
    ['code imports a test', /only tests import/, { [`${SERVER}/kit/http/x.ts`]: "import './server.test.ts'" }],
    [
      'domain imports its store',
      /domain imports api and its own/,
      { [`${SERVER}/services/compute/domain/x.ts`]: "import '../store/rows.ts'" },
    ],
    [
      'domain imports kit',
      /domain imports api and its own/,
      { [`${SERVER}/services/compute/domain/x.ts`]: "import type { Tx } from '../../../kit/db/transaction.ts'" },
    ],
    ['domain imports a builtin', /domain imports api and its own/, { [`${SERVER}/services/compute/domain/x.ts`]: "import 'node:fs'" }],
    ['domain is async', /domain has no async/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const f = async () => 1' }],
    ['domain awaits', /domain has no await/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = await 1' }],
    ['domain awaits in a loop', /domain has no await/, { [`${SERVER}/services/compute/domain/x.ts`]: 'for await (const x of []) void x' }],
    ['domain promises', /domain has no Promise/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export type X = Promise<number>' }],
    [
      'domain reads the environment',
      /domain has no process/,
      { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = process.env' },
    ],
    ['domain waits', /domain has no setTimeout/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = setTimeout(() => 1, 1)' }],
    ['domain asks the time', /domain has no Date.now/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = Date.now()' }],
    ['domain has a clock', /domain has no clock/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = new Date()' }],
    ['domain throws dice', /domain has no Math.random/, { [`${SERVER}/services/compute/domain/x.ts`]: 'export const x = Math.random()' }],
    ['api imports a package', /api imports nothing/, { 'packages/api/src/x.ts': "import 'yaml'" }],
    ['api imports a builtin', /api imports nothing/, { 'packages/api/src/x.ts': "import 'node:fs'" }],
    ['api imports the client', /api may not import client/, { 'packages/api/src/x.ts': "import '@esi/client/index'" }],
    ['client imports the server', /client may not import server/, { 'packages/client/src/x.ts': "import '@esi/server/kit/db/query'" }],
    ['cli imports the server', /cli may not import server/, { 'packages/cli/src/x.ts': "import '@esi/server/kit/db/query'" }],
    ['lab imports the client', /lab may not import client/, { 'packages/lab/src/x.ts': "import '@esi/client'" }],
    ['ui imports the server', /ui may not import server/, { 'packages/ui/src/x.ts': "import '@esi/server/kit/db/query'" }],
    ['the server imports the lab', /nothing imports lab/, { [`${SERVER}/drivers/bmc/x.ts`]: "import '@esi/lab/bmc'" }],
    ['the server imports the cli', /nothing imports cli/, { [`${SERVER}/main.ts`]: "import '@esi/cli/main'" }],
    ['even a test imports the ui', /nothing imports ui/, { [`${SERVER}/main.test.ts`]: "import '@esi/ui/main'" }],
    [
      'a package imports tools',
      /nothing outside of packages/,
      { 'tools/x.ts': 'export const x = 1', [`${SERVER}/main.ts`]: "import '../../../tools/x.ts'" },
    ],
    ['code imports vitest', /vitest is for tests only/, { [`${SERVER}/kit/http/x.ts`]: "import 'vitest'" }],
    ['an import is computed', /computed name/, { [`${SERVER}/kit/http/x.ts`]: 'export const x = (n: string) => import(n)' }],
    ['an import is half computed', /computed name/, { [`${SERVER}/kit/http/x.ts`]: 'export const x = (n: string) => import(`./${n}.ts`)' }],
    ['a file is not there', /"\.\/gone\.ts" does not resolve/, { [`${SERVER}/kit/http/x.ts`]: "import './gone.ts'" }],
    ['a file lacks its ending', /does not resolve/, { [`${SERVER}/kit/http/x.ts`]: "import './server'" }],
    ['a subpath of ours is not there', /does not resolve/, { [`${SERVER}/kit/http/x.ts`]: "import '@esi/api/gone'" }],
    ['a subpath of a package is not there', /does not resolve/, { [`${SERVER}/kit/http/x.ts`]: "import 'pg/gone'" }],
    ['a package is not there', /does not resolve/, { [`${SERVER}/kit/http/x.ts`]: "import type { X } from 'nowhere'" }],
    ['a package is not declared', /package\.json does not name "yaml"/, { [`${SERVER}/kit/http/x.ts`]: "import 'yaml'" }],
    [
      'imports go in a circle',
      /circle: .*a\.ts -> .*b\.ts -> .*a\.ts$/,
      { [`${SERVER}/kit/http/a.ts`]: "import './b.ts'", [`${SERVER}/kit/http/b.ts`]: "import type {} from './a.ts'" },
    ],
    ['a file imports itself', /circle/, { [`${SERVER}/kit/http/a.ts`]: "import './a.ts'" }],
    ['a file is too long', /has 401 lines, at most 400/, { [`${SERVER}/kit/http/x.ts`]: `export const a = [${'\n'.repeat(400)}]` }],
    [
      'SQL in a route',
      /SQL is written/,
      { [`${SERVER}/services/compute/x.ts`]: 'export const x = (id: string) => `\n  select *\n  from t where id = ${id}`' },
    ],
    ['SQL in capitals', /SQL is written/, { [`${SERVER}/services/compute/x.ts`]: "export const x = 'UPDATE t SET a = 1'" }],
    ['SQL in kit/http', /SQL is written/, { [`${SERVER}/kit/http/x.ts`]: "export const x = 'delete from t'" }],
    ['SQL by tag', /SQL is written/, { [`${SERVER}/services/compute/x.ts`]: 'declare const sql: any\nexport const x = sql`1`' }],
    [
      'a query is built',
      /queries \(selectFrom\)/,
      { [`${SERVER}/services/compute/x.ts`]: "export const x = (db: any) => db.selectFrom('t')" },
    ],
    ['an SQL file elsewhere', /x\.sql: SQL is written/, { [`${SERVER}/services/compute/x.sql`]: 'select 1' }],
    ['now() in a store', /no now\(\)/, { [`${SERVER}/services/compute/store/x.ts`]: "export const x = 'select NOW ( ) from t'" }],
    [
      'current_timestamp in a template',
      /no now\(\)/,
      { [`${SERVER}/services/compute/store/x.ts`]: 'export const x = (t: string) => `select ${t}, current_timestamp from t`' },
    ],
    [
      'now() in a migration',
      /0002\.sql:2: no now\(\)/,
      { [`${SERVER}/services/compute/store/migrations/0002.sql`]: 'create table t (\n  at timestamptz default now())' },
    ],
    ['a service in kit', /kit knows no service.*"billing"/, { [`${SERVER}/kit/http/x.ts`]: "export const x = 'billing'" }],
    [
      'a collection in kit',
      /kit knows no service.*"machines"/,
      { [`${SERVER}/kit/http/x.ts`]: 'export const x = (id: string) => `/v1/machines/${id}`' },
    ],
    ['a resource in kit', /kit knows no service.*"machine"/, { [`${SERVER}/kit/http/x.ts`]: "export const x = 'compute:machine:get'" }],
    ['an OpenStack word in kit', /no OpenStack word/, { [`${SERVER}/kit/http/x.ts`]: "export const x = 'as Ironic does'" }],
    ['a default export', /no default exports/, { [`${SERVER}/kit/http/x.ts`]: 'export default 1' }],
    ['a default export by name', /no default exports/, { [`${SERVER}/kit/http/x.ts`]: 'const x = 1\nexport { x as default }' }],
    ['a barrel', /only doors/, { [`${SERVER}/kit/http/x.ts`]: "export { server } from './server.ts'\nexport * from '../db/query.ts'" }],
    ['a barrel in two steps', /only doors/, { [`${SERVER}/kit/http/x.ts`]: "import { server } from './server.ts'\nexport { server }" }],
    ['a table does not load', /machine\.ts: does not load/, { 'packages/api/src/compute/machine.ts': "throw new Error('x')" }],
    ['a file does not parse', /does not parse/, { [`${SERVER}/kit/http/x.ts`]: 'export const = ' }],
  ])('%s', async (_, fault, files) => {
    expect(await judge(files)).toContainEqual(expect.stringMatching(fault))
  })
})

it('lets tables, tests and generated files be long', async () => {
  const long = `export const x = [\n${'1,\n'.repeat(500)}]`
  expect(
    await judge({
      'packages/api/src/compute/x.ts': long,
      [`${SERVER}/kit/http/x.test.ts`]: long,
      [`${SERVER}/kit/http/__generated__/x.ts`]: long,
    }),
  ).toEqual([])
})

it('fails when it is blind', async () => {
  const seen = await boundaries(root, NONE)
  expect((await boundaries(root, { files: seen.files, edges: seen.edges })).faults).toEqual([])
  expect((await boundaries(root, { files: seen.files + 1, edges: 0 })).faults).toEqual([expect.stringMatching(/the checker is blind/)])
  expect((await boundaries(root, { files: 0, edges: seen.edges + 1 })).faults).toEqual([expect.stringMatching(/the checker is blind/)])
  expect(seen.tables).toBe(1)
})

it('sees our own house', async () => {
  const { files, edges } = await boundaries(fileURLToPath(new URL('..', import.meta.url)), NONE)
  expect(files).toBeGreaterThan(90)
  expect(edges).toBeGreaterThan(250)
})

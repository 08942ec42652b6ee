import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { siteTable } from '../../packages/server/src/config.ts'
import { readConfig } from '../../packages/server/src/kit/config/read.ts'
import { startEmbedded } from '../../packages/server/src/kit/db/embedded/start.ts'
import type { Log } from '../../packages/server/src/kit/log/log.ts'
import { startSite } from '../../packages/server/src/main.ts'
import type { IdentityDoor } from '../../packages/server/src/services/identity/index.ts'
import { Client, type Done, type HttpJob, type SqlJob } from './load.ts'
import { cpuOf, cpuOfTree } from './proc.ts'

const PROGRAM = fileURLToPath(new URL('../../packages/server/bin/esi-server.mjs', import.meta.url))
// As `npm start` has it: without it V8 takes what a large machine has for young objects.
const FLAGS = ['--max-semi-space-size=16']
const PASSWORD = 'only-for-measurements'
const PEOPLE = { admin: [], owner: ['member', 'owner'], lessee: ['member', 'lessee'] } as const

export type Who = keyof typeof PEOPLE

const silent: Log = { debug() {}, info() {}, warn() {}, error: (...what) => console.error(...what), child: () => silent }

/** What a round of questions took, with the CPU of the server and of the database in milliseconds a request. */
export interface Measured extends Done {
  readonly rate: number
  readonly server: number
  readonly database: number
}

/** What runs. */
const sites = new Set<{ end(): Promise<void> }>()

/** Has something ended, too, when the measurement is broken off. */
export const alsoEnd = (thing: { end(): Promise<void> }): void => void sites.add(thing)

/** For whoever breaks the measurement off: nothing must be left of it. */
export const endSites = async (): Promise<void> => {
  await Promise.allSettled([...sites].map(site => site.end()))
}

/** A server as an operator runs it, a process of its own, with its embedded PostgreSQL that does write to disk. */
export interface BenchSite {
  readonly url: string
  readonly databaseUrl: string
  readonly serverPid: number
  readonly databasePid: number
  readonly projects: Readonly<Record<Who, string>>
  readonly tokens: Readonly<Record<Who, string>>
  rows(text: string, values?: readonly unknown[]): Promise<any[]>
  /** A body for a login with a password. */
  loginOf(who: Who): unknown
  headersOf(who: Who): Record<string, string>
  http(job: Omit<HttpJob, 'kind' | 'url' | 'headers'> & { readonly as: Who | 'nobody' }): Promise<Measured>
  sql(job: Omit<SqlJob, 'kind' | 'url'>): Promise<Measured>
  end(): Promise<void>
}

export const startBenchSite = async (how: { readonly nodeOptions?: readonly string[] } = {}): Promise<BenchSite> => {
  await using opened = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'esi-bench-'))
  chmodSync(folder, 0o755)
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  const state = join(folder, 'state')
  const database = await startEmbedded({ folder: join(state, 'database'), log: silent })
  opened.defer(() => database.stop())
  const settings = {
    state,
    listen: '127.0.0.1:0',
    log: { format: 'json', level: 'info' },
    baremetal: { drivers: ['fake-hardware'] },
  }
  const projects = await furnish(settings)
  const config = join(folder, 'site.yaml')
  writeFileSync(config, JSON.stringify(settings), { mode: 0o600 })
  const server = await startProcess(config, how.nodeOptions ?? [])
  opened.defer(() => server.stop())
  const client = new Client()
  opened.defer(() => client.end())
  const pool = new pg.Pool({ connectionString: database.url, max: 1, application_name: 'bench' })
  opened.defer(() => pool.end())

  const loginOf = (who: Who): unknown => {
    const domain = { id: 'default' }
    return {
      auth: {
        identity: { methods: ['password'], password: { user: { name: who, domain, password: PASSWORD } } },
        scope: { project: { name: who, domain } },
      },
    }
  }
  const tokens: Partial<Record<Who, string>> = {}
  for (const who of Object.keys(PEOPLE) as Who[]) {
    const reply = await fetch(`${server.url}/identity/v3/auth/tokens`, { method: 'POST', body: JSON.stringify(loginOf(who)) })
    if (reply.status !== 201) throw new Error(`${who} cannot log in: ${reply.status} ${await reply.text()}`)
    tokens[who] = reply.headers.get('x-subject-token')!
  }
  const headersOf = (who: Who) => ({ 'x-auth-token': tokens[who]!, 'x-openstack-ironic-api-version': '1.95' })
  const measured = async (work: () => Promise<Done>): Promise<Measured> => {
    const before = { server: cpuOf(server.pid), database: cpuOfTree(database.pid) }
    const done = await work()
    const used = { server: cpuOf(server.pid) - before.server, database: cpuOfTree(database.pid) - before.database }
    return { ...done, rate: done.count / done.seconds, server: used.server / done.count, database: used.database / done.count }
  }
  const closing = opened.move()
  const site: BenchSite = {
    url: server.url,
    databaseUrl: database.url,
    serverPid: server.pid,
    databasePid: database.pid,
    projects,
    tokens: tokens as Record<Who, string>,
    rows: async (text, values = []) => (await pool.query(text, [...values])).rows,
    loginOf,
    headersOf,
    http: ({ as, ...job }) =>
      measured(() => client.run({ kind: 'http', url: server.url, headers: as === 'nobody' ? {} : headersOf(as), ...job })),
    sql: job => measured(() => client.run({ kind: 'sql', url: database.url, ...job })),
    async end() {
      sites.delete(site)
      await closing.disposeAsync()
    },
  }
  sites.add(site)
  return site
}

/** Makes the people; gives their projects. */
const furnish = async (settings: object): Promise<Record<Who, string>> => {
  const config = readConfig(siteTable, { given: { ...settings, conduct: false }, env: {} })
  const site = await startSite(config, silent, { listen: false })
  try {
    const door = site.running.get('identity')!.door as IdentityDoor
    const projects: Partial<Record<Who, string>> = { admin: (await door.bootstrap({ adminPassword: PASSWORD })).project }
    for (const who of ['owner', 'lessee'] as const) {
      const project = await door.ensureProject(who)
      const user = await door.ensureUser(who, PASSWORD, { defaultProject: project })
      for (const role of PEOPLE[who]) await door.grant(user, role, { project })
      projects[who] = project
    }
    return projects as Record<Who, string>
  } finally {
    await site.stop()
  }
}

const startProcess = async (config: string, nodeOptions: readonly string[]) => {
  const child = spawn(process.execPath, [...FLAGS, ...nodeOptions, PROGRAM, 'start', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const said = JSON.parse(line)
      if (said.level === 'error') console.error(line)
      if (said.msg === 'the site is up') resolve(said.url)
    })
    void gone.then(() => reject(new Error('the server ended before it was up')))
  })
  return {
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

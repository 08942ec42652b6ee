import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { stringify } from 'yaml'
import { siteTable } from '../../config.ts'
import { readConfig } from '../../kit/config/read.ts'
import { alive } from '../../kit/db/embedded/pid.ts'
import { type Embedded, startEmbedded } from '../../kit/db/embedded/start.ts'
import type { TestDatabase } from '../../kit/testing/database.ts'
import { silent } from '../../kit/testing/silent-log.ts'
import { type SiteConfig, startSite } from '../../main.ts'
import { Api } from '../../sandbox/api.ts'
import type { IdentityDoor } from '../../services/identity/index.ts'
import { login, type Person } from './client.ts'
import { type Lab, type Rack, startLab } from './lab.ts'
import { type Server, type ServerOptions, startServer } from './server.ts'
import { until } from './until.ts'

const PASSWORD = 'only-for-tests'
const PEOPLE = { owner: ['member', 'owner'], lessee: ['member', 'lessee'], rival: ['member', 'lessee'] } as const

export interface SiteOptions {
  /** `shared`: a database on the server of all tests, which nobody may stop. `own`: below the state folder, as an operator has it. */
  readonly database: 'shared' | 'own' | { readonly url: string }
  readonly rack?: Rack
  /** More of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
}

export interface Site {
  readonly folder: string
  readonly config: string
  readonly people: { readonly admin: Person; readonly owner: Person; readonly lessee: Person; readonly rival: Person }
  lab: Lab
  /** Those that run. */
  readonly servers: readonly Server[]
  start(options?: ServerOptions): Promise<Server>
  /** Straight from the database. */
  rows(text: string, values?: readonly unknown[]): Promise<any[]>
  readonly databaseUrl: string
  /** The database server of its own, while it runs. */
  readonly databasePid: number
  /** Points the configuration elsewhere, for servers that start from now on. */
  configure(more: Readonly<Record<string, unknown>>): void
  /** The rack is switched on again, after it was killed. */
  relab(): Promise<void>
  /** The database from now on, for servers that start then. */
  useDatabase(url: string): void
  /** Ends a database server of its own whose users were killed. */
  endDatabase(): Promise<void>
  end(): Promise<void>
}

/** A site with an administrator, an owner, two lessees, and things of type `test_node` that the owner has; no server runs yet. */
export const createSite = async (options: SiteOptions): Promise<Site> => {
  const folder = mkdtempSync('/tmp/esi-proof-')
  chmodSync(folder, 0o755)
  const config = join(folder, 'site.yaml')
  const servers: Server[] = []
  let database: TestDatabase | undefined
  let embedded: Embedded | undefined
  let lab: Lab | undefined
  let counted = 0
  let settings: Record<string, unknown> = {
    state: join(folder, 'state'),
    log: { format: 'json', level: 'info' },
    baremetal: { drivers: ['redfish', 'fake-hardware'] },
    ...options.config,
  }
  const configure = (more: Readonly<Record<string, unknown>>) => {
    settings = { ...settings, ...more }
    writeFileSync(config, stringify(settings), { mode: 0o600 })
  }
  const undo: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  const end = async () => {
    await Promise.all(servers.map(s => s.kill()))
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    if (options.database === 'shared') {
      // Only where tests run is there a server for all of them.
      const { testDatabase } = await import('../../kit/testing/database.ts')
      database = await testDatabase()
      undo.push(() => database!.drop())
      configure({ database: { url: database.url } })
    } else if (typeof options.database === 'object') configure({ database: options.database })
    else {
      // Its servers keep it up, nobody else does: it must come back by them alone.
      const raised = await startEmbedded({ folder: join(folder, 'state', 'database'), log: silent })
      embedded = raised
      await raised.stop()
      undo.push(() => endDatabase(raised.pid))
      configure({})
    }
    const started = options.rack && startLab(join(folder, 'lab'), options.rack)
    const owner = await furnish(readConfig(siteTable, { given: { ...settings, log: { level: 'silent' } }, env: {} }))
    configure({ leasing: { testNodeOwner: owner, ...(settings['leasing'] as object | undefined) } })
    if (started) {
      lab = await started
      undo.push(() => lab!.kill())
    }
  } catch (e) {
    await end()
    throw e
  }
  const people: Partial<Record<keyof Site['people'], Person>> = {}
  let elsewhere: string | undefined
  const url = () => elsewhere ?? database?.url ?? embedded?.url ?? (settings['database'] as { url: string }).url
  return {
    folder,
    config,
    servers,
    people: people as Site['people'],
    get lab() {
      if (!lab) throw new Error('this site has no rack')
      return lab
    },
    get databaseUrl() {
      return url()
    },
    get databasePid() {
      if (!embedded?.pid) throw new Error('no database server of its own runs')
      return embedded.pid
    },
    configure,
    useDatabase(other) {
      elsewhere = other
      configure({ database: { url: other } })
    },
    endDatabase: () => endDatabase(embedded?.pid ?? 0),
    async relab() {
      lab = await startLab(join(folder, 'lab'), options.rack!)
    },
    async start(how) {
      const name = `server ${++counted}`
      const server = await startServer(name, config, join(folder, `server-${counted}.log`), how)
      servers.push(server)
      void server.gone.then(() => servers.splice(servers.indexOf(server), 1))
      for (const who of ['admin', 'owner', 'lessee', 'rival'] as const) people[who] ??= await login(server, who, PASSWORD)
      return server
    },
    async rows(text, values = []) {
      const client = new pg.Client({ connectionString: url(), application_name: 'proof' })
      client.on('error', () => {})
      await client.connect()
      try {
        return (await client.query(text, [...values])).rows
      } finally {
        await client.end()
      }
    },
    async end() {
      if (process.env['ESI_TEST_LOG'])
        for (let i = 1; i <= counted; i++) process.stderr.write(`--- server ${i}\n${readFileSync(join(folder, `server-${i}.log`), 'utf8')}`)
      await end()
    },
  }
}

/** What servers that were killed have left. */
const endDatabase = async (pid: number): Promise<void> => {
  if (!pid || !alive(pid)) return
  process.kill(pid, 'SIGQUIT')
  await until('the database server is gone', () => !alive(pid))
}

/** The server and all its children, at once: nobody is left who could tidy up. */
export const killDatabase = async (pid: number): Promise<void> => {
  const children = execFileSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number)
  for (const each of [pid, ...children])
    try {
      process.kill(each, 'SIGKILL')
    } catch (e) {
      // A session that has ended meanwhile.
      if ((e as NodeJS.ErrnoException).code !== 'ESRCH') throw e
    }
  await until('the database server is gone', () => !alive(pid))
}

/** Makes the people; gives the owner's project. */
const furnish = async (config: SiteConfig): Promise<string> => {
  const site = await startSite({ ...config, conduct: false }, silent, { listen: false })
  try {
    await (site.running.get('identity')!.door as IdentityDoor).bootstrap({ adminPassword: PASSWORD })
    const api = new Api(site.app)
    await api.login('admin', PASSWORD, 'admin')
    const { roles } = await api.call('GET', '/identity/v3/roles')
    let owner = ''
    for (const [name, has] of Object.entries(PEOPLE)) {
      const { project } = await api.call('POST', '/identity/v3/projects', { project: { name, domain_id: 'default' } })
      const { user } = await api.call('POST', '/identity/v3/users', {
        user: { name, domain_id: 'default', password: PASSWORD, default_project_id: project.id },
      })
      for (const role of roles.filter((r: { name: string }) => (has as readonly string[]).includes(r.name)))
        await api.call('PUT', `/identity/v3/projects/${project.id}/users/${user.id}/roles/${role.id}`)
      if (name === 'owner') owner = project.id
    }
    return owner
  } finally {
    await site.stop()
  }
}

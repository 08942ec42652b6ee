/**
 * What lists cost: `npx node bench/lists.ts [rows …]` (default 1000 10000), by hand. A database of its own with fsync, in a
 * temporary folder; the server is a process of its own, so that its CPU can be told from the client's and the database's.
 * Compared with the least that can be done: one `json_agg` query over the same page, whose text goes out as it is.
 */
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../packages/server/src/kit/db/embedded/start.ts'
import { connect } from '../packages/server/src/kit/db/pool.ts'
import { columns, columnType, serveMachines } from './lists/machines.ts'

const log = { debug() {}, info() {}, warn() {}, error: console.error, child: () => log }
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4)
const PAGE = 1000

const cpuOfProcess = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(words[11]) + Number(words[12])) * 10_000
  } catch {
    return 0
  }
}
const parentOf = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
/** Microseconds of CPU that the server's backends have used. */
const cpuOfDatabase = (postmaster: number): number =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => pid > 0 && parentOf(pid) === postmaster)
    .reduce((sum, pid) => sum + cpuOfProcess(pid), 0)

interface Measured {
  readonly rate: number
  readonly server: number
  readonly database: number
  readonly bytes: number
}

/** Asks for so many seconds with so many connections; CPU in microseconds a request. */
const load = async (
  port: number,
  pids: { server: number; postmaster: number },
  path: string,
  token: string,
  connections: number,
): Promise<Measured> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let bytes = 0
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-auth-token': token, 'x-openstack-ironic-api-version': '1.95' }
      request({ port, host: '127.0.0.1', path, agent, headers }, reply => {
        let size = 0
        reply.on('data', (part: Buffer) => (size += part.length))
        reply.on('end', () => {
          bytes = size
          if (reply.statusCode === 200) resolve()
          else reject(new Error(`${reply.statusCode} for ${path}`))
        })
      })
        .on('error', reject)
        .end()
    })
  for (let i = 0; i < 3; i++) await one()
  const before = { server: cpuOfProcess(pids.server), database: cpuOfDatabase(pids.postmaster), at: performance.now() }
  const until = before.at + SECONDS * 1000
  let count = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) {
        await one()
        count++
      }
    }),
  )
  const seconds = (performance.now() - before.at) / 1000
  agent.destroy()
  return {
    rate: count / seconds,
    server: (cpuOfProcess(pids.server) - before.server) / count,
    database: (cpuOfDatabase(pids.postmaster) - before.database) / count,
    bytes,
  }
}

const fill = async (url: string, rows: number): Promise<void> => {
  const { pool, end } = connect({ url, name: 'bench', log, size: 2 })
  await pool.query('create schema if not exists bench')
  await pool.query('drop table if exists bench.machine')
  await pool.query(
    `create table bench.machine (${columns.map(c => `"${c}" ${columnType(c)}${c === 'uuid' ? ' primary key' : ''}`).join(', ')})`,
  )
  await pool.query('create index on bench.machine (created_at, uuid)')
  await pool.query('create index on bench.machine (owner)')
  await pool.query('create index on bench.machine (lessee)')
  const row = (i: number) => ({
    uuid: randomUUID(),
    name: `node-${i}`,
    driver: 'redfish',
    driver_info: {
      redfish_address: `https://10.0.${i % 250}.7`,
      redfish_username: 'admin',
      redfish_password: '******',
      redfish_system_id: '/redfish/v1/Systems/1',
      deploy_kernel: 'http://10.0.0.1/kernel',
      deploy_ramdisk: 'http://10.0.0.1/ramdisk',
    },
    driver_internal_info: {
      agent_url: 'http://10.0.0.9:9999',
      agent_version: '9.5',
      last_power_state_change: '2027-01-01T00:00:00.000000',
      is_whole_disk_image: true,
    },
    properties: { cpus: '64', memory_mb: '524288', local_gb: '1800', cpu_arch: 'x86_64', capabilities: 'boot_mode:uefi,iscsi_boot:True' },
    extra: { rack: `r${i % 40}`, unit: String(i % 42), asset: `A-${100_000 + i}` },
    instance_info: { image_source: randomUUID(), root_gb: '100', configdrive: '******', capabilities: {} },
    instance_uuid: i % 2 ? randomUUID() : null,
    power_state: 'power on',
    provision_state: i % 2 ? 'active' : 'available',
    provision_updated_at: '2027-01-01T12:13:14.567891Z',
    maintenance: false,
    resource_class: 'baremetal',
    network_interface: 'neutron',
    boot_interface: 'ipxe',
    console_interface: 'no-console',
    deploy_interface: 'direct',
    inspect_interface: 'redfish',
    management_interface: 'redfish',
    power_interface: 'redfish',
    raid_interface: 'no-raid',
    vendor_interface: 'no-vendor',
    storage_interface: 'noop',
    rescue_interface: 'no-rescue',
    bios_interface: 'redfish',
    firmware_interface: 'redfish',
    inspection_started_at: '2027-01-01T10:13:14.5Z',
    inspection_finished_at: '2027-01-01T10:23:14.25Z',
    traits: ['CUSTOM_A', 'HW_CPU_X86_VMX'],
    conductor_group: '',
    protected: false,
    owner: `project-${i % 10}`,
    description: 'A machine in the long row at the window',
    retired: false,
    lessee: i % 3 ? null : `project-${(i + 5) % 10}`,
    network_data: {},
    boot_mode: 'uefi',
    secure_boot: false,
    shard: null,
    disable_power_off: false,
    console_enabled: false,
    created_at: new Date(Date.UTC(2027, 0, 1) + i * 1000).toISOString(),
    updated_at: '2027-01-02T12:13:14.567891Z',
  })
  for (let at = 0; at < rows; at += 500)
    await pool.query(
      'insert into bench.machine select (jsonb_populate_record(null::bench.machine, e)).* from jsonb_array_elements($1::jsonb) e',
      [JSON.stringify(Array.from({ length: Math.min(500, rows - at) }, (_, i) => row(at + i)))],
    )
  await pool.query('vacuum analyze bench.machine')
  await end()
}

const table = (title: string, base: Measured, lines: readonly (readonly [string, Measured])[]): void => {
  console.log(`\n${title}`)
  console.log(`${''.padEnd(44)}${['rate/s', 'of bare', 'server µs', 'database µs', 'kB'].map(h => h.padStart(12)).join('')}`)
  for (const [name, m] of lines)
    console.log(
      `${name.padEnd(44)}${[m.rate.toFixed(1), `${((100 * m.rate) / base.rate).toFixed(0)} %`, m.server.toFixed(0), m.database.toFixed(0), (m.bytes / 1000).toFixed(1)].map(v => v.padStart(12)).join('')}`,
    )
}

const run = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-bench-'))
  const server = await startEmbedded({ folder, log })
  try {
    for (const rows of process.argv.slice(2).length > 0 ? process.argv.slice(2).map(Number) : [1000, 10_000]) {
      await fill(server.url, rows)
      const child = fork(fileURLToPath(import.meta.url), ['serve', server.url])
      const [{ port, policy }] = (await once(child, 'message')) as [{ port: number; policy: string }]
      const pids = { server: child.pid!, postmaster: server.pid }
      const ask = (path: string, token: string, connections: number) => load(port, pids, path, token, connections)
      for (const connections of [1, 16]) {
        const bare = await ask('/bare', 'admin', connections)
        table(`${rows} rows, pages of ${Math.min(rows, PAGE)}, ${connections} connection(s)`, bare, [
          ['(a) bare json_agg', bare],
          ['(b) detail, sees all', await ask('/m/v1/nodes/detail', 'admin', connections)],
          ['    detail, sees a tenth, much is redacted', await ask('/m/v1/nodes/detail', 'tenant', connections)],
          ['(c) brief, sees all', await ask('/m/v1/nodes', 'admin', connections)],
          ['    brief, sees a tenth', await ask('/m/v1/nodes', 'tenant', connections)],
          ['    one row by id', await ask('/m/v1/nodes/first', 'admin', connections)],
          ['    one row by name, as tenant', await ask('/m/v1/nodes/node-0', 'tenant', connections)],
          ['    nothing but a route', await ask('/m/v1/nothing', 'admin', connections)],
        ])
      }
      console.log(`\n${policy}`)
      child.send('end')
      await once(child, 'exit')
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'serve') {
  const { port, policy, close } = await serveMachines(process.argv[3]!, log)
  for (const end of ['message', 'disconnect']) process.once(end, () => void close().then(() => process.exit(0)))
  process.send!({ port, policy })
} else await run()

import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, inject, test, vi } from 'vitest'
import { dropDatabase, named, onServer } from '../kit/testing/templates.ts'
import { checkInvariants } from './testing/invariants.ts'
import { bringIn, enrol, show } from './testing/nodes.ts'
import { PROGRAM, type Server } from './testing/server.ts'
import { createSite, type Site } from './testing/site.ts'
import { HOUR, SECOND, soon } from './testing/times.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Backups are restored while machines are in use that the backup knows nothing of. Nothing may reach a BMC until an operator has said
// that the database is good.

let site: Site
const undo: (() => Promise<void>)[] = []
afterEach(async () => {
  await site?.end()
  for (const step of undo.splice(0)) await step()
})

const run = promisify(execFile)
const hold = async (...words: string[]) => (await run(process.execPath, [PROGRAM, 'hold', '--config', site.config, ...words])).stdout
const machine = (i: number) => site.lab.machines[i]!.name
const on = async (i: number) => (await site.lab.control.machine(machine(i))).power === 'On'
const power = (who: 'owner' | 'lessee', server: Server, uuid: string, target: string) =>
  site.people[who].must(server, 202, 'PUT', `/baremetal/v1/nodes/${uuid}/states/power`, { target })
const powered = async (server: Server, i: number, uuid: string) => {
  await until(`${machine(i)} is on`, () => on(i))
  await until('it is settled', async () => (await show(site, server, uuid)).target_power_state === null)
}
const offer = async (server: Server, uuid: string) =>
  (await site.people.owner.must(server, 201, 'POST', '/lease/v1/offers', { resource_uuid: uuid, end_time: soon(100 * HOUR) })).uuid
const lease = async (server: Server, uuid: string, end: number) =>
  (await site.people.lessee.must(server, 201, 'POST', `/lease/v1/offers/${await offer(server, uuid)}/claim`, { end_time: soon(end) })).uuid

interface Backup {
  /** Taken and put back while no server runs. */
  take(): Promise<void>
  /** Waits until this machine has written down how far it has followed the database, which it does every few seconds. */
  noted?(): Promise<void>
  restore(): Promise<void>
  readonly found: RegExp
}

const story = async (backup: Backup): Promise<void> => {
  const began = performance.now()
  const first = await site.start()
  const start = performance.now() - began
  const nodes = await Promise.all(site.lab.machines.map(m => enrol(site, first, m)))
  const [extended, leased, owners, idle] = nodes as [string, string, string, string]
  await bringIn(site, first, nodes)
  // In the backup this lease ends in a moment; in truth its end is moved, and its lessee goes on working.
  const moved = await lease(first, extended, HOUR)
  await until('it has begun', async () => (await show(site, first, extended)).lessee === site.people.lessee.project)
  // Long enough for the next server to be there before, on a slow machine too.
  await site.people.admin.must(first, 200, 'PATCH', `/lease/v1/leases/${moved}`, { end_time: soon(10 * SECOND + 4 * start) })
  await first.stop()
  await backup.take()

  const second = await site.start()
  await site.people.admin.must(second, 200, 'PATCH', `/lease/v1/leases/${moved}`, { end_time: soon(10 * HOUR) })
  await power('lessee', second, extended, 'power on')
  const late = await lease(second, leased, HOUR)
  await until('it has begun', async () => (await show(site, second, leased)).lessee === site.people.lessee.project)
  await power('lessee', second, leased, 'power on')
  await power('owner', second, owners, 'power on')
  await Promise.all([powered(second, 0, extended), powered(second, 1, leased), powered(second, 2, owners)])
  await checkInvariants(site)
  await backup.noted?.()
  await second.kill()
  await backup.restore()

  const since = await site.lab.last()
  const third = await site.start()
  expect(await hold('--list')).toMatch(backup.found)
  // All machines that run say so, and the backup says of each that it is off.
  const differ: { thing: string; field: string; database: string; machine: string }[] = JSON.parse(await hold('--differences', '--json'))
  expect(differ.map(d => [d.thing, d.field, d.database, d.machine]).sort()).toEqual(
    [extended, leased, owners].map(uuid => [uuid, 'power', 'power off', 'power on']).sort(),
  )
  // The backup knows neither the new lease nor the new end; the old end passes, and somebody asks for something new.
  await site.people.lessee.ask(third, 'GET', `/lease/v1/leases/${late}`).then(answer => expect([403, 404]).toContain(answer.status))
  await until(
    'the old end has passed',
    async () => (await site.rows('select from leasing.lease where uuid = $1 and end_time < clock_timestamp()', [moved])).length,
  )
  await power('owner', third, idle, 'power on')
  const waiting = async () =>
    (await site.rows(`select conductor from kit.work where held and (conductor, key) in (('lease', $1), ('node', $2))`, [moved, idle]))
      .length
  await until('both wait for the hold to be lifted', async () => (await waiting()) === 2)
  expect(await site.lab.changes(since)).toEqual([])
  expect(await Promise.all([on(0), on(1), on(2), on(3)])).toEqual([true, true, true, false])

  // A restart is no way out.
  await third.kill()
  const fourth = await site.start()
  await until('it has looked', async () => (await site.rows('select from kit.conductor where pid = $1', [fourth.pid])).length === 1)
  expect(await hold('--list')).toMatch(backup.found)
  expect(await site.lab.changes(since)).toEqual([])

  expect(await hold('--site', '--lift')).toMatch(/held no more/)
  await until('what was asked for is done', () => on(3))
  await until('the lease that has ended is taken back', async () => !(await on(0)))
  await until('and its node is clean', async () => (await show(site, fourth, extended)).provision_state === 'available')
  // The others run on: nobody has touched them.
  for (const i of [1, 2]) {
    expect(await site.lab.changes(since, machine(i))).toEqual([])
    expect(await on(i)).toBe(true)
  }
  await checkInvariants(site)
}

test('a copy of the database, under another name', async () => {
  const server = inject('databaseUrl')
  site = await createSite({ database: 'shared', rack: { count: 4 } })
  const [from, copy] = [new URL(site.databaseUrl).pathname.slice(1), `test_${process.pid}_restored`]
  await story({
    take: () => onServer(server, client => client.query(`create database ${copy} template ${from}`).then(() => {})),
    async restore() {
      undo.push(() => dropDatabase(server, copy))
      site.useDatabase(named(server, copy))
    },
    found: /^the site: held since .* the database is another one than before: it was copied, or restored from a dump/,
  })
})

test('the files of the database, put back in their place', async () => {
  site = await createSite({ database: 'own', rack: { count: 4 } })
  const files = join(site.folder, 'state', 'database', 'data')
  const kept = join(site.folder, 'backup')
  const mark = () => readFileSync(join(site.folder, 'state', 'site.json'), 'utf8')
  let before = ''
  await story({
    async take() {
      before = mark()
      await run('cp', ['-a', files, kept])
    },
    noted: () => until('it is noted', () => mark() !== before),
    async restore() {
      await site.endDatabase()
      rmSync(files, { recursive: true })

      await run('cp', ['-a', kept, files])
    },
    found: /^the site: held since .* the database was rolled back: this machine has seen event \d+, and its last one is \d+/,
  })
})

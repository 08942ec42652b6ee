import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkInvariants } from './testing/invariants.ts'
import { bringIn, enrol, show } from './testing/nodes.ts'
import type { Server } from './testing/server.ts'
import { createSite, type Site } from './testing/site.ts'
import { HOUR, SECOND, soon } from './testing/times.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// A server falls asleep in the midst of work on hardware (its machine is suspended, its disk hangs) and wakes when the other one has
// gone on long ago. It must not write to hardware then.

let site: Site
let nodes: string[]

beforeAll(async () => {
  site = await createSite({ database: 'shared', rack: { count: 2 } })
  const first = await site.start()
  nodes = await Promise.all(site.lab.machines.map(machine => enrol(site, first, machine)))
  await bringIn(site, first, nodes)
  await site.start()
})
afterAll(() => site?.end())

const machine = (i: number) => site.lab.machines[i]!.name
/** The server that works on a node now, and the other. */
const whoHas = async (conductor: string, key: string): Promise<[Server, Server] | undefined> => {
  const [row] = await site.rows(
    'select c.pid from kit.work w join kit.conductor c on c.id = w.claimed_by where w.conductor = $1 and w.key = $2',
    [conductor, key],
  )
  const holder = row && site.servers.find(s => s.pid === row.pid)
  return holder && [holder, site.servers.find(s => s !== holder)!]
}
/** Puts whoever works on the node to sleep while its BMC takes its time to answer a question: its next step is the command. */
const putToSleep = async (node: string, name: string, begin: () => Promise<unknown>): Promise<[Server, Server]> => {
  const slow = await site.lab.control.fault({ kind: 'slow', machine: name, ms: 2000, count: 1, method: 'GET' })
  const before = await site.lab.last()
  await begin()
  let both: [Server, Server] | undefined
  await until('its BMC was asked', async () => {
    const { calls } = await site.lab.control.calls({ machine: name, after: before, method: 'GET' })
    both = await whoHas('node', node)
    return calls.length > 0 && both
  })
  both![0].signal('SIGSTOP')
  expect(await site.lab.changes(before, name)).toEqual([])
  await site.lab.control.clearFaults({ id: slow.id })
  return both!
}
/** Wakes it, waits until it is back among the conductors and at rest, and tells what was asked of hardware since. */
const wake = async (sleeper: Server): Promise<readonly unknown[]> => {
  const since = await site.lab.last()
  sleeper.signal('SIGCONT')
  await until('it is back', async () => (await site.rows('select from kit.conductor where pid = $1', [sleeper.pid])).length === 1)
  const stale = 'select from kit.conductor c where pid = $1 and beat < clock_timestamp()'
  await until('it beats', async () => (await site.rows(stale, [sleeper.pid])).length === 1)
  // Its old run has ended: it answers requests, and a request after it has been through all that was waiting in it.
  for (let i = 0; i < 3; i++) await site.people.admin.must(sleeper, 200, 'GET', '/baremetal/v1/nodes')
  return site.lab.changes(since)
}

test('in the midst of a power change: the other one switches, and the woken one does nothing', async () => {
  const [node, name] = [nodes[0]!, machine(0)]
  const [asleep, awake] = await putToSleep(node, name, () =>
    site.people.owner.must(site.servers[0]!, 202, 'PUT', `/baremetal/v1/nodes/${node}/states/power`, { target: 'power on' }),
  )
  await until('the other one has it', async () => (await whoHas('node', node))?.[0] === awake || (await on(name)))
  await until('it is on', () => on(name))
  // Since then its owner wants it off again, so that a late "on" would be seen.
  await site.people.owner.must(awake, 202, 'PUT', `/baremetal/v1/nodes/${node}/states/power`, { target: 'power off' })
  await until('it is off', async () => !(await on(name)))
  await rest(node)
  expect(await wake(asleep)).toEqual([])
  expect(await on(name)).toBe(false)
  await checkInvariants(site)
})

test('in the midst of an expiry: the other one takes the node back, and the woken one does nothing', async () => {
  const [node, name] = [nodes[1]!, machine(1)]
  const server = site.servers[0]!
  const offer = await site.people.owner.must(server, 201, 'POST', '/lease/v1/offers', { resource_uuid: node, end_time: soon(HOUR) })
  const lease = await site.people.lessee.must(server, 201, 'POST', `/lease/v1/offers/${offer.uuid}/claim`, { end_time: soon(HOUR / 2) })
  await until('it is the lessee’s', async () => (await show(site, server, node)).lessee === site.people.lessee.project)
  await site.people.lessee.must(server, 202, 'PUT', `/baremetal/v1/nodes/${node}/states/power`, { target: 'power on' })
  await until('it is on', () => on(name))
  await until('its power is settled', async () => (await show(site, server, node)).target_power_state === null)
  const [asleep, awake] = await putToSleep(node, name, () =>
    site.people.admin.must(server, 200, 'PATCH', `/lease/v1/leases/${lease.uuid}`, { end_time: soon(2 * SECOND) }),
  )
  await until('it is off', async () => !(await on(name)))
  const ended = await site.people.admin.must(awake, 200, 'GET', `/lease/v1/leases/${lease.uuid}`)
  expect(ended.status).toBe('expired')
  expect((await show(site, awake, node)).lessee).toBeNull()
  await rest(node)
  expect(await wake(asleep)).toEqual([])
  await checkInvariants(site)
})

/** All that can be done is done: what is left is to wait until no command of the sleeper can act any more. */
const rest = (node: string): Promise<void> =>
  until('nothing is done any more', async () => {
    const [row] = await site.rows(`select claimed_by, last_outcome from kit.work where conductor = 'node' and key = $1`, [node])
    return row.claimed_by === null && row.last_outcome === 'wait'
  })
const on = async (name: string): Promise<boolean> => (await site.lab.control.machine(name)).power === 'On'

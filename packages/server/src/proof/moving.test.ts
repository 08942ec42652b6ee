import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkInvariants, checkLogs } from './testing/invariants.ts'
import { bringIn, enrol, provision } from './testing/nodes.ts'
import { createSite, killDatabase, type Site } from './testing/site.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Nodes on their way through verifying, cleaning and a power change, and servers that die in the midst of it. ESI_PROOF_NODES=200 has
// more of them.
const COUNT = Number(process.env['ESI_PROOF_NODES'] ?? 40)

let site: Site
/** What each group is on its way to. */
let verified: string[]
let cleaned: string[]
let switched: string[]
const all = () => [...verified, ...cleaned, ...switched]

beforeEach(async () => {
  site = await createSite({ database: 'own', rack: { count: COUNT, speed: 60 } })
  const first = await site.start()
  const nodes = await Promise.all(site.lab.machines.map(machine => enrol(site, first, machine)))
  const third = Math.floor(COUNT / 3)
  ;[verified, cleaned, switched] = [nodes.slice(0, third), nodes.slice(third, 2 * third), nodes.slice(2 * third)]
  await Promise.all(cleaned.map(uuid => provision(site, first, uuid, 'manage')))
  await bringIn(site, first, switched)
  await until(
    'all are manageable',
    async () => (await site.rows(`select from baremetal.node where provision_state = 'manageable'`)).length === third,
  )
  // Whatever ran on a machine before has to be switched off first.
  await Promise.all(cleaned.map(async uuid => site.lab.control.press(await nameOf(uuid), 'short')))
  await site.start()
})
afterEach(() => site?.end())

const nameOf = async (uuid: string): Promise<string> => (await site.rows('select name from baremetal.node where uuid = $1', [uuid]))[0].name
const namesOf = (uuids: readonly string[]) => Promise.all(uuids.map(nameOf))
const machinesOf = async (uuids: readonly string[]) => {
  const names = new Set(await namesOf(uuids))
  return (await site.lab.control.machines()).filter(m => names.has(m.name))
}

/** All at once, spread over the servers. */
const setOut = async (): Promise<void> => {
  const at = (i: number) => site.servers[i % site.servers.length]!
  await Promise.all([
    ...verified.map((uuid, i) => provision(site, at(i), uuid, 'manage')),
    ...cleaned.map((uuid, i) => provision(site, at(i), uuid, 'provide')),
    ...switched.map((uuid, i) =>
      site.people.owner.must(at(i), 202, 'PUT', `/baremetal/v1/nodes/${uuid}/states/power`, { target: 'power on' }),
    ),
  ])
}

const arrived = `
  (uuid = any($1) and provision_state = 'manageable' or uuid = any($2) and provision_state = 'available' and clean_proof is not null
   or uuid = any($3) and power_state = 'power on' and target_power_state is null) and wanted = '{}'`
const there = async () => (await site.rows(`select from baremetal.node where ${arrived}`, [verified, cleaned, switched])).length
const someAreThere = (share: number) => until('some have arrived', async () => (await there()) >= COUNT * share, 100_000, 10)
const lost = async () => (await site.rows(`select from kit.work where conductor = 'node' and lost_at is not null`)).length > 0
/** A command of a dead server may act for a minute; nobody has arrived before that is over. */
const allArrive = async () => {
  const which = `select name, provision_state, power_state, wanted, last_error from baremetal.node where not (${arrived})`
  await until('all have arrived', async () => (await there()) === COUNT, 150_000, 250).catch(async e => {
    throw new Error(JSON.stringify(await site.rows(which, [verified, cleaned, switched])), { cause: e })
  })
}

/** All are where they were sent, in truth as well; by one way, and once. */
const checkArrival = async (): Promise<void> => {
  const truth = [...(await machinesOf(verified)), ...(await machinesOf(cleaned)), ...(await machinesOf(switched))]
  const wrong = truth.filter((m, i) => m.power !== (i < verified.length + cleaned.length ? 'Off' : 'On') || m.bricked)
  expect(wrong.map(m => [m.name, m.power])).toEqual([])
  // Those that were cleaned were started once, by hand; those that were switched once, by us.
  expect([...(await machinesOf(cleaned)), ...(await machinesOf(switched))].filter(m => m.boots !== 1).map(m => [m.name, m.boots])).toEqual(
    [],
  )
  const [strange] = [
    await site.rows(
      `select object_id, data -> 'after' ->> 'provision_state' as state, count(*)::int from kit.event
       where type = 'baremetal.node.updated' and data -> 'after' ? 'provision_state' group by 1, 2 having count(*) > 1`,
    ),
  ]
  expect(strange).toEqual([])
  expect(
    await site.rows(`select name, last_error from baremetal.node where last_error is not null or maintenance or fault is not null`),
  ).toEqual([])
  await checkInvariants(site)
}

/** Nothing more is asked of any machine, although every key that was taken over is looked at again. */
const checkRest = async (since: number): Promise<void> => {
  const open = `select conductor, key from kit.work where conductor = 'node' and (claimed_by is not null or due < 'infinity')`
  await until('nothing is left to be done', async () => (await site.rows(open)).length === 0, 100_000)
  expect(await site.lab.changes(since)).toEqual([])
}

test('one of two servers is killed: every node arrives, and none is switched again', async () => {
  const before = await site.lab.last()
  await setOut()
  await someAreThere(0.1)
  await site.servers[1]!.kill()
  await until('the other one has taken over some of its work', lost, 100_000, 10)
  await allArrive()
  const after = await site.lab.last()
  await checkArrival()
  // One command for each machine that had to be switched, and for no other.
  const resets = (await site.lab.changes(before)).filter(c => c.path.endsWith('/Actions/ComputerSystem.Reset') && c.done)
  expect(resets.map(c => c.machine).sort()).toEqual((await namesOf([...cleaned, ...switched])).sort())
  await checkRest(after)
  checkLogs(site.servers)
  expect(all().length).toBe(COUNT)
})

test('both servers, the database and the rack lose power: every node arrives after the next start', async () => {
  await setOut()
  await someAreThere(0.1)
  await Promise.all([...site.servers.map(s => s.kill()), killDatabase(site.databasePid), site.lab.kill()])
  await site.relab()
  await site.start()
  await until('it has taken over what they had begun', lost, 100_000, 10)
  await allArrive()
  const after = await site.lab.last()
  await checkArrival()
  await checkRest(after)
})

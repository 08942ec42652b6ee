import { expect } from 'vitest'
import { checkInvariants } from './invariants.ts'
import { bringIn, enrol, provision } from './nodes.ts'
import { createSite, type Site } from './site.ts'
import { until } from './until.ts'

/** Nodes on their way through verifying, cleaning and a power change. Most of the time a dead server's last command is waited for. */
const COUNT = Number(process.env['ESI_PROOF_NODES'] ?? 200)

export interface Moving {
  readonly site: Site
  /** All at once, spread over the servers; until a tenth of them has arrived. */
  setOut(): Promise<void>
  /** Somebody has taken over what a dead server had begun. */
  takenOver(): Promise<void>
  /** A command of a dead server may act for a minute; nobody whose work was taken over has arrived before that is over. */
  arrive(): Promise<void>
  /** All are where they were sent, in truth as well; by one way, and once. */
  checkArrival(): Promise<void>
  /** Nothing more is asked of any machine since that call, although every key that was taken over is looked at again. */
  checkRest(since: number): Promise<void>
  /** Names of the machines that had to be switched to get there. */
  switched(): Promise<readonly string[]>
}

/** A third in `enroll`, a third manageable with a machine that runs, a third available; and two servers. */
export const prepareMoving = async (): Promise<Moving> => {
  const site = await createSite({ database: 'own', rack: { count: COUNT, speed: 60 } })
  try {
    return await prepare(site)
  } catch (e) {
    await site.end()
    throw e
  }
}

const prepare = async (site: Site): Promise<Moving> => {
  const first = await site.start()
  const nodes = await Promise.all(site.lab.machines.map(machine => enrol(site, first, machine)))
  const third = Math.floor(COUNT / 3)
  /** What each group is on its way to. */
  const [verified, cleaned, switched] = [nodes.slice(0, third), nodes.slice(third, 2 * third), nodes.slice(2 * third)]
  const namesOf = async (uuids: readonly string[]): Promise<string[]> =>
    (await site.rows('select name from baremetal.node where uuid = any($1)', [uuids])).map(r => r.name)
  const machinesOf = async (uuids: readonly string[]) => {
    const names = new Set(await namesOf(uuids))
    return (await site.lab.control.machines()).filter(m => names.has(m.name))
  }
  await Promise.all(cleaned.map(uuid => provision(site, first, uuid, 'manage')))
  await bringIn(site, first, switched)
  const manageable = `select from baremetal.node where provision_state = 'manageable'`
  await until('all are manageable', async () => (await site.rows(manageable)).length === third)
  // Whatever ran on a machine before has to be switched off first.
  for (const name of await namesOf(cleaned)) await site.lab.control.press(name, 'short')
  await site.start()

  const arrived = `
    (uuid = any($1) and provision_state = 'manageable' or uuid = any($2) and provision_state = 'available' and clean_proof is not null
     or uuid = any($3) and power_state = 'power on' and target_power_state is null) and wanted = '{}'`
  const groups = [verified, cleaned, switched]
  const there = async () => (await site.rows(`select from baremetal.node where ${arrived}`, groups)).length
  return {
    site,
    async setOut() {
      const at = (i: number) => site.servers[i % site.servers.length]!
      const on = (uuid: string, i: number) =>
        site.people.owner.must(at(i), 202, 'PUT', `/baremetal/v1/nodes/${uuid}/states/power`, { target: 'power on' })
      await Promise.all([
        ...verified.map((uuid, i) => provision(site, at(i), uuid, 'manage')),
        ...cleaned.map((uuid, i) => provision(site, at(i), uuid, 'provide')),
        ...switched.map(on),
      ])
      await until('some have arrived', async () => (await there()) >= COUNT / 10, 200_000, 10)
    },
    takenOver: () =>
      until(
        'what was begun is taken over',
        async () => (await site.rows(`select from kit.work where conductor = 'node' and lost_at is not null`)).length,
        200_000,
        10,
      ),
    async arrive() {
      await until('all have arrived', async () => (await there()) === COUNT, 300_000, 250).catch(async e => {
        const which = `select name, provision_state, power_state, wanted, last_error from baremetal.node where not (${arrived})`
        throw new Error(JSON.stringify(await site.rows(which, groups)), { cause: e })
      })
    },
    async checkArrival() {
      const off = [...(await machinesOf(verified)), ...(await machinesOf(cleaned))]
      const on = await machinesOf(switched)
      expect(off.filter(m => m.power !== 'Off').map(m => m.name)).toEqual([])
      expect(on.filter(m => m.power !== 'On').map(m => m.name)).toEqual([])
      // Those that were cleaned were started once, by hand; those that were switched once, by us.
      expect([...(await machinesOf(cleaned)), ...on].filter(m => m.boots !== 1).map(m => [m.name, m.boots])).toEqual([])
      const again = `
        select object_id, data -> 'after' ->> 'provision_state' as state, count(*)::int from kit.event
        where type = 'baremetal.node.updated' and data -> 'after' ? 'provision_state' group by 1, 2 having count(*) > 1`
      expect(await site.rows(again)).toEqual([])
      const ill = 'select name, last_error from baremetal.node where last_error is not null or maintenance or fault is not null'
      expect(await site.rows(ill)).toEqual([])
      await checkInvariants(site)
    },
    async checkRest(since) {
      const open = `select key from kit.work where conductor = 'node' and (claimed_by is not null or due < 'infinity')`
      await until('nothing is left to be done', async () => (await site.rows(open)).length === 0)
      expect(await site.lab.changes(since)).toEqual([])
    },
    switched: () => namesOf([...cleaned, ...switched]),
  }
}

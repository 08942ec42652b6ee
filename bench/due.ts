// How late leases begin that are all due in one second, and whether dead BMCs delay the others.
//   node_modules/.bin/node bench/due.ts [--leases 1000] [--servers 2] [--kind test_node|node] [--dead 10]
// `node`: nodes of the hardware type fake-hardware instead of things that are ready at once. `dead`: machines of a rack whose BMCs
// accept connections and say nothing; their leases end in that second, so that conductors wait for them meanwhile.
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bringIn, enrol } from '../packages/server/src/proof/testing/nodes.ts'
import { createSite, type Site } from '../packages/server/src/proof/testing/site.ts'
import { HOUR, soon } from '../packages/server/src/proof/testing/times.ts'
import { until } from '../packages/server/src/proof/testing/until.ts'

const { values } = parseArgs({
  options: {
    leases: { type: 'string', default: '1000' },
    servers: { type: 'string', default: '2' },
    kind: { type: 'string', default: 'test_node' },
    dead: { type: 'string', default: '10' },
  },
})
const [count, servers, dead] = [Number(values.leases), Number(values.servers), Number(values.dead)]

const say = (text: string) => process.stdout.write(`${text}\n`)
const at = (site: Site, i: number) => site.servers[i % site.servers.length]!

/** At most so many at once. */
const each = async <T, R>(items: readonly T[], work: (item: T, i: number) => Promise<R>, most = 32): Promise<R[]> => {
  const results: R[] = []
  let next = 0
  const one = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!, i)
  }
  await Promise.all(Array.from({ length: most }, one))
  return results
}

const things = async (site: Site): Promise<object[]> => {
  if (values.kind === 'test_node')
    return Array.from({ length: count }, (_, i) => ({ resource_type: 'test_node', resource_uuid: `due-${i}` }))
  const { admin, owner } = site.people
  const nodes = await each(Array.from({ length: count }), async (_, i) => {
    const body = { driver: 'fake-hardware', name: `due-${i}`, owner: owner.project, properties: { erase: 'none' } }
    return (await admin.must(at(site, i), 201, 'POST', '/baremetal/v1/nodes', body)).uuid as string
  })
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ]) {
    await each(nodes, (uuid, i) => owner.must(at(site, i), 202, 'PUT', `/baremetal/v1/nodes/${uuid}/states/provision`, { target }))
    const open = 'select from baremetal.node where uuid = any($1) and provision_state <> $2'
    await until(`all are ${state}`, async () => (await site.rows(open, [nodes, state])).length === 0, 600_000, 500)
  }
  return nodes.map(resource_uuid => ({ resource_uuid }))
}

const offerAndClaim = (site: Site, what: object[], claim: object) =>
  each(what, async (thing, i) => {
    const { owner, lessee } = site.people
    const offer = await owner.must(at(site, i), 201, 'POST', '/lease/v1/offers', { ...thing, end_time: soon(100 * HOUR) })
    const body = { end_time: soon(2 * HOUR), ...claim }
    return (await lessee.must(at(site, i + 1), 201, 'POST', `/lease/v1/offers/${offer.uuid}/claim`, body)).uuid as string
  })

const share = (sorted: readonly number[], q: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)]!
const tell = (what: string, millis: readonly number[]) => {
  const sorted = [...millis].sort((a, b) => a - b)
  const [half, most, nearly, last] = [0.5, 0.9, 0.99, 1].map(q => Math.round(share(sorted, q)))
  say(`${what}: 50 % within ${half} ms, 90 % ${most} ms, 99 % ${nearly} ms, all ${last} ms (${sorted.length})`)
}

/** Seconds of processor time that processes and their children have used; nothing where the system does not tell. */
const cpu = (pids: readonly number[]): number => {
  if (process.platform !== 'linux') return Number.NaN
  const all = readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [parent, user, system] = [1, 11, 12].map(i => Number(fields[i]))
      return pids.includes(Number(name)) || pids.includes(parent!) ? [user! + system!] : []
    } catch {
      return []
    }
  })
  return all.reduce((a, b) => a + b, 0) / 100
}
const used = (site: Site) => ({ servers: cpu(site.servers.map(s => s.pid)), database: cpu([site.databasePid]) })

const site = await createSite({ database: 'own', ...(dead > 0 ? { rack: { count: dead } } : {}) })
try {
  for (let i = 0; i < servers; i++) await site.start()
  const gone = dead > 0 ? await each(site.lab.machines, m => enrol(site, at(site, 0), m)) : []
  if (dead > 0) await bringIn(site, at(site, 0), gone)
  const ending = await offerAndClaim(
    site,
    gone.map(resource_uuid => ({ resource_uuid })),
    {},
  )
  const active = `select from leasing.lease where uuid = any($1) and status = 'active'`
  await until('those on the rack have begun', async () => (await site.rows(active, [ending])).length === dead)
  if (dead > 0) await site.lab.control.fault({ kind: 'hang', machine: '*' })

  let began = performance.now()
  const what = await things(site)
  say(`${count} of ${values.kind} are ready after ${Math.round((performance.now() - began) / 1000)} s`)
  began = performance.now()
  // Long enough ahead for all requests; moved to one second when they are in, as an administrator may.
  const far = new Date(Date.now() + HOUR)
  const waiting = await offerAndClaim(site, what, { start_time: far.toISOString() })
  const took = performance.now() - began
  say(`offered and claimed in ${Math.round(took)} ms: ${Math.round((2 * count * 1000) / took)} requests a second`)
  const due = Date.now() + 5000
  // Nobody can move a start: the bench does it in the database, with all that belongs to it.
  await site.rows(
    `with moved as (
       update leasing.lease set start_time = $1::timestamptz + (random() * interval '1 second') where uuid = any($2) returning uuid, start_time, end_time),
     bookings as (
       update leasing.booking b set during = tstzrange(m.start_time, m.end_time), held = tstzrange(m.start_time, upper(b.held))
       from moved m where b.deal = m.uuid)
     update kit.work w set due = m.start_time, want = want + 1 from moved m where w.conductor = 'lease' and w.key = m.uuid::text`,
    [new Date(due).toISOString(), waiting],
  )
  await each(ending, (uuid, i) =>
    site.people.admin.must(at(site, i), 200, 'PATCH', `/lease/v1/leases/${uuid}`, { end_time: new Date(due).toISOString() }),
  )
  await sleep(due - Date.now())
  const before = used(site)
  await until('all have begun', async () => (await site.rows(active, [waiting])).length === count, 600_000, 250)
  const after = used(site)
  const spent = (who: 'servers' | 'database') => `${(after[who] - before[who]).toFixed(1)} s`
  say(
    `processor time: servers ${spent('servers')}, database ${spent('database')}; load of the machine ${loadavg()[0]!.toFixed(1)} on ${cpus().length} processors`,
  )
  const times = await site.rows(
    `select extract(epoch from l.fulfill_time - l.start_time) * 1000 as begun,
       extract(epoch from e.at - l.start_time) * 1000 as told
     from leasing.lease l join kit.event e on e.object_id = l.uuid::text and e.type = 'leasing.lease.fulfilled' where l.uuid = any($1)`,
    [waiting],
  )
  tell(
    'begun',
    times.map(r => Number(r.begun)),
  )
  if (values.kind === 'node') {
    const assigned = await site.rows(
      `select extract(epoch from e.at - l.start_time) * 1000 as late from leasing.lease l
       join kit.event e on e.type = 'baremetal.node.assigned' and e.data ->> 'lease' = l.uuid::text where l.uuid = any($1)`,
      [waiting],
    )
    tell(
      'lessee set',
      assigned.map(r => Number(r.late)),
    )
  }
  if (dead > 0) {
    const ended = `select extract(epoch from expire_time - end_time) * 1000 as late from leasing.lease where uuid = any($1) and status = 'expired'`
    await until('those at dead machines have ended', async () => (await site.rows(ended, [ending])).length === dead)
    tell(
      'ended at dead machines',
      (await site.rows(ended, [ending])).map(r => Number(r.late)),
    )
  }
} finally {
  await site.end()
}

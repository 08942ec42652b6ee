import { fleet } from '../support/fleet.ts'
import { memoryOf } from '../support/proc.ts'
import { type Bench, number } from '../support/report.ts'
import { type BenchSite, startBenchSite } from '../support/site.ts'

const AIM = 300

/** What is in memory after everybody has looked at everything, and some have claimed. */
export const memory = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    const nodes = Math.ceil(1000 / bench.brief)
    const leases = Math.ceil(10_000 / bench.brief)
    await fleet(site, { nodes, offers: nodes, leases })
    const fresh = memoryOf(site.serverPid, site.databasePid)
    const lists = ['/baremetal/v1/nodes', '/baremetal/v1/nodes/detail', '/lease/v1/offers', '/lease/v1/leases?view=all', '/lease/v1/leases']
    bench.tell(`${nodes} nodes, ${leases} leases`)
    // One after the other, as a handful of people ask; everybody's leases only the administrator.
    for (let round = 0; round < 3; round++)
      for (const as of ['admin', 'owner', 'lessee'] as const)
        for (const path of lists)
          if (as === 'admin' || !path.includes('view')) await site.http({ as, connections: 1, requests: [{ path }], count: 1 })
    const offers = await site.rows('select uuid from leasing.offer order by uuid')
    await claims(site, offers, 0)
    bench.tell('a rest, after which the server gives memory back')
    await rest()
    const server = memoryOf(site.serverPid)
    const database = memoryOf(site.databasePid)
    const all = memoryOf(site.serverPid, site.databasePid)
    bench.line({
      part: 'memory',
      what: `server and database, ${nodes} nodes, ${leases} leases, after rounds of lists and a rest (PSS)`,
      ours: `${number(all.pss)} MB in ${all.processes} processes`,
      other: '1,546 MB in 27 processes',
      ratio: all.pss / 1546,
      aim: `under ${AIM} MB`,
      met: all.pss < AIM,
    })
    bench.line({
      part: 'memory',
      what: '… server / database / both, before anybody asked',
      ours: `${number(server.pss)} / ${number(database.pss)} / ${number(fresh.pss)} MB`,
      other: '',
    })
    // As many connections as the server has to its database, so that each of them has seen all statements.
    for (let round = 1; round < 4; round++) {
      await site.http({ as: 'admin', connections: 16, requests: lists.map(path => ({ path })), cycle: true, count: 40 })
      await claims(site, offers, round)
    }
    await rest()
    const burst = memoryOf(site.serverPid, site.databasePid)
    bench.line({
      part: 'memory',
      what: '… after 16 clients at once asked for all of it, again and again, and a rest',
      ours: `${number(burst.pss)} MB in ${burst.processes} processes`,
      other: '',
    })
  } finally {
    await site.end()
  }
}

// Longer than the server waits until it believes that nobody asks any more.
const rest = () => new Promise(resolve => setTimeout(resolve, 15_000))

const claims = async (site: BenchSite, offers: readonly { readonly uuid: string }[], round: number): Promise<void> => {
  const requests = offers.slice(0, 400).map(({ uuid }) => ({
    method: 'POST',
    path: `/lease/v1/offers/${uuid}/claim`,
    body: { start_time: `204${round}-01-01T00:00:00`, end_time: `204${round}-01-02T00:00:00` },
  }))
  const done = await site.http({ as: 'lessee', connections: 16, requests, count: requests.length })
  if (done.answers['201'] !== requests.length) throw new Error(`claims were refused: ${JSON.stringify(done.answers)}`)
}

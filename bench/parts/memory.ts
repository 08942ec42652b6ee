import { fleet } from '../support/fleet.ts'
import { memoryOf } from '../support/proc.ts'
import { type Bench, number } from '../support/report.ts'
import { startBenchSite } from '../support/site.ts'

const AIM = 300

/** What is in memory after everybody has looked at everything, and some have claimed. */
export const memory = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    const nodes = Math.ceil(1000 / bench.brief)
    const leases = Math.ceil(10_000 / bench.brief)
    await fleet(site, { nodes, offers: nodes, leases })
    const fresh = memoryOf(site.serverPid, site.databasePid)
    const lists = ['/baremetal/v1/nodes', '/baremetal/v1/nodes/detail', '/lease/v1/offers', '/lease/v1/leases?view=all'].map(path => ({
      path,
    }))
    bench.tell(`${nodes} nodes, ${leases} leases`)
    const offers = await site.rows('select uuid from leasing.offer order by uuid')
    // As many connections as the server has to its database, so that each of them has seen all statements.
    for (let round = 0; round < 4; round++) {
      await site.http({ as: 'admin', connections: 16, requests: lists, cycle: true, count: 32 })
      const requests = Array.from({ length: Math.min(400, offers.length) }, (_, i) => ({
        method: 'POST',
        path: `/lease/v1/offers/${offers[i]!.uuid}/claim`,
        body: { start_time: `204${round}-01-01T00:00:00`, end_time: `204${round}-01-02T00:00:00` },
      }))
      const done = await site.http({ as: 'lessee', connections: 16, requests, count: requests.length })
      if (done.answers['201'] !== requests.length) throw new Error(`claims were refused: ${JSON.stringify(done.answers)}`)
    }
    const server = memoryOf(site.serverPid)
    const database = memoryOf(site.databasePid)
    const all = memoryOf(site.serverPid, site.databasePid)
    bench.line({
      part: 'memory',
      what: `server and database, ${nodes} nodes, ${leases} leases, after lists and claims (PSS)`,
      ours: `${number(all.pss)} MB in ${all.processes} processes`,
      other: '1,546 MB in 27 processes',
      ratio: all.pss / 1546,
      aim: `under ${AIM} MB`,
      met: all.pss < AIM,
    })
    bench.line({
      part: 'memory',
      what: '… server | database | both, before anybody asked',
      ours: `${number(server.pss)} | ${number(database.pss)} | ${number(fresh.pss)} MB`,
      other: '',
    })
  } finally {
    await site.end()
  }
}

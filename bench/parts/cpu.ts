import { fleet } from '../support/fleet.ts'
import type { Request } from '../support/load.ts'
import { type Bench, number } from '../support/report.ts'
import { type BenchSite, startBenchSite, type Who } from '../support/site.ts'

/**
 * The original: Keystone 22.0, Ironic 21.4 and esi-leap of November 2025 from Debian 12, on the same kind of machine (2 shared
 * cores). CPU milliseconds of the service's own processes for one request; the middle where a range was measured. Of esi-leap only
 * the time that a client waits was measured, with nothing else asked; there ours is that time, too.
 */
interface Row {
  readonly what: string
  readonly original: number
  /** How many times less it should be. */
  readonly aim?: number
  readonly nodes: number
  readonly as: Who | 'nobody'
  readonly connections: number
  /** Of the original a client's wait is known, and not its CPU. */
  readonly waits?: boolean
  readonly requests: (site: BenchSite) => Promise<readonly Request[]> | readonly Request[]
  /** Each only once: they change something. */
  readonly once?: boolean
}

const get = (path: string) => () => [{ path }]
const day = (n: number): string => new Date(Date.UTC(2050, 0, 1) + n * 86_400_000).toISOString()
let days = 0

const claims = async (site: BenchSite): Promise<Request[]> => {
  const offers = await site.rows('select uuid from leasing.offer order by uuid limit 500')
  return Array.from({ length: 400 }, (_, i) => {
    days += 3
    return {
      method: 'POST',
      path: `/lease/v1/offers/${offers[i % offers.length].uuid}/claim`,
      body: { start_time: day(days), end_time: day(days + 1) },
    }
  })
}

/** Offers and leases on nodes of the owner's own, before the time for which they are offered already. */
const direct =
  (path: string, more: object = {}) =>
  async (site: BenchSite): Promise<Request[]> => {
    const nodes = await site.rows('select uuid from baremetal.node where owner = $1 order by uuid', [site.projects.owner])
    const first = Date.UTC(2027, 6, 1)
    return Array.from({ length: 200 }, (_, i) => {
      days += 1
      const at = (n: number) => new Date(first + n * 7_200_000).toISOString()
      const body = { resource_uuid: nodes[i % nodes.length].uuid, start_time: at(days), end_time: at(days + 0.5), ...more }
      return { method: 'POST', path, body }
    })
  }

const login = (site: BenchSite): Request[] => [{ method: 'POST', path: '/identity/v3/auth/tokens', body: site.loginOf('lessee') }]
const node = async (site: BenchSite): Promise<Request[]> => {
  const rows = await site.rows('select uuid from baremetal.node where owner = $1 order by uuid limit 50', [site.projects.owner])
  return rows.map(row => ({ path: `/baremetal/v1/nodes/${row.uuid}` }))
}

const ROWS: readonly Row[] = [
  { what: 'token issue (password)', original: 275, aim: 10, nodes: 10, as: 'nobody', connections: 4, requests: login },
  {
    what: 'token validate',
    original: 19,
    nodes: 10,
    as: 'admin',
    connections: 16,
    requests: site => [{ path: '/identity/v3/auth/tokens', headers: { 'x-subject-token': site.tokens.lessee } }],
  },
  { what: '/v1/nodes, 10, admin', original: 9.5, nodes: 10, as: 'admin', connections: 16, requests: get('/baremetal/v1/nodes') },
  {
    what: '/v1/nodes/detail, 10, admin',
    original: 12.5,
    nodes: 10,
    as: 'admin',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
  { what: '/v1/nodes, 10, owner (1)', original: 10.5, nodes: 10, as: 'owner', connections: 16, requests: get('/baremetal/v1/nodes') },
  {
    what: '/v1/nodes/detail, 10, owner (1)',
    original: 14,
    nodes: 10,
    as: 'owner',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
  {
    what: '/v1/nodes, 1000, admin',
    original: 258,
    aim: 30,
    nodes: 1000,
    as: 'admin',
    connections: 16,
    requests: get('/baremetal/v1/nodes'),
  },
  {
    what: '/v1/nodes/detail, 1000, admin',
    original: 722,
    aim: 30,
    nodes: 1000,
    as: 'admin',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
  {
    what: '/v1/nodes, 1000, owner (100)',
    original: 30,
    aim: 30,
    nodes: 1000,
    as: 'owner',
    connections: 16,
    requests: get('/baremetal/v1/nodes'),
  },
  {
    what: '/v1/nodes/detail, 1000, owner (100)',
    original: 344,
    aim: 30,
    nodes: 1000,
    as: 'owner',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
  { what: 'node show, owner', original: 17, nodes: 1000, as: 'owner', connections: 16, requests: node },
  {
    what: 'list of 1000 leases, admin',
    original: 3743,
    waits: true,
    nodes: 1000,
    as: 'admin',
    connections: 1,
    requests: get('/lease/v1/leases?view=all'),
  },
  { what: 'claim', original: 1022, waits: true, nodes: 1000, as: 'lessee', connections: 1, once: true, requests: claims },
  {
    what: 'offer create',
    original: 1538,
    waits: true,
    nodes: 1000,
    as: 'owner',
    connections: 1,
    once: true,
    requests: direct('/lease/v1/offers'),
  },
  {
    what: 'lease create',
    original: 2017,
    waits: true,
    nodes: 1000,
    as: 'owner',
    connections: 1,
    once: true,
    requests: async site => direct('/lease/v1/leases', { project_id: site.projects.lessee })(site),
  },
  {
    what: '/v1/nodes, 10 000, admin (page of 1000)',
    original: 220,
    aim: 30,
    nodes: 10_000,
    as: 'admin',
    connections: 16,
    requests: get('/baremetal/v1/nodes'),
  },
  {
    what: '/v1/nodes/detail, 10 000, admin (page of 1000)',
    original: 493,
    aim: 30,
    nodes: 10_000,
    as: 'admin',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
  {
    what: '/v1/nodes, 10 000, owner (1000)',
    original: 232,
    aim: 30,
    nodes: 10_000,
    as: 'owner',
    connections: 16,
    requests: get('/baremetal/v1/nodes'),
  },
  {
    what: '/v1/nodes/detail, 10 000, owner (1000)',
    original: 2952,
    aim: 30,
    nodes: 10_000,
    as: 'owner',
    connections: 16,
    requests: get('/baremetal/v1/nodes/detail'),
  },
]

/** The rows of the original's table, one after the other. */
export const cpu = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    let there = 0
    for (const row of ROWS) {
      const size = Math.max(10, Math.ceil(row.nodes / bench.brief))
      if (size > there) {
        bench.tell(`${size} nodes`)
        await fleet(site, { nodes: size, offers: size === 10 ? 0 : Math.min(size, 1000), leases: size === 10 ? 0 : Math.min(size, 1000) })
        there = size
      }
      const requests = await row.requests(site)
      const how = row.once
        ? { count: Math.ceil(requests.length / bench.brief) }
        : { cycle: true, seconds: 4 / bench.brief, warm: row.connections }
      const done = await site.http({ as: row.as, connections: row.connections, requests, ...how })
      if (Object.keys(done.answers).some(status => !status.startsWith('2')))
        throw new Error(`${row.what} was refused: ${JSON.stringify(done.answers)}`)
      const ours = row.waits ? done.p50 : done.server
      const less = row.original / ours
      bench.line({
        part: 'cpu',
        what: row.what,
        ours: row.waits
          ? `waits ${number(ours)} ms (server ${number(done.server)}, database ${number(done.database)} ms)`
          : `${number(ours)} ms (and database ${number(done.database)} ms)`,
        other: row.waits ? `waits ${number(row.original)} ms` : `${number(row.original)} ms`,
        ratio: less,
        ...(row.aim === undefined ? {} : { aim: `${row.aim} times less`, met: less >= row.aim }),
      })
    }
  } finally {
    await site.end()
  }
}

import { fleet } from '../support/fleet.ts'
import { type Bench, number } from '../support/report.ts'
import { type BenchSite, type Measured, startBenchSite, type Who } from '../support/site.ts'

const CONNECTIONS = 16

/** One list and the least that a database can do for the same rows: one query whose text goes out as it is. */
interface List {
  readonly what: string
  readonly path: string
  readonly bare: (who: Who, site: BenchSite) => string
}

const agg = (query: string): string => `select coalesce(json_agg(t), '[]')::text as text from (${query}) t`
const own = (who: Who, condition: (project: string) => string, site: BenchSite): string =>
  who === 'admin' ? '' : condition(`'${site.projects[who]}'`)

const LISTS: readonly List[] = [
  {
    what: 'nodes/detail',
    path: '/baremetal/v1/nodes/detail',
    bare: (who, site) =>
      agg(`select n.*, array(select t.trait from baremetal.node_trait t where t.node = n.uuid) as traits from baremetal.node n
        ${own(who, p => `where n.owner = ${p} or n.lessee = ${p}`, site)} order by n.created_at, n.uuid limit 1000`),
  },
  {
    what: 'nodes',
    path: '/baremetal/v1/nodes',
    bare: (who, site) =>
      agg(`select n.uuid, n.name, n.instance_uuid, n.power_state, n.provision_state, n.maintenance from baremetal.node n
        ${own(who, p => `where n.owner = ${p} or n.lessee = ${p}`, site)} order by n.created_at, n.uuid limit 1000`),
  },
  {
    what: 'leases',
    path: '/lease/v1/leases',
    bare: (who, site) =>
      agg(`select l.uuid, l.name, l.project_id, p.name as project, l.owner_id, o.name as owner, r.type, r.thing, r.name as resource, r.class,
          r.properties as resource_properties, l.start_time, l.fulfill_time, l.expire_time, l.end_time, l.status, l.properties, l.purpose, l.offer_uuid,
          l.parent_lease_uuid, l.waiting, l.end_record, l.created_at
        from leasing.lease l join leasing.resource r on r.id = l.unit
        left join leasing.project p on p.id = l.project_id left join leasing.project o on o.id = l.owner_id
        where l.status in ('created', 'active', 'error', 'wait fulfill', 'wait expire', 'wait cancel')
          ${own(who, p => `and (l.project_id = ${p} or l.owner_id = ${p})`, site)} order by l.start_time, l.created_at, l.uuid`),
  },
  {
    what: 'offers with what is free of them',
    path: '/lease/v1/offers',
    bare: () =>
      agg(`select o.uuid, o.name, o.project_id, p.name as project, o.lessee_id, r.type, r.thing, r.name as resource, r.class,
          r.properties as resource_properties, o.start_time, o.end_time, o.status, o.properties, o.parent_lease_uuid, o.created_at,
          (select tstzmultirange(b.during) - coalesce(range_agg(tstzrange(lower(c.held) - r.turn_around * interval '1 ms', upper(c.held))), '{}')
            from leasing.booking b left join leasing.booking c on c.within = b.id and not isempty(c.held) where b.deal = o.uuid group by b.id) as free
        from leasing.offer o join leasing.resource r on r.id = o.unit left join leasing.project p on p.id = o.project_id
        where o.status in ('available', 'error') order by o.start_time, o.created_at, o.uuid`),
  },
]

/** Lists over HTTP against the bare query, in turns on the same database; for who sees all, and for who sees a tenth. */
export const lists = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    for (const rows of [1000, 10_000]) {
      const size = Math.ceil(rows / bench.brief)
      bench.tell(`${size} nodes, offers and leases`)
      await fleet(site, { nodes: size, offers: size, leases: size })
      for (const list of LISTS)
        for (const who of ['admin', 'owner'] as const) {
          // Everybody sees every offer.
          if (who === 'owner' && list.path === '/lease/v1/offers') continue
          await compare(bench, site, list, who, size)
        }
    }
  } finally {
    await site.end()
  }
}

const compare = async (bench: Bench, site: BenchSite, list: List, who: Who, rows: number): Promise<void> => {
  const seconds = 2 / bench.brief
  const statements = [list.bare(who, site)]
  const path = who === 'admin' && list.path === '/lease/v1/leases' ? `${list.path}?view=all` : list.path
  const ours: Measured[] = []
  const bare: Measured[] = []
  for (let round = 0; round < 3; round++) {
    bare.push(await site.sql({ connections: CONNECTIONS, statements, seconds, cycle: true, warm: CONNECTIONS }))
    ours.push(await site.http({ as: who, connections: CONNECTIONS, requests: [{ path }], seconds, cycle: true, warm: CONNECTIONS }))
  }
  if (ours.some(m => Object.keys(m.answers).join() !== '200')) throw new Error(`${path} was refused: ${JSON.stringify(ours[0]!.answers)}`)
  const middle = (of: readonly Measured[], what: (m: Measured) => number) => of.map(what).sort((a, b) => a - b)[1]!
  const rate = { ours: middle(ours, m => m.rate), bare: middle(bare, m => m.rate) }
  const cpu = (m: Measured) => `${number(m.server)} + ${number(m.database)} ms`
  bench.tell(`${list.what}, ${who}: ours ${number(ours[0]!.bytes / 1000)} kB, bare ${number(bare[0]!.bytes / 1000)} kB`)
  bench.line({
    part: 'lists',
    what: `${list.what} of ${rows.toLocaleString('en')}, ${who === 'admin' ? 'all' : 'a tenth'}${list.path.includes('nodes') && rows > 1000 ? ', a page of 1,000' : ''}`,
    ours: `${number(rate.ours)}/s (${cpu(ours[1]!)})`,
    other: `${number(rate.bare)}/s (${number(bare[1]!.database)} ms)`,
    ratio: rate.ours / rate.bare,
    aim: 'at least 0.5',
    met: rate.ours / rate.bare >= 0.5,
  })
}

import { expect } from 'vitest'
import type { Server } from './server.ts'
import type { Site } from './site.ts'

const ENDED = `('expired', 'deleted')`

/** What must hold at every moment, whatever has just happened; read from the database, in one statement each. */
const ALWAYS: Readonly<Record<string, string>> = {
  'no two leases of one thing overlap, unless one lies in the other': `
    with taken as (
      select l.uuid, l.unit, b.within, b.held from leasing.lease l join leasing.booking b on b.deal = l.uuid where not isempty(b.held))
    select a.uuid, b.uuid as other from taken a join taken b on a.unit = b.unit and a.within = b.within and a.uuid < b.uuid and a.held && b.held`,
  'every booking lies within the calendar that it is in': `
    select b.id from leasing.booking b join leasing.booking p on p.id = b.within where not isempty(b.held) and not b.held <@ p.held`,
  'a lease that has not ended has a booking for the whole of it': `
    select l.uuid from leasing.lease l where l.status in ('created', 'active', 'wait fulfill')
      and not exists (select from leasing.booking b where b.deal = l.uuid and b.held @> tstzrange(l.start_time, l.end_time))`,
  'a node has a lessee by lease only while that lease has begun and not ended': `
    select n.uuid, l.status from baremetal.node n left join leasing.lease l on l.uuid = n.lease
    where n.lessee_by = 'lease' and (l.uuid is null or l.status in ${ENDED} or l.status = 'created'
      or l.project_id <> n.lessee or l.start_time > $1::timestamptz)`,
  'a thing for tests has a lessee only while that lease has begun and not ended': `
    select t.id, l.status from leasing.test_node t left join leasing.lease l on l.uuid = t.lease
    where t.lease is not null and (l.uuid is null or l.status in ${ENDED} or l.status = 'created' or l.start_time > $1::timestamptz)`,
  'no event twice': `
    select object_id, type, count(*)::int from kit.event
    where type ~ '^leasing\\.(lease|offer)\\.(created|fulfilled|expired|deleted|ready)$' group by 1, 2 having count(*) > 1`,
  'no lease begins or ends twice at its node': `
    select data ->> 'lease' as lease, type, count(*)::int from kit.event
    where type in ('baremetal.node.assigned', 'baremetal.node.releasing', 'baremetal.node.released') group by 1, 2 having count(*) > 1`,
  'each lease tells what became of it, and nothing else': `
    select l.uuid, l.status, array_agg(e.type order by e.id) as told from leasing.lease l
    left join kit.event e on e.object_id = l.uuid::text and e.type ~ '^leasing\\.lease\\.(created|fulfilled|expired|deleted)$'
    group by l.uuid, l.status
    having not coalesce(bool_or(e.type like '%.created'), false)
      or coalesce(bool_or(e.type like '%.expired'), false) <> (l.status = 'expired')
      or coalesce(bool_or(e.type like '%.deleted'), false) <> (l.status = 'deleted')
      or (l.status = 'active') and not coalesce(bool_or(e.type like '%.fulfilled'), false)`,
  'of each lease at one thing the one before has ended before the next begins': `
    select a.uuid, b.uuid as next from leasing.lease a join leasing.lease b
      on a.unit = b.unit and a.uuid <> b.uuid and a.parent_lease_uuid is null and b.parent_lease_uuid is null
    where a.fulfill_time <= b.fulfill_time and b.fulfill_time is not null and (a.expire_time is null or a.expire_time > b.fulfill_time)`,
}

/** What must hold once nothing is under way any more. */
const SETTLED: Readonly<Record<string, string>> = {
  'nobody has a claim': `select conductor, key from kit.work where claimed_by is not null`,
  'nothing is left of a lessee on a node that has none': `
    select uuid, name from baremetal.node where lessee is null
      and (instance_uuid is not null or instance_info <> '{}' or console_enabled or lease is not null or lent is not null or wanted ? 'power')`,
  'a lease that is active has its thing, and one that has ended does not': `
    select l.uuid, l.status, n.lease from leasing.lease l join leasing.resource r on r.id = l.unit join baremetal.node n on n.uuid::text = r.thing
    where (l.status = 'active' and l.holds) <> (n.lease is not distinct from l.uuid)`,
}

/** Throws what is not as it must be, by the name of the rule. */
export const checkInvariants = async (site: Site, how: { readonly settled?: boolean } = {}): Promise<void> => {
  const [clock] = await site.rows('select clock_timestamp()::text as at')
  const broken: Record<string, unknown[]> = {}
  for (const [rule, text] of Object.entries({ ...ALWAYS, ...(how.settled ? SETTLED : {}) })) {
    const rows = await site.rows(text, text.includes('$1') ? [clock.at] : [])
    if (rows.length > 0) broken[rule] = rows.slice(0, 5)
  }
  expect(broken).toEqual({})
}

/** Everything that was acknowledged is there: asked through the API, of each server that runs. */
export const checkThere = async (site: Site, path: string, uuids: readonly string[]): Promise<void> => {
  for (const server of site.servers) {
    const missing: string[] = []
    for (let i = 0; i < uuids.length; i += 20) {
      const answers = await Promise.all(
        uuids.slice(i, i + 20).map(async uuid => ({ uuid, ...(await ask(site, server, `${path}/${uuid}`)) })),
      )
      missing.push(...answers.filter(a => a.status !== 200 || a.body.uuid !== a.uuid).map(a => `${a.uuid}: ${a.status}`))
    }
    expect(missing).toEqual([])
  }
}

const ask = (site: Site, server: Server, path: string) => site.people.admin.ask(server, 'GET', path)

/** None of them met a fault of its own. Losing the database is none. */
export const checkLogs = (servers: readonly Server[]): void => {
  for (const server of servers) expect(server.errors, server.name).toEqual([])
}

import { dialect } from '@esi/api/baremetal/dialect'
import { type ConductorGroup, getConductor, listConductorGroups, listConductors, listShards } from '@esi/api/baremetal/routes'
import { nextLink } from '@esi/api/page'
import { plus } from '@esi/api/time'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { allConductors, type ConductorRow, nodesByGroup } from '../store/conductors.ts'
import { shards } from '../store/nodes.ts'
import type { World } from '../world.ts'

const FIELDS = ['hostname', 'conductor_group', 'drivers', 'alive', 'created_at', 'updated_at', 'links']
const BRIEF = ['hostname', 'conductor_group', 'alive']
const PAGE = 1000

const shown = (context: Context, row: ConductorRow, fields: readonly string[]): Record<string, unknown> => {
  const unknown = fields.filter(field => !FIELDS.includes(field))
  if (unknown.length > 0) throw errors.invalid(`Field(s) "${unknown.join(', ')}" are not valid`)
  const whole: Record<string, unknown> = {
    hostname: row.hostname,
    conductor_group: row.conductor_group,
    drivers: row.drivers,
    alive: row.alive,
    created_at: dialect.time(row.created_at),
    updated_at: dialect.time(row.updated_at),
    links: links(context, `conductors/${row.hostname}`),
  }
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'links' || fields.includes(key)))
}

/** Processes that conduct, and how nodes are spread over shards. */
export const conductorRoutes = (world: World): Route[] => [
  handle(listConductors, async (context, { query }) => {
    context.require('baremetal:conductor:get')
    if (query.detail && query.fields) throw errors.invalid("Can't fetch a subset of fields with 'detail' set")
    if (query.limit !== undefined && query.limit < 0) throw errors.invalid('Limit must be positive')
    const key = query.sort_key === undefined || query.sort_key === 'id' ? 'created_at' : query.sort_key
    const turn = query.sort_dir === 'desc' ? -1 : 1
    // A handful of rows: there is one a process.
    const rows = (await seen(world)).sort((a, b) => turn * (compare(a[key], b[key]) || compare(a.hostname, b.hostname)))
    const at = query.marker === undefined ? -1 : rows.findIndex(row => row.hostname === query.marker)
    if (query.marker !== undefined && at < 0) throw errors.conductorMissing(query.marker)
    const limit = Math.min(query.limit || PAGE, PAGE)
    const page = rows.slice(at + 1, at + 1 + limit)
    const fields = query.detail ? FIELDS : (query.fields ?? BRIEF)
    return {
      status: 200,
      body: {
        conductors: page.map(row => shown(context, row, fields)),
        ...(at + 1 + limit < rows.length ? { next: nextLink(context.wire, page.at(-1)!.hostname, limit) } : {}),
      },
    }
  }),
  handle(getConductor, async (context, { params, query }) => {
    context.require('baremetal:conductor:get')
    const row = (await seen(world)).find(each => each.hostname === params['conductor'])
    if (!row) throw errors.conductorMissing(params['conductor']!)
    return { status: 200, body: shown(context, row, query.fields ?? FIELDS) }
  }),
  handle(listConductorGroups, async context => {
    context.require('baremetal:conductor:get')
    return { status: 200, body: { conductor_groups: await groups(world) } }
  }),
  handle(listShards, async context => {
    context.require('baremetal:shards:get')
    return { status: 200, body: { shards: await shards(world.database.db) } }
  }),
]

/** Milliseconds after which a process that said nothing counts as gone. */
const SILENT = 60_000

/** Alive by the clock: where nobody was seen for a minute, nobody is, also not whoever was seen last. */
const seen = async (world: World): Promise<ConductorRow[]> => {
  const since = plus(world.kit.clock.now(), -SILENT)
  return (await allConductors(world.database.db)).map(row => ({ ...row, alive: row.updated_at > since }))
}

/** Groups that nodes are in or processes serve, and how many nodes of each nobody conducts at this moment. */
export const groups = async (world: World): Promise<ConductorGroup[]> => {
  const { db } = world.database
  const live = (await seen(world)).filter(each => each.alive)
  const nodes = await nodesByGroup(db)
  const names = new Set([...nodes, ...live].map(each => each.conductor_group))
  return [...names].sort(compare).map(group => {
    const hosts = live.filter(each => each.conductor_group === group)
    const of = nodes.filter(each => each.conductor_group === group)
    const lost = of.filter(({ driver }) => !hosts.some(({ drivers }) => drivers.includes(driver)))
    const count = (rows: typeof of) => rows.reduce((sum, row) => sum + row.nodes, 0)
    return {
      conductor_group: group,
      nodes: count(of),
      unserved_nodes: count(lost),
      unserved_drivers: lost.map(({ driver }) => driver),
      conductors: hosts.map(({ hostname }) => hostname).sort(compare),
    }
  })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

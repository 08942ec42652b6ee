import type { Request } from '../support/load.ts'
import type { BenchSite } from '../support/site.ts'
import type { Other, OtherWho } from './other.ts'

/** One question, asked of both. */
export interface Row {
  readonly what: string
  /** Which part of the run it belongs to. */
  readonly part: Part
  readonly nodes: number
  readonly service: 'keystone' | 'ironic'
  readonly as: OtherWho | 'nobody'
  /** How many times less CPU it should take. */
  readonly aim?: number
  readonly ours: (site: BenchSite) => Promise<readonly Request[]> | readonly Request[]
  readonly other: (other: Other) => readonly Request[]
  /** Clients at once; at the original fewer where one answer takes seconds. */
  readonly connections: readonly [ours: number, other: number]
  /** The number of rows in the answer, which must be the same. */
  readonly rows?: number
  /** What a client waits is told as well. */
  readonly waits?: boolean
}

export const PARTS = ['tokens', 'lists', 'nodes', 'crowd', 'memory'] as const
export type Part = (typeof PARTS)[number]

const get = (path: string): Pick<Row, 'ours' | 'other'> => ({ ours: () => [{ path: `/baremetal${path}` }], other: () => [{ path }] })

const issue: Pick<Row, 'ours' | 'other'> = {
  ours: site => [{ method: 'POST', path: '/identity/v3/auth/tokens', body: site.loginOf('owner') }],
  other: other => [{ method: 'POST', path: '/v3/auth/tokens', body: other.loginOf('owner') }],
}
const check: Pick<Row, 'ours' | 'other'> = {
  ours: site => [{ path: '/identity/v3/auth/tokens', headers: { 'x-subject-token': site.tokens.owner } }],
  other: other => [{ path: '/v3/auth/tokens', headers: { 'x-subject-token': other.tokens.owner } }],
}

const SAMPLE = 60
const ids = async (site: BenchSite): Promise<string[]> =>
  (await site.rows('select uuid from baremetal.node where owner = $1 order by uuid limit $2', [site.projects.owner, SAMPLE])).map(
    r => r.uuid,
  )
const show: Pick<Row, 'ours' | 'other'> = {
  ours: async site => (await ids(site)).map(id => ({ path: `/baremetal/v1/nodes/${id}` })),
  other: other => other.idsOf(other.owner, SAMPLE).map(id => ({ path: `/v1/nodes/${id}` })),
}
let turn = 0
const changes = (prefix: string, all: readonly string[]): Request[] => {
  turn++
  return all.map(id => ({
    method: 'PATCH',
    path: `${prefix}/v1/nodes/${id}`,
    body: [{ op: 'add', path: '/extra/turn', value: String(turn) }],
  }))
}
const patch: Pick<Row, 'ours' | 'other'> = {
  ours: async site => changes('/baremetal', await ids(site)),
  other: other => changes('', other.idsOf(other.owner, SAMPLE)),
}

const lists = (nodes: number): Row[] =>
  (['/v1/nodes', '/v1/nodes/detail'] as const).flatMap(path =>
    (['admin', 'owner'] as const).map((as): Row => {
      const rows = Math.min(1000, as === 'admin' ? nodes : nodes / 10)
      // Ten nodes of an owner take the original a quarter of a second, a thousand three.
      const heavy = rows >= 100
      return {
        what: `${path}, ${nodes.toLocaleString('en')} nodes, ${as === 'admin' ? 'administrator' : `owner of ${rows.toLocaleString('en')}`}${nodes > 1000 ? ', a page of 1,000' : ''}`,
        part: 'lists',
        nodes,
        service: 'ironic',
        as,
        ...(nodes >= 1000 ? { aim: 30 } : {}),
        ...get(path),
        connections: [16, heavy ? 2 : 16],
        rows,
      }
    }),
  )

export const ROWS: readonly Row[] = [
  { what: 'token issue (password)', part: 'tokens', nodes: 10, service: 'keystone', as: 'nobody', aim: 10, ...issue, connections: [4, 4] },
  { what: 'token check', part: 'tokens', nodes: 10, service: 'keystone', as: 'admin', aim: 50, ...check, connections: [16, 16] },
  ...[10, 1000].flatMap(lists),
  { what: 'node show, owner', part: 'nodes', nodes: 1000, service: 'ironic', as: 'owner', ...show, connections: [16, 16] },
  { what: 'node PATCH, owner', part: 'nodes', nodes: 1000, service: 'ironic', as: 'owner', ...patch, connections: [4, 4] },
  {
    what: 'token check, 64 clients',
    part: 'crowd',
    nodes: 1000,
    service: 'keystone',
    as: 'admin',
    ...check,
    connections: [64, 64],
    waits: true,
  },
  {
    what: 'node show, owner, 64 clients',
    part: 'crowd',
    nodes: 1000,
    service: 'ironic',
    as: 'owner',
    ...show,
    connections: [64, 64],
    waits: true,
  },
  {
    what: '/v1/nodes, 1,000 nodes, owner of 100, 64 clients',
    part: 'crowd',
    nodes: 1000,
    service: 'ironic',
    as: 'owner',
    ...get('/v1/nodes'),
    connections: [64, 64],
    rows: 100,
    waits: true,
  },
  ...lists(10_000),
]

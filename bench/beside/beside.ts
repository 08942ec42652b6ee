import { ORIGINAL_IRONIC } from '../../conformance/packages.ts'
import { debian } from '../../tools/debian.ts'
import { fleet } from '../support/fleet.ts'
import { memoryOf } from '../support/proc.ts'
import { type Bench, number } from '../support/report.ts'
import { type BenchSite, type Measured, startBenchSite } from '../support/site.ts'
import { type Other, type OtherMeasured, startOther } from './other.ts'
import { type Part, ROWS, type Row } from './rows.ts'

const ROUNDS = 3
/** Seconds of one turn; an answer that is begun is waited for. */
const [OURS, OTHERS] = [1.5, 3]
// Longer than our server waits until it believes that nobody asks any more.
const REST = 15_000

/**
 * Debian's Keystone and Ironic, and our server, on the same machine at the same time and asked the same in turns: three rounds, of
 * which the middle one counts. CPU is what the kernel says of each one's own processes.
 */
export const beside =
  (only?: Part) =>
  async (bench: Bench): Promise<void> => {
    const { ready, why } = debian(...ORIGINAL_IRONIC)
    if (!ready) throw new Error(why)
    await using opened = new AsyncDisposableStack()
    const other = await startOther(text => bench.tell(`the other: ${text}`))
    opened.defer(() => other.end())
    bench.tell('ours')
    const ours = await startBenchSite()
    opened.defer(() => ours.end())

    let there = 0
    const grow = async (nodes: number) => {
      const size = Math.max(10, Math.ceil(nodes / bench.brief / 10) * 10)
      if (size <= there) return
      bench.tell(`${size} nodes`)
      await fleet(ours, { nodes: size, offers: 0, leases: 0 })
      await other.nodes(size)
      there = size
    }
    const rows = ROWS.filter(row => only === undefined || row.part === only)
    for (const row of rows) {
      await grow(row.nodes)
      await measure(bench, row, ours, other)
    }
    if (only === undefined || only === 'memory') await inMemory(bench, ours, other, grow)
  }

const measure = async (bench: Bench, row: Row, ours: BenchSite, other: Other): Promise<void> => {
  const rounds: { readonly mine: Measured; readonly its: OtherMeasured }[] = []
  const begun = performance.now()
  for (let round = 0; round < Math.max(1, Math.round(ROUNDS / bench.brief)); round++) {
    const mine = await ours.http({
      as: row.as,
      connections: row.connections[0],
      requests: await row.ours(ours),
      cycle: true,
      seconds: OURS / bench.brief,
      warm: round === 0 ? row.connections[0] : 0,
    })
    const its = await other.http(row.service, {
      as: row.as,
      connections: row.connections[1],
      requests: row.other(other),
      cycle: true,
      seconds: OTHERS / bench.brief,
      warm: round === 0 ? 2 : 0,
    })
    for (const [who, done] of [
      ['ours', mine],
      ['the other', its],
    ] as const)
      if (Object.keys(done.answers).some(status => !status.startsWith('2')))
        throw new Error(`${row.what}: ${who} answered ${JSON.stringify(done.answers)}`)
    rounds.push({ mine, its })
  }
  if (row.rows !== undefined) await same(row, ours, other, bench)
  const mine = middle(
    rounds.map(r => r.mine),
    m => m.server,
  )
  const its = middle(
    rounds.map(r => r.its),
    m => m.service,
  )
  const less = its.service / mine.server
  const whole = (its.service + its.database) / (mine.server + mine.database)
  const waits = (m: { rate: number; p50: number; p99: number }) =>
    row.waits ? `; ${number(m.rate)}/s, p50 ${number(m.p50)}, p99 ${number(m.p99)} ms` : ''
  bench.line({
    part: `beside:${row.part}`,
    what: row.what,
    ours: `${number(mine.server)} ms (and database ${number(mine.database)} ms)${waits(mine)}`,
    other: `${number(its.service)} ms (and database ${number(its.database)} ms)${waits(its)}; with databases ${number(whole)} times`,
    ratio: less,
    ...(row.aim === undefined ? {} : { aim: `${row.aim} times less`, met: less >= row.aim }),
  })
  bench.tell(`${row.what}: ${number(less)} times less (${((performance.now() - begun) / 1000).toFixed(0)} s)`)
}

const middle = <T>(all: readonly T[], by: (value: T) => number): T =>
  [...all].sort((a, b) => by(a) - by(b))[Math.floor((all.length - 1) / 2)]!

/** Both must have answered the same question: so many rows, or nothing is compared. */
const same = async (row: Row, ours: BenchSite, other: Other, bench: Bench): Promise<void> => {
  const count = async (url: string, headers: Record<string, string>) => {
    const body = (await (await fetch(url, { headers })).json()) as { nodes: unknown[] }
    return body.nodes.length
  }
  const as = row.as as 'admin' | 'owner'
  const [mine] = await row.ours(ours)
  const [its] = row.other(other)
  const counts = [
    await count(`${ours.url}${mine!.path}`, ours.headersOf(as)),
    await count(`${other.original.ironic}${its!.path}`, { 'x-auth-token': other.tokens[as], 'x-openstack-ironic-api-version': '1.82' }),
  ]
  if (counts[0] !== counts[1] || (bench.brief === 1 && counts[0] !== row.rows))
    throw new Error(`${row.what}: ours answered ${counts[0]} nodes, the other ${counts[1]}, and ${row.rows} were expected`)
}

/** What both have in memory once everybody has looked at everything, and a while after. */
const inMemory = async (bench: Bench, ours: BenchSite, other: Other, grow: (nodes: number) => Promise<void>): Promise<void> => {
  await grow(1000)
  bench.tell('a look at everything by a few, and a rest')
  for (let round = 0; round < 2; round++)
    for (const as of ['admin', 'owner'] as const)
      for (const path of ['/v1/nodes', '/v1/nodes/detail']) {
        await ours.http({ as, connections: 2, requests: [{ path: `/baremetal${path}` }], cycle: true, count: 4 })
        await other.http('ironic', { as, connections: 2, requests: [{ path }], cycle: true, count: 4 })
      }
  await ours.http({
    as: 'nobody',
    connections: 2,
    requests: [{ method: 'POST', path: '/identity/v3/auth/tokens', body: ours.loginOf('owner') }],
    cycle: true,
    count: 4,
  })
  await other.http('keystone', {
    as: 'nobody',
    connections: 2,
    requests: [{ method: 'POST', path: '/v3/auth/tokens', body: other.loginOf('owner') }],
    cycle: true,
    count: 4,
  })
  await new Promise(resolve => setTimeout(resolve, REST / bench.brief))
  const [mine, its] = [memoryOf(ours.serverPid, ours.databasePid), other.memory()]
  bench.line({
    part: 'beside:memory',
    what: `server and database, after all that was asked before, and a rest (PSS)`,
    ours: `${number(mine.pss)} MB in ${mine.processes} processes`,
    other: `${number(its.pss)} MB in ${its.processes} processes`,
    ratio: its.pss / mine.pss,
    aim: 'a fifth',
    met: its.pss >= 5 * mine.pss,
  })
}

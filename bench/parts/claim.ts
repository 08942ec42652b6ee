import { fleet } from '../support/fleet.ts'
import { type Bench, number } from '../support/report.ts'
import { type BenchSite, type Measured, startBenchSite } from '../support/site.ts'

const UNITS = 200
const CLIENTS = 16
const RIVALS = 1000
const HOUR = 3_600_000

// Slots lie in the future, so that no conductor has anything to do with them while we measure.
const FIRST = Date.UTC(2031, 0, 1)
const instant = (hours: number): string => new Date(FIRST + hours * HOUR).toISOString()

/** Numbers a slot: unit by unit, then hour by hour, so that rivals never meet. */
const slot = (n: number): { unit: number; from: string; to: string } => {
  const hour = 2 * Math.floor(n / UNITS)
  return { unit: n % UNITS, from: instant(hour), to: instant(hour + 1) }
}

interface Calendar {
  readonly id: number
  readonly unit: number
  readonly deal: string
  readonly during: string
  readonly held: string
}

const INSERT = `insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
  values ($1, 'lease', $2, $3, $3, $4, $5, $6)`
const EVENT = `insert into kit.event (id, xid, at, service, type, object_type, object_id, projects, data, origin)
  values ((pg_current_xact_id()::text::bigint << 20), pg_current_xact_id(), clock_timestamp(), 'leasing', 'leasing.lease.created', 'lease', $1,
    array[$2], $3, '{}')`
const WORK = `insert into kit.work (conductor, key, due) values ('bench', $1, $2)`

/** Claims over HTTP, commit for commit, against inserts of the same rows by hand, in turns on the same database. */
export const claim = async (bench: Bench): Promise<void> => {
  const site = await startBenchSite()
  try {
    bench.tell(`${UNITS} offers for each of the two`)
    // The upper half is for the bare inserts.
    await fleet(site, { nodes: 2 * UNITS, offers: 2 * UNITS, leases: 0 })
    const calendars: Calendar[] = await site.rows(
      `select b.id, b.unit, b.deal, b.during::text, b.held::text from leasing.booking b where b.kind = 'offer' order by b.unit`,
    )
    const offers = calendars.slice(0, UNITS)
    const grounds = calendars.slice(UNITS)
    await rates(bench, site, offers, grounds)
    await rivals(bench, site, offers)
  } finally {
    await site.end()
  }
}

const rates = async (bench: Bench, site: BenchSite, offers: readonly Calendar[], grounds: readonly Calendar[]): Promise<void> => {
  const seconds = 8 / bench.brief
  let claimed = 0
  let inserted = 0
  const claims = async (how: { count?: number } = {}): Promise<Measured> => {
    const requests = Array.from({ length: how.count ?? Math.ceil(seconds * 4000) }, (_, i) => {
      const { unit, from, to } = slot(claimed + i)
      return { method: 'POST', path: `/lease/v1/offers/${offers[unit]!.deal}/claim`, body: { start_time: from, end_time: to } }
    })
    const done = await site.http({ as: 'lessee', connections: CLIENTS, requests, ...(how.count ? {} : { seconds }) })
    if (Object.keys(done.answers).some(status => status !== '201')) throw new Error(`claims were refused: ${JSON.stringify(done.answers)}`)
    claimed += done.count + CLIENTS
    return done
  }
  const inserts = async (whole: boolean): Promise<Measured> => {
    const values = Array.from({ length: Math.ceil(seconds * 20_000) }, (_, i) => {
      const { unit, from, to } = slot(inserted + i)
      const ground = grounds[unit]!
      const deal = crypto.randomUUID()
      const row = [ground.unit, deal, `[${from},${to})`, ground.id, ground.during, ground.held]
      return whole
        ? [null, row, [deal, site.projects.lessee, JSON.stringify({ start_time: from, end_time: to })], [deal, from], null]
        : [row]
    })
    const statements = whole ? ['begin', INSERT, EVENT, WORK, 'commit'] : [INSERT]
    const done = await site.sql({ connections: CLIENTS, statements, values, seconds })
    inserted += done.count + CLIENTS
    return done
  }
  await claims({ count: Math.ceil(1000 / bench.brief) })
  const rounds: { bare: Measured; whole: Measured; ours: Measured }[] = []
  for (let i = 0; i < 3; i++) {
    const round = { bare: await inserts(false), whole: await inserts(true), ours: await claims() }
    bench.tell(
      `round ${i + 1}: ${Object.entries(round)
        .map(([name, m]) => `${name} ${number(m.rate)}/s`)
        .join(', ')}`,
    )
    rounds.push(round)
  }
  const of = (name: 'bare' | 'whole' | 'ours', what: (m: Measured) => number = m => m.rate) => median(rounds.map(r => what(r[name])))
  const [ours, bare, whole] = [of('ours'), of('bare'), of('whole')]
  bench.line({
    part: 'claim',
    what: `claims over HTTP, ${CLIENTS} clients, against one bare insert a commit`,
    ours: `${number(ours)}/s`,
    other: `${number(bare)}/s`,
    ratio: ours / bare,
    aim: 'at least 0.2',
    met: ours / bare >= 0.2,
  })
  bench.line({
    part: 'claim',
    what: '… against booking, event and work in one transaction by hand',
    ours: `${number(ours)}/s`,
    other: `${number(whole)}/s`,
    ratio: ours / whole,
  })
  const database = of('ours', m => m.database)
  bench.line({
    part: 'claim',
    what: 'CPU of a claim in server + database, against a bare insert in the database',
    ours: `${number(of('ours', m => m.server))} + ${number(database)} ms`,
    other: `${number(of('bare', m => m.database))} ms`,
    ratio: (of('ours', m => m.server) + database) / of('bare', m => m.database),
  })
  bench.line({
    part: 'claim',
    what: 'a claim, p50 / p99',
    ours: `${number(of('ours', m => m.p50))} / ${number(of('ours', m => m.p99))} ms`,
    other: '',
  })
}

/** Everybody wants the same hour of the same offer at the same moment. */
const rivals = async (bench: Bench, site: BenchSite, offers: readonly Calendar[]): Promise<void> => {
  const count = Math.ceil(RIVALS / bench.brief)
  const storms: Measured[] = []
  for (let i = 0; i < 3; i++) {
    const from = 1_000_000 / 24 + i * 10
    const one = {
      method: 'POST',
      path: `/lease/v1/offers/${offers[i]!.deal}/claim`,
      body: { start_time: instant(from), end_time: instant(from + 1) },
    }
    const done = await site.http({ as: 'lessee', connections: 64, requests: [one], cycle: true, count })
    if (done.answers['201'] !== 1 || done.answers['409'] !== count - 1)
      throw new Error(`one claim should have won and all others have lost: ${JSON.stringify(done.answers)}`)
    bench.tell(`${count} rivals: ${number(done.seconds)} s`)
    storms.push(done)
  }
  bench.line({
    part: 'claim',
    what: `${count} identical claims on 64 connections: 1 × 201, ${count - 1} × 409`,
    ours: `${number(median(storms.map(m => m.seconds)))} s, p99 ${number(median(storms.map(m => m.p99)))} ms`,
    other: '',
  })
  bench.line({
    part: 'claim',
    what: 'CPU of a refused claim, server + database',
    ours: `${number(median(storms.map(m => m.server)))} + ${number(median(storms.map(m => m.database)))} ms`,
    other: '',
  })
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Holds } from '../kit/hold/hold.ts'
import type { Measure } from '../kit/service.ts'
import type { Work } from '../kit/work/work.ts'
import { gaugesOf } from './gauges.ts'
import type { LiveCertificate } from './tls/live.ts'

export interface Metrics {
  observe(what: { service: string; route: string; method: string; status: number; seconds: number }): void
  text(): Promise<string>
  /** How many requests have been answered. */
  readonly answered: number
  readonly type: string
}

/** What an operator's Prometheus reads. Labels are names of routes and conductors, never of tenants or machines. */
export const createMetrics = (
  work: Work | undefined,
  pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number },
  holds: Pick<Holds, 'list'>,
  living: () => Promise<number>,
  certificate?: Pick<LiveCertificate, 'pair' | 'counts'>,
  services: readonly (() => Promise<readonly Measure[]>)[] = [],
): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'esi_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['service', 'route', 'method'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [registry],
  })
  const answers = new Counter({
    name: 'esi_answers_total',
    help: 'Requests answered, by status.',
    labelNames: ['service', 'status'],
    registers: [registry],
  })
  const connections = new Gauge({
    name: 'esi_database_connections',
    help: 'Connections of this process to the database.',
    labelNames: ['state'],
    registers: [registry],
  })
  const depth = new Gauge({
    name: 'esi_work_keys',
    help: 'Keys of each conductor, on all processes, by state.',
    labelNames: ['conductor', 'state'],
    registers: [registry],
  })
  const late = new Gauge({
    name: 'esi_work_late_seconds',
    help: 'How long the key that waits longest has been due.',
    labelNames: ['conductor'],
    registers: [registry],
  })
  const stuck = new Gauge({
    name: 'esi_work_stuck',
    help: 'Keys that are due or running longer than expected.',
    labelNames: ['conductor'],
    registers: [registry],
  })
  const held = new Gauge({
    name: 'esi_held',
    help: 'Whether anything of this scope is held: 1, else 0.',
    labelNames: ['scope'],
    registers: [registry],
  })
  const conducting = new Gauge({
    name: 'esi_conducting_processes',
    help: 'Processes of the site that conduct; at 0 nothing that is asked is done.',
    registers: [registry],
  })
  if (certificate) watchCertificate(registry, certificate)
  const measured = gaugesOf(registry, services)
  let answered = 0
  return {
    type: registry.contentType,
    get answered() {
      return answered
    },
    observe({ service, route, method, status, seconds }) {
      answered++
      requests.observe({ service, route, method }, seconds)
      answers.inc({ service, status: String(status) })
    },
    async text() {
      connections.set({ state: 'all' }, pool.totalCount)
      connections.set({ state: 'idle' }, pool.idleCount)
      connections.set({ state: 'waited for' }, pool.waitingCount)
      const scopes = (await holds.list()).map(h => h.scope)
      for (const scope of ['site', 'service', 'thing'] as const) held.set({ scope }, scopes.includes(scope) ? 1 : 0)
      conducting.set(await living())
      if (work) {
        for (const { conductor, depth: d } of await work.stats()) {
          const { oldest, ...counts } = d
          for (const [state, count] of Object.entries(counts)) depth.set({ conductor, state }, count)
          late.set({ conductor }, oldest / 1000)
        }
        stuck.reset()
        for (const { conductor } of await work.stuck()) stuck.inc({ conductor })
      }
      await measured()
      return registry.metrics()
    },
  }
}

const watchCertificate = (registry: Registry, certificate: Pick<LiveCertificate, 'pair' | 'counts'>): void => {
  new Gauge({
    name: 'esi_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that this process shows expires, in seconds since 1970.',
    registers: [registry],
    collect() {
      this.set(certificate.pair.until / 1000)
    },
  })
  new Counter({
    name: 'esi_tls_certificate_changes_total',
    help: 'Certificates that were put in place while the process runs, by whether they were taken or refused.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, count] of Object.entries(certificate.counts)) this.inc({ outcome }, count)
    },
  })
}

import { Gauge, type Registry } from 'prom-client'
import type { Measure } from '../kit/service.ts'

/** What services measure of themselves, as gauges of their own names. Read whenever somebody looks; a service that cannot say is left out. */
export const gaugesOf = (registry: Registry, ask: readonly (() => Promise<readonly Measure[]>)[]): (() => Promise<void>) => {
  const known = new Map<string, Gauge>()
  return async () => {
    const measured = await Promise.all(ask.map(each => each().catch(() => [])))
    for (const gauge of known.values()) gauge.reset()
    for (const { name, help, labels, values } of measured.flat()) {
      const gauge = known.get(name) ?? new Gauge({ name, help, labelNames: [...labels], registers: [registry] })
      known.set(name, gauge)
      for (const { of, value } of values) gauge.set(of, value)
    }
  }
}

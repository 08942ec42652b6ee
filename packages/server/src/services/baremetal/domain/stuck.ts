/** Milliseconds that a state may take before history says otherwise. */
export const DEFAULTS: Readonly<Record<string, number>> = {
  verifying: 120_000,
  cleaning: 600_000,
  'clean wait': 3_600_000,
  deleting: 600_000,
  deploying: 1_800_000,
  'wait call-back': 1_800_000,
  inspecting: 600_000,
  'inspect wait': 1_800_000,
  adopting: 300_000,
  rescuing: 600_000,
  'rescue wait': 1_800_000,
  unrescuing: 600_000,
  servicing: 1_800_000,
  'service wait': 3_600_000,
}

/** So many earlier stays make a rule; with fewer the default holds. */
export const ENOUGH = 5
/** A stay is too long only beyond a multiple of what most took, so that ordinary spread alarms nobody. */
const SLACK = 2
const LEAST = 30_000

/** How long a state is expected to take at most, from earlier stays in it (milliseconds). Undefined: it may take for ever. */
export const expected = (state: string, stays: readonly number[]): number | undefined => {
  const standard = DEFAULTS[state]
  if (standard === undefined) return undefined
  if (stays.length < ENOUGH) return standard
  return Math.max(LEAST, Math.round(quantile(stays, 0.95) * SLACK))
}

/** The value that the share `q` of all does not exceed. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? 0
}

export const TURN_AROUND = 300_000

/** From the end of one lease to the next: what nineteen of twenty ends took, and five minutes where there is no history. */
export const turnAround = (ends: readonly number[]): number =>
  ends.length < ENOUGH ? TURN_AROUND : Math.min(86_400_000, Math.ceil(quantile(ends, 0.95) / 1000) * 1000)

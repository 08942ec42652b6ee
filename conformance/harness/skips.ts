import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { Outcome } from './outcome.ts'

/** Why which cases are not asked of us yet, by suite and id. */
export type Skips = ReadonlyMap<string, ReadonlyMap<string, string>>

const FILE = fileURLToPath(new URL('../skips.yaml', import.meta.url))

/**
 * Reads skips.yaml. It may only shrink: `most` in it says how many entries there may be, and the file is wrong when there are more,
 * fewer, or one without a reason.
 */
export const readSkips = (text: string = readFileSync(FILE, 'utf8')): Skips => {
  const { most, suites } = parse(text) as { most: number; suites: Record<string, Record<string, readonly string[]> | null> }
  const skips = new Map<string, Map<string, string>>()
  let entries = 0
  for (const [suite, reasons] of Object.entries(suites ?? {})) {
    const of = new Map<string, string>()
    for (const [reason, ids] of Object.entries(reasons ?? {}))
      for (const id of ids) {
        if (of.has(id)) throw new Error(`skips.yaml: ${suite} has "${id}" twice`)
        if (reason.trim().length < 10) throw new Error(`skips.yaml: ${suite} has "${id}" without a reason`)
        of.set(id, reason)
        entries++
      }
    skips.set(suite, of)
  }
  if (entries > most) throw new Error(`skips.yaml: ${entries} entries, and there may be ${most}; it may only shrink`)
  if (entries < most) throw new Error(`skips.yaml: only ${entries} entries are left; set "most" to that, so that they do not come back`)
  return skips
}

/** Entries of a suite that name no case there is. */
export const stale = (skips: Skips, suite: string, ids: Iterable<string>): string[] => {
  const known = new Set(ids)
  return [...(skips.get(suite)?.keys() ?? [])].filter(id => !known.has(id))
}

/** Takes what skips.yaml names out of the failures; what it names and passes has to leave it. */
export const applySkips = (skips: Skips, suite: string, outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.map(outcome => {
    const why = skips.get(suite)?.get(outcome.id)
    if (why === undefined) return outcome
    if (outcome.result !== 'passed') return { ...outcome, result: 'skipped', why }
    return { ...outcome, result: 'failed', why: 'skips.yaml names it, and it passes: take it out' }
  })

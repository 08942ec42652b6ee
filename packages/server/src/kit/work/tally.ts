import type { Ended } from './run.ts'

/** What one process did for one conductor since it started. Times in milliseconds. */
export interface Tally {
  readonly runs: Readonly<Record<Ended['is'], number>>
  /** From the moment that a key was due to its claim. */
  readonly late: { readonly sum: number; readonly most: number; readonly count: number }
  readonly took: { readonly sum: number; readonly most: number; readonly count: number }
}

export interface Tallies {
  claimed(conductor: string, late: number): void
  ended(conductor: string, is: Ended['is'], took: number): void
  of(conductor: string): Tally
}

interface Span {
  sum: number
  most: number
  count: number
}

export const createTallies = (): Tallies => {
  const all = new Map<string, { runs: Record<Ended['is'], number>; late: Span; took: Span }>()
  const of = (conductor: string) => {
    let tally = all.get(conductor)
    if (!tally) {
      tally = {
        runs: { done: 0, wait: 0, again: 0, failed: 0, held: 0, 'other group': 0, stopped: 0, lost: 0 },
        late: { sum: 0, most: 0, count: 0 },
        took: { sum: 0, most: 0, count: 0 },
      }
      all.set(conductor, tally)
    }
    return tally
  }
  const add = (span: Span, value: number) => {
    span.sum += value
    span.count++
    span.most = Math.max(span.most, value)
  }
  return {
    of,
    claimed: (conductor, late) => add(of(conductor).late, late),
    ended(conductor, is, took) {
      of(conductor).runs[is]++
      add(of(conductor).took, took)
    },
  }
}

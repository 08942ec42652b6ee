import { readdirSync, readFileSync } from 'node:fs'

// Linux counts CPU in hundredths of a second.
const TICK = 10

interface Stat {
  readonly parent: number
  /** Milliseconds of the process itself. */
  readonly own: number
  /** Milliseconds of its children that have ended. */
  readonly children: number
}

const stat = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const words = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { parent: words[1]!, own: (words[11]! + words[12]!) * TICK, children: (words[13]! + words[14]!) * TICK }
  } catch {
    return undefined
  }
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(p => p > 0 && stat(p)?.parent === pid)

/** Milliseconds of CPU that a process has used. */
export const cpuOf = (pid: number): number => stat(pid)?.own ?? 0

/** Milliseconds of CPU of a process with all its children, also those that have ended: a PostgreSQL server with its backends. */
export const cpuOfTree = (pid: number): number =>
  (stat(pid)?.own ?? 0) + (stat(pid)?.children ?? 0) + childrenOf(pid).reduce((sum, p) => sum + cpuOf(p), 0)

export interface Memory {
  readonly processes: number
  /** Megabytes; memory that processes share is counted in each of them. */
  readonly rss: number
  /** Megabytes; memory that n processes share counts as 1/n in each: these can be added. */
  readonly pss: number
}

/** What these processes and their direct children have in memory. */
export const memoryOf = (...pids: readonly number[]): Memory => {
  const all = pids.flatMap(pid => [pid, ...childrenOf(pid)])
  let processes = 0
  let rss = 0
  let pss = 0
  for (const pid of all) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)![1])
      rss += kb('Rss') / 1000
      pss += kb('Pss') / 1000
      processes++
    } catch {
      // It has ended meanwhile.
    }
  }
  return { processes, rss, pss }
}

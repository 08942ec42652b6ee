import { readFileSync } from 'node:fs'

/**
 * Who uses the lab. When it was told to end with its users, `gone` is called once the last of them has left: a process that
 * ended, or a held connection that was closed.
 */
export class Users {
  private readonly pids = new Map<number, string | undefined>()
  private readonly gone: () => void
  private readonly timer: NodeJS.Timeout
  private ends: boolean
  private had = false
  held = 0

  constructor(endsWithUsers: boolean, gone: () => void) {
    this.ends = endsWithUsers
    this.gone = gone
    this.timer = setInterval(() => this.look(), 500)
    this.timer.unref()
  }

  /** From now on the lab ends with its users. */
  add(pid: number): void {
    this.ends = true
    this.had = true
    this.pids.set(pid, startOf(pid))
    if (!alive(pid, this.pids.get(pid))) this.look()
  }

  list(): number[] {
    return [...this.pids.keys()]
  }

  /** A connection uses it; call what it returns when that ends. */
  hold(): () => void {
    this.had = true
    this.held++
    let left = false
    return () => {
      if (left) return
      left = true
      this.held--
      this.look()
    }
  }

  close(): void {
    clearInterval(this.timer)
  }

  private look(): void {
    for (const [pid, start] of this.pids) if (!alive(pid, start)) this.pids.delete(pid)
    if (this.ends && this.had && this.pids.size === 0 && this.held === 0) {
      this.close()
      this.gone()
    }
  }
}

/** The number of a process is used again; the time of its start is not. */
function alive(pid: number, start: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const now = startOf(pid)
  return now === start && now !== 'zombie'
}

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return rest[0] === 'Z' ? 'zombie' : rest[19]
  } catch {
    return undefined
  }
}

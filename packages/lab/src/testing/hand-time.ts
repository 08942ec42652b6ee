import type { Time } from '../time.ts'

/** A clock that a test turns. */
export class HandTime implements Time {
  private at: number
  private waiting: { readonly due: number; readonly what: () => void }[] = []

  constructor(start = Date.UTC(2027, 0, 1)) {
    this.at = start
  }

  now(): number {
    return this.at
  }

  after(ms: number, what: () => void): () => void {
    const entry = { due: this.at + ms, what }
    this.waiting.push(entry)
    return () => {
      this.waiting = this.waiting.filter(w => w !== entry)
    }
  }

  /** Lets so many milliseconds pass; what is due runs in its order. */
  pass(ms: number): void {
    const end = this.at + ms
    for (;;) {
      const next = this.waiting.filter(w => w.due <= end).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      this.waiting = this.waiting.filter(w => w !== next)
      this.at = next.due
      next.what()
    }
    this.at = end
  }
}

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const LOOK = 5_000

/**
 * Gives memory back once nobody asks anything. V8 collects when it needs room and at no other time, so a server that has answered long
 * lists keeps their heap for as long as it idles. Collects once after each busy time, not again and again. Returns its own undoing.
 */
export const restAfterWork = (requests: () => number, look = LOOK): (() => void) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (how: { type: 'major'; execution: 'async'; flavor: 'last-resort' }) => Promise<void>
  let before = 0
  let collected = 0
  const timer = setInterval(() => {
    const now = requests()
    const resting = now === before && now !== collected
    before = now
    if (!resting) return
    collected = now
    void collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
  }, look)
  timer.unref()
  return () => clearInterval(timer)
}

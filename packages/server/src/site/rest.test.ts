import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { restAfterWork } from './rest.ts'

/** Megabytes that live objects and those not yet collected take. */
const used = () => process.memoryUsage().heapUsed / 2 ** 20

it('what a busy time left is collected once nobody asks, and not before', async () => {
  let answered = 0
  const undo = restAfterWork(() => answered, 20)
  try {
    const before = used()
    // Old enough to have left the young generation, where everything is collected all the time.
    let kept: object[] | undefined = Array.from({ length: 400_000 }, (_, i) => ({ i, text: `${i}` }))
    const full = used()
    expect(full).toBeGreaterThan(before + 20)
    expect(kept).toHaveLength(400_000)
    kept = undefined
    answered = 1
    for (let i = 0; i < 500 && used() > before + 15; i++) await sleep(20)
    expect(used()).toBeLessThan(before + 15)
  } finally {
    undo()
  }
})

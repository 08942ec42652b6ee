import type { Pool } from 'pg'
import { expect, test } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import type { Claim } from './claims.ts'
import { done } from './conductor.ts'
import { runClaim } from './run.ts'
import { conductor } from './test/rig.ts'

const AT = '2030-01-01T00:00:00.000000Z'
const claim: Claim = { conductor: 'c', key: 'a', by: 'me', claim: '1', want: '1', failures: 0, due: AT, lostAt: null }

/** The process stands still, as under SIGSTOP. */
const stand = (millis: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)

test('an answer that is old when it is read is not acted upon', async () => {
  let looks = 0
  let written = false
  const pool = {
    // Ours at the first look. Then the process sleeps, with the answer in its hands, and somebody else takes over.
    async query() {
      const rowCount = looks++ === 0 ? 1 : 0
      if (looks === 1) stand(60)
      return { rowCount, rows: [] }
    },
  } as unknown as Pool
  const write = conductor('c', async (_, run) => {
    await run.check()
    written = true
    return done
  })
  const options = { pool, database: undefined as never, clock: fakeClock(AT), held: () => false, backoff: { first: 1, most: 1 }, grace: 10 }
  const ended = await runClaim(write, claim, new AbortController().signal, { ...options, fresh: 50 })
  expect(ended).toEqual({ is: 'lost' })
  expect({ looks, written }).toEqual({ looks: 2, written: false })
})

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { connect } from '../db/pool.ts'
import { useDatabase } from '../testing/database.ts'
import { silent } from '../testing/silent-log.ts'
import { claim, release } from './claims.ts'
import { KIT_WORK } from './schema.ts'

const database = useDatabase([KIT_WORK])
const NOW = '2030-01-01T00:00:00.000000Z'

test('what is claimed and released is found by the index, however much work there is', async () => {
  const { pool, end } = connect({ url: database.url, name: 'claims', log: silent, size: 1 })
  try {
    const me = randomUUID()
    await pool.query(
      `insert into kit.conductor (id, number, beat, started, host, pid, backend, backend_start) values ($1, 1, $2, $2, 'h', 1, 1, $2)`,
      [me, NOW],
    )
    await pool.query(
      `insert into kit.work (conductor, key, due) select 'c' || i % 16, 'k' || i, timestamptz '2029-01-01Z' + i * interval '1 s' from generate_series(1, 5000) i`,
    )
    await pool.query('vacuum analyze kit.work')
    const scans = async (): Promise<number> => {
      await pool.query('select pg_stat_force_next_flush()')
      return (await pool.query(`select seq_scan from pg_stat_user_tables where schemaname = 'kit' and relname = 'work'`)).rows[0].seq_scan
    }
    let before = 0
    const rooms = Array.from({ length: 16 }, (_, i) => ({ conductor: `c${i}`, room: 2, groups: null }))
    const seen: string[] = []
    for (let i = 0; i < 24; i++) {
      // From here on they have the plans that prepared statements get in the end.
      if (i === 12) before = await scans()
      const claims = await claim(pool, me, rooms, NOW)
      seen.push(...claims.map(c => c.key))
      const end = { due: null, outcome: 'done', why: null, error: null, failures: 0, lostAt: null, held: false, group: null }
      await release(
        pool,
        claims.map(c => [c, end]),
        NOW,
      )
    }
    expect([new Set(seen).size, seen.length]).toEqual([24 * 32, 24 * 32])
    expect((await scans()) - before).toBe(0)
  } finally {
    await end()
  }
})

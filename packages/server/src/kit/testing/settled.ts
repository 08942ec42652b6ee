import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/**
 * Waits until all committed events can be followed. Transactions of other databases on the same server hold them back too, and
 * other test files run there.
 */
export const settled = async (pool: pg.Pool): Promise<void> => {
  const held = 'select from kit.event where xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1'
  while ((await pool.query(held)).rowCount !== 0) await sleep(5)
}

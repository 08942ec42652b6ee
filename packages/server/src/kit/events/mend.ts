import type pg from 'pg'

/**
 * Events carry transaction numbers, and a database that was restored from a dump into another server may count lower ones: what was
 * written before would never be readable, and new ids would not follow the old. To be called at every start, after migrations.
 * Returns whether anything had to be mended.
 */
export const mendEvents = async (pool: pg.Pool): Promise<boolean> => {
  // The newest id has the highest number, so one row tells.
  const future = `(select xid from kit.event order by id desc limit 1) >= pg_snapshot_xmax(pg_current_snapshot())`
  if (!(await pool.query(`select ${future} as it`)).rows[0].it) return false
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('lock table kit.event in exclusive mode')
    const { rows } = await client.query(`select ${future} as it`)
    if (rows[0].it) {
      await client.query(`update kit.event_base set base = (select max(id) + 1 from kit.event)`)
      // 3 is the first number that any transaction can have had.
      await client.query(`update kit.event set xid = '3' where xid >= pg_snapshot_xmax(pg_current_snapshot())`)
    }
    await client.query('commit')
    return rows[0].it
  } catch (e) {
    await client.query('rollback').catch(() => {})
    throw e
  } finally {
    client.release()
  }
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import pg from 'pg'
import { startEmbedded } from '../../db/embedded/start.ts'
import { KIT_DB, migrate } from '../../db/migrate.ts'
import { KIT_WORK } from '../schema.ts'
import { log, type Wired, wire } from './database.ts'

/** What the trials write down. `inside` admits a key once at a time; what it refuses is a violation. */
const TRIAL = `
  create schema trial;
  create table trial.log (id bigint generated always as identity primary key, what text not null, key text not null, who text not null);
  create table trial.inside (key text primary key, who text not null);
  create table trial.count (key text primary key, n int not null default 0, wanted int not null);
  create table trial.violation (key text not null, who text not null, other text);
`

export interface World extends Wired {
  readonly pool: Pool
  readonly url: string
  /** Kills the server as a power failure would; whoever keeps it starts it again. */
  /** Resolves when its sessions are gone; what is asked from then on is answered by the one that is started after it. */
  crash(): Promise<void>
  close(): Promise<void>
}

/** A PostgreSQL server of this test file's own, because it is killed and its sessions are ended. */
export const openWorld = async (): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-work-'))
  chmodSync(folder, 0o755)
  // With fsync: a crash must not lose what was committed, or it proves nothing.
  const server = await startEmbedded({ folder, log })
  const wired = wire(server.url)
  const { pool } = wired.connections
  await migrate(pool, [KIT_DB, KIT_WORK])
  await pool.query(TRIAL)
  return {
    ...wired,
    pool,
    url: server.url,
    async crash() {
      const witness = new pg.Client(wired.connections.session)
      witness.on('error', () => {})
      await witness.connect()
      const gone = new Promise<void>(resolve => witness.once('end', () => resolve()))
      process.kill(server.pid, 'SIGQUIT')
      await gone
    },
    async close() {
      await wired.connections.end()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

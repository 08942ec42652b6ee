import { createDatabase } from '../../db/database.ts'
import { createNotifier, type Notifier } from '../../db/notifier.ts'
import { type Connections, connect } from '../../db/pool.ts'
import type { Database } from '../../db/transaction.ts'
import type { Log } from '../../log/log.ts'
import { silent } from '../../testing/silent-log.ts'
import { WORK_CHANNEL, writeWork } from '../wake.ts'

/** Trouble is the subject here; ESI_TEST_LOG=1 shows what is said of it. */
const loud: Log = {
  ...silent,
  warn: (fields, message) => console.error(process.pid, message, fields),
  error: (fields, message) => console.error(process.pid, message, fields),
}
export const log = process.env['ESI_TEST_LOG'] ? loud : silent

export interface Wired {
  readonly connections: Connections
  readonly database: Database
  readonly notifier: Notifier
}

/** The database as a process has it: commits tell of themselves. */
export const wire = (url: string): Wired => over(connect({ url, name: 'trial', size: 8, log }))

export const over = (connections: Connections): Wired => {
  const notifier = createNotifier(connections.pool, { work: WORK_CHANNEL, events: 'kit_events' }, log)
  return { connections, notifier, database: createDatabase({ connections, writeWork, onCommit: notifier }) }
}

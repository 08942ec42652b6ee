import pg from 'pg'
import { LOCK } from './peers.ts'

/** The connection is no session of its own, so neither locks nor notifications can be trusted. */
export class NoSession extends Error {
  constructor(what: string) {
    super(
      `The database connection for conductors is not a session of its own: ${what}. ` +
        'It seems to go through a transaction pooler. Set database.sessionUrl to the PostgreSQL server itself.',
    )
    this.name = 'NoSession'
  }
}

const pid = async (client: pg.ClientBase): Promise<number> => (await client.query('select pg_backend_pid() as pid')).rows[0].pid
const tryLock = async (client: pg.ClientBase | pg.Pool, n: number, scope = ''): Promise<boolean> =>
  (await client.query(`select pg_try_advisory${scope}_lock(${LOCK}, $1) as got`, [n])).rows[0].got

/**
 * Proves that `session` keeps one backend to itself: while a rival holds a transaction open, its lock is seen by the rival and by
 * the pool, stays with the same backend over two transactions, and a notification comes back. Throws `NoSession`, or a plain error
 * when the pool leads to another database.
 */
export const proveSession = async (session: pg.Client, config: pg.ClientConfig, pool: pg.Pool, patience = 5000): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    // A pooler with a single backend lets us wait for the rival for ever.
    timer = setTimeout(() => reject(new NoSession('it did not answer while another one was busy')), 3 * patience)
  })
  try {
    await Promise.race([prove(session, config, pool, patience), late])
  } finally {
    clearTimeout(timer)
  }
}

const prove = async (session: pg.Client, config: pg.ClientConfig, pool: pg.Pool, patience: number): Promise<void> => {
  // Negative numbers are for proofs; those of living processes are positive.
  const n = -1 - Math.floor(Math.random() * 2 ** 31)
  const rival = new pg.Client(config)
  rival.on('error', () => {})
  await rival.connect()
  try {
    const first = await pid(session)
    if (!(await tryLock(session, n))) throw new NoSession('a lock that nobody else knows was taken already')
    // A pooler lends the backend of an idle client to the next: the rival sits down on it, and we are moved.
    await rival.query('begin')
    if ((await pid(rival)) === first) throw new NoSession('two clients were given the same backend')
    if (await tryLock(rival, n)) throw new NoSession('two clients were given the same lock')
    for (let i = 0; i < 2; i++) {
      await session.query('begin')
      const now = await pid(session)
      await session.query('commit')
      if (now !== first) throw new NoSession('its backend changed between two transactions')
    }
    if (await tryLock(pool, n, '_xact'))
      throw new Error(
        'The database connections for requests (database.url) and for conductors (database.sessionUrl) lead to different databases.',
      )
    await rival.query('rollback')
    await hear(session, rival, `kit_proof_${-n}`, patience)
    if (!(await session.query(`select pg_advisory_unlock(${LOCK}, $1) as was`, [n])).rows[0].was) throw new NoSession('its lock was lost')
  } finally {
    await rival.end().catch(() => {})
  }
}

const hear = async (session: pg.Client, rival: pg.Client, channel: string, patience: number): Promise<void> => {
  await session.query(`listen ${channel}`)
  let timer: NodeJS.Timeout | undefined
  let heard: (message: pg.Notification) => void = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      heard = message => {
        if (message.channel === channel) resolve()
      }
      session.on('notification', heard)
      timer = setTimeout(() => reject(new NoSession('a notification did not arrive')), patience)
      rival.query(`notify ${channel}`).catch(reject)
    })
  } finally {
    clearTimeout(timer)
    session.off('notification', heard)
  }
  await session.query(`unlisten ${channel}`)
}

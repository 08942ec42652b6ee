import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Cluster, launch, PORT, USER } from './cluster.ts'
import { alive, dataPid, end } from './pid.ts'
import { makeSocketFolder, removeSocketFolder } from './socket.ts'
import { tail } from './start.ts'

/** A server that one command has for itself. */
export interface Borrowed {
  readonly url: string
  readonly client: pg.Client
  stop(): Promise<void>
}

// The first one: nobody serves from it; see start.ts. The second: no other command is at it.
const ALONE = 'select pg_try_advisory_lock(7168371) as serving, pg_try_advisory_lock(7168374) as upgrading'
const LONGEST = 120_000

const urlOf = (c: Cluster): string => `postgresql://${USER}@localhost:${PORT}/postgres?host=${encodeURIComponent(c.socket)}`

const enter = async (c: Cluster): Promise<pg.Client | undefined> => {
  const client = new pg.Client({ connectionString: urlOf(c), application_name: 'esi upgrade' })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch {
    await client.end().catch(() => {})
    return undefined
  }
}

/**
 * Starts the server on that data, or takes over one that an earlier command left running when it was killed. Throws a sentence if
 * somebody serves from it, or if it does not start.
 */
export const borrow = async (c: Cluster, settings: Readonly<Record<string, string>> = {}): Promise<Borrowed> => {
  const client = await raise(c, settings)
  const { rows } = await client.query(ALONE)
  if (!rows[0].serving || !rows[0].upgrading) {
    await client.end().catch(() => {})
    throw new Error(
      rows[0].serving
        ? `Another command works on the database in ${c.data}.`
        : `Servers use the database in ${c.data}. Stop them all first.`,
    )
  }
  return {
    url: urlOf(c),
    client,
    async stop() {
      const pid = dataPid(c)
      await client.end().catch(() => {})
      if (pid !== undefined && alive(pid)) await end(pid, 'SIGINT', LONGEST)
      removeSocketFolder(c.socket)
    },
  }
}

const raise = async (c: Cluster, settings: Readonly<Record<string, string>>): Promise<pg.Client> => {
  const late = performance.now() + LONGEST
  let child: ReturnType<typeof launch> | undefined
  for (;;) {
    const client = await enter(c)
    if (client) return client
    if (!child) {
      makeSocketFolder(c.socket, c.owner)
      child = launch(c, settings)
    } else if (child.ended())
      throw new Error(`The database in ${c.data} does not start. Its log, ${c.logFile}, ends with:\n${tail(c.logFile)}`)
    else if (performance.now() > late) throw new Error(`The database in ${c.data} does not answer; see ${c.logFile}.`)
    await sleep(50)
  }
}

/** Ends a server that a killed command left behind; its data are not needed any more. */
export const endLeftover = async (c: Cluster): Promise<void> => {
  const client = await enter(c)
  if (!client) return
  await client.end().catch(() => {})
  await (await borrow(c)).stop()
}

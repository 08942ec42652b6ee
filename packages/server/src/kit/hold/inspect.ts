import type { Clock } from '../clock/clock.ts'
import type { Database } from '../db/transaction.ts'
import { uuid } from '../ids/ids.ts'
import type { Log } from '../log/log.ts'
import { emitSet } from './change.ts'
import { begin, complete, find, lockSite, look as lookAt, put, type Readable, suspect } from './store.ts'
import { suspicion } from './suspicion.ts'
import type { Hold, Look, Mark } from './types.ts'

/** Who holds what no person has held. */
const MACHINE = 'esi-server'

export interface Seen {
  readonly holds: readonly Hold[]
  /** How far the database has been followed now; absent while it is not trusted, so that what was known before is kept. */
  readonly mark: Mark | undefined
}

/**
 * Compares a look at the database with what it was, and holds the site if it is not the same any more. `mark` is what this machine
 * knew before the look.
 */
export const inspect = async (
  database: Database,
  clock: Clock,
  first: Look,
  mark: Mark | undefined,
  may: Readable,
  log: Log,
): Promise<Seen> => {
  let look = first
  if (!look.site) {
    const incarnation = uuid()
    const fresh = await begin(database.db, may, incarnation, clock.now())
    look = await lookAt(database.db, may)
    // What this machine knows is of another database, of which nothing is left here.
    if (fresh) return { holds: look.holds, mark: { incarnation, head: look.head } }
  }
  const site = look.site!
  const stranger = mark && mark.incarnation !== site.incarnation && !site.before.includes(mark.incarnation) ? mark.incarnation : null
  if (site.found === null ? suspicion(look, mark) : stranger) {
    const found = await holdSite(database, clock, mark, may, stranger)
    if (found) log.error({ found }, `the site is held: ${found}. See "esi-server hold --list" and "esi-server hold --differences".`)
    look = await lookAt(database.db, may)
  }
  if (look.site!.found !== null) return { holds: look.holds, mark: undefined }
  if (gained(look)) await complete(database.db, may)
  return { holds: look.holds, mark: { incarnation: look.site!.incarnation, head: look.head } }
}

const gained = ({ site, place }: Look): boolean =>
  (site!.system === null && place.system !== null) || (site!.timeline === null && place.timeline !== null)

/** What was found, unless another process has found it or an operator has lifted it meanwhile. */
const holdSite = (
  database: Database,
  clock: Clock,
  mark: Mark | undefined,
  may: Readable,
  stranger: string | null,
): Promise<string | undefined> =>
  database.transaction({ at: clock.now(), by: { conductor: MACHINE } }, async tx => {
    const site = await lockSite(tx.db)
    if (site?.found !== null && site !== undefined) {
      if (stranger !== null) await suspect(tx.db, site.found, stranger)
      return undefined
    }
    const found = suspicion(await lookAt(tx.db, may), mark)
    if (found === undefined) return undefined
    await suspect(tx.db, found, stranger)
    const before = await find(tx.db, 'site', '')
    const reason = before ? `${before.reason}; ${found}` : found
    const hold = await put(tx.db, { scope: 'site', key: '', reason, by: MACHINE, at: tx.at })
    if (hold) emitSet(tx, hold)
    return found
  })

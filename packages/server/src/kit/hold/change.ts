import { Refused } from '@esi/api/dialect'
import type { Clock } from '../clock/clock.ts'
import type { Database, Tx } from '../db/transaction.ts'
import type { EventOrigin } from '../events/event.ts'
import { uuid } from '../ids/ids.ts'
import { begin, lockSite, put, type Readable, release, remove, trust } from './store.ts'
import type { Hold, Scope } from './types.ts'

export const SET = 'site.hold.set'
export const LIFTED = 'site.hold.lifted'

/** What is to be held, and who says so. The same again changes the reason. */
export interface Putting {
  readonly scope: Scope
  /** Empty for the site. */
  readonly key: string
  readonly reason: string
  readonly by: string
  readonly origin?: EventOrigin
}

export type Lifting = Pick<Putting, 'scope' | 'key' | 'by' | 'origin'>

/** Sets and lifts holds; each is an event. To lift a site's hold is also to say that the database is good as it is now. */
export const changes = (database: Database, clock: Clock, may: () => Promise<Readable>) => ({
  hold: ({ scope, key, reason, by, origin = {} }: Putting): Promise<Hold> => {
    if ((scope === 'site') !== (key === '')) throw new Refused('invalid', 'The site has no key; a service and a thing have one.')
    return database.transaction({ at: clock.now(), by: origin }, async tx => {
      const hold = { scope, key, reason, by, at: tx.at }
      const changed = await put(tx.db, hold)
      if (changed) emitSet(tx, changed)
      return changed ?? hold
    })
  },

  /** What was held; undefined if nothing was. */
  lift: async ({ scope, key, by, origin = {} }: Lifting): Promise<Hold | undefined> => {
    const readable = await may()
    return database.transaction({ at: clock.now(), by: origin }, async tx => {
      if (scope === 'site') await begin(tx.db, readable, uuid(), tx.at)
      // In the order in which a process that looks does it: site, then hold.
      if (scope === 'site') await lockSite(tx.db)
      const lifted = await remove(tx.db, scope, key)
      if (!lifted) return undefined
      if (scope === 'site') await trust(tx.db, readable, uuid(), tx.at)
      await release(tx.db)
      tx.emit('site', {
        type: LIFTED,
        object: { type: scope, id: key || 'site' },
        projects: [],
        data: { by, reason: lifted.reason, since: lifted.at },
      })
      return lifted
    })
  },
})

export const emitSet = (tx: Tx, { scope, key, reason, by }: Hold): void =>
  tx.emit('site', { type: SET, object: { type: scope, id: key || 'site' }, projects: [], data: { reason, by } })

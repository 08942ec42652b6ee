import { earlier, type Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'

/** Told after a commit that wrote work, and coalesced: inside the transaction NOTIFY would serialise all commits. */
export const WORK_CHANNEL = 'kit_work'

export interface Wake {
  readonly conductor: string
  readonly key: string
  readonly at: Instant
}

/**
 * The statement that writes work rows in the transaction of what they are about; for the end of it, once. A row that is there is made
 * due at the earlier of both times. Sorted, so that two transactions never wait for each other in a circle.
 */
export const writeWork = (wakes: readonly Wake[]): RawBuilder<unknown> => {
  const rows = merge(wakes)
  return sql`
    insert into kit.work as w (conductor, key, due)
    select conductor, key, due
    from unnest(${rows.map(r => r.conductor)}::text[], ${rows.map(r => r.key)}::text[], ${rows.map(r => r.at)}::timestamptz[])
      with ordinality as given(conductor, key, due, n)
    order by n
    on conflict (conductor, key) do update set want = w.want + 1, due = least(w.due, excluded.due), held = false, "group" = null
  `
}

/** One row a key at its earliest time, in the order of the primary key. */
export const merge = (wakes: readonly Wake[]): Wake[] => {
  const rows = new Map<string, Wake>()
  for (const wake of wakes) {
    const id = JSON.stringify([wake.conductor, wake.key])
    const known = rows.get(id)
    rows.set(id, known ? { ...wake, at: earlier(known.at, wake.at) } : wake)
  }
  return [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, wake]) => wake)
}

import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import type { EventOrigin, NewEvent } from '../events/event.ts'

/** Told after a commit that wrote events, and coalesced: inside the transaction NOTIFY would serialise all commits. */
export const EVENTS_CHANNEL = 'kit_events'

export interface Outgoing {
  readonly service: string
  readonly event: NewEvent
}

/** How many events one transaction may write: the low bits of an id, the transaction's number being the high ones. */
const MOST = 2 ** 20

/**
 * The statement that writes events in the transaction of what they tell of, all at once.
 * An id is the transaction's number and the event's number in it, so that ids ascend in the order in which readers get them: once a
 * transaction. `beside` is another statement that writes, and goes along.
 */
export const insertEvents = (
  at: Instant,
  origin: EventOrigin,
  events: readonly Outgoing[],
  beside?: RawBuilder<unknown>,
): RawBuilder<unknown> => {
  if (events.length > MOST) throw new Error(`One transaction may write ${MOST} events, not ${events.length}.`)
  const rows = events.map(({ service, event }) => ({
    service,
    type: event.type,
    object_type: event.object.type,
    object_id: event.object.id,
    object_name: event.object.name ?? null,
    projects: [...new Set(event.projects)],
    data: event.data ?? {},
  }))
  return sql`
    with me as materialized (
      select pg_current_xact_id() as xid, (select base from kit.event_base) + (pg_current_xact_id()::text::bigint << 20) as first
    )${beside ? sql`, beside as (${beside})` : sql``}
    insert into kit.event (id, xid, at, service, type, object_type, object_id, object_name, projects, data, origin)
    select me.first + n - 1, me.xid, ${at}::timestamptz, e->>'service', e->>'type', e->>'object_type', e->>'object_id', e->>'object_name',
      array(select jsonb_array_elements_text(e->'projects')), e->'data', ${storable(originOf(origin))}::jsonb
    from me, jsonb_array_elements(${storable(rows)}::jsonb) with ordinality as given(e, n)
  `
}

/** Only what an origin is made of: a request's context, which is one, carries more. */
const originOf = ({ request, user, project, address, conductor }: EventOrigin): EventOrigin => ({
  ...(request === undefined ? {} : { request }),
  ...(user === undefined ? {} : { user }),
  ...(project === undefined ? {} : { project }),
  ...(address === undefined ? {} : { address }),
  ...(conductor === undefined ? {} : { conductor }),
})

/**
 * JSON that PostgreSQL takes. An event often quotes the outside world, and must not fail for a character that cannot be stored:
 * U+0000 and halves of surrogate pairs become U+FFFD.
 */
export const storable = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (typeof v === 'string' ? v.replaceAll('\u0000', '\uFFFD').toWellFormed() : v))

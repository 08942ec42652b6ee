import { events as spec } from '@esi/api/leasing/documents'
import { naive } from '@esi/api/time'
import { type EventQuery, page } from '../../../kit/events/read.ts'
import { handle, type Route } from '../../../kit/http/route.ts'
import { idOfThing } from '../store/resources.ts'
import type { World } from '../world.ts'

/** Our events by the original's names, as its listeners know them; what it had no event for is named alike. */
const NAMES: Readonly<Record<string, string>> = {
  'leasing.lease.created': 'esi_leap.lease.create.end',
  'leasing.lease.updated': 'esi_leap.lease.update.end',
  'leasing.lease.waiting': 'esi_leap.lease.fulfill.error',
  'leasing.lease.fulfilled': 'esi_leap.lease.fulfill.end',
  'leasing.lease.expired': 'esi_leap.lease.delete.end',
  'leasing.lease.deleted': 'esi_leap.lease.delete.end',
  'leasing.lease.ready': 'esi_leap.lease.ready.end',
  'leasing.offer.created': 'esi_leap.offer.create.end',
  'leasing.offer.updated': 'esi_leap.offer.update.end',
  'leasing.offer.expired': 'esi_leap.offer.delete.end',
  'leasing.offer.deleted': 'esi_leap.offer.delete.end',
  'leasing.maintenance.created': 'esi_leap.maintenance.create.end',
  'leasing.maintenance.deleted': 'esi_leap.maintenance.delete.end',
}

const MOST = 10_000

export const eventRoutes = (world: World): readonly Route[] => [
  handle(spec, async (context, input) => {
    context.require('esi_leap:event:get_all')
    const q = input.query
    const admin = context.may('esi_leap:event:event_admin')
    const project = admin
      ? q.lessee_or_owner_id === undefined
        ? undefined
        : (await world.project(q.lessee_or_owner_id)).id
      : (context.project ?? '')
    const type = q.resource_type ?? (q.resource_uuid === undefined ? undefined : world.config.defaultResourceType)
    const where: Record<string, string> = {}
    if (type !== undefined) where['resource_type'] = type
    if (q.resource_uuid !== undefined) where['resource_uuid'] = await idOfThing(world.kit.database.db, type!, q.resource_uuid)
    const query: EventQuery = {
      service: 'leasing',
      types: Object.keys(NAMES).filter(ours => q.event_type === undefined || NAMES[ours] === q.event_type),
      where,
      limit: q.limit ?? MOST,
      ...(project === undefined ? {} : { projects: [project] }),
      ...(q.last_event_id === undefined ? {} : { after: String(q.last_event_id) }),
      // "Since" is from a moment on; the original means what comes after it.
      ...(q.last_event_time === undefined ? {} : { since: q.last_event_time }),
    }
    const found = (await page(world.kit.database.db, query)).filter(e => q.last_event_time === undefined || e.at > q.last_event_time)
    return {
      body: {
        events: found.map(e => ({
          id: Number(e.id),
          event_type: NAMES[e.type],
          event_time: naive(e.at),
          object_type: e.object.type,
          object_uuid: e.object.id,
          resource_type: e.data?.['resource_type'] ?? null,
          resource_uuid: e.data?.['resource_uuid'] ?? null,
          lessee_id: e.data?.['lessee_id'] ?? null,
          owner_id: e.data?.['owner_id'] ?? null,
        })),
      },
    }
  }),
]

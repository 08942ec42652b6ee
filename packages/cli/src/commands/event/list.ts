import type { Command } from '../../command.ts'
import { callLeasing } from '../../services.ts'
import { listOf } from '../../show.ts'

const columns = [
  ['ID', 'id'],
  ['Event Type', 'event_type'],
  ['Event Time', 'event_time'],
  ['Object Type', 'object_type'],
  ['Object UUID', 'object_uuid'],
  ['Resource Type', 'resource_type'],
  ['Resource UUID', 'resource_uuid'],
  ['Lessee ID', 'lessee_id'],
  ['Owner ID', 'owner_id'],
] as const

const parameters = {
  project: 'lessee_or_owner_id',
  'last-event-id': 'last_event_id',
  'last-notification-time': 'last_event_time',
  'event-type': 'event_type',
  'resource-type': 'resource_type',
  'resource-uuid': 'resource_uuid',
} as const

export const command: Command = {
  brief: 'list what happened to leases and offers',
  options: {
    project: { doc: "only this project's, as owner or lessee", values: ['project'] },
    'last-event-id': { doc: 'only what came after this event', values: ['id'] },
    'last-notification-time': { doc: 'only what came after this time', values: ['time'] },
    'event-type': { doc: 'only of this type', values: ['type'] },
    'resource-type': { doc: 'only about resources of this type', values: ['type'] },
    'resource-uuid': { doc: 'only about this resource', values: ['resource'] },
  },
  prints: 'list',
  async run(face, given) {
    const query = new URLSearchParams()
    for (const [option, parameter] of Object.entries(parameters)) {
      const value = given.one(option)
      if (value !== undefined) query.set(parameter, value)
    }
    const body = await callLeasing(await face.session(), 'GET', '/v1/events', undefined, query)
    return listOf(columns, body.events)
  },
}

import { route } from '../define.ts'
import { int, string } from '../types.ts'
import { when } from './time.ts'

/** Routes that are no resource: what the service is, machines as leasing sees them, what happened, keys to consoles. */
export const versions = route({ name: 'versions', method: 'GET', path: '/', open: true, status: 200 })
export const version1 = route({ name: 'version', method: 'GET', path: '/v1', status: 300 })

export const nodes = route({
  name: 'nodes.list',
  method: 'GET',
  path: '/v1/nodes',
  policies: ['esi_leap:node:get_all', 'esi_leap:node:node_admin'],
  query: { resource_class: { type: string() }, owner: { type: string() }, lessee: { type: string() } },
  status: 200,
})

export const events = route({
  name: 'events.list',
  method: 'GET',
  path: '/v1/events',
  policies: ['esi_leap:event:get_all', 'esi_leap:event:event_admin'],
  query: {
    last_event_id: { type: int(0), doc: 'Only events after this one.' },
    last_event_time: { type: when(), doc: 'Only events after this moment.' },
    lessee_or_owner_id: { type: string() },
    event_type: { type: string() },
    resource_type: { type: string() },
    resource_uuid: { type: string() },
    limit: { type: int(1, 10_000) },
  },
  status: 200,
})

export const tokenCreate = route({
  name: 'console_auth_token.create',
  method: 'POST',
  path: '/v1/console_auth_tokens',
  policies: ['esi_leap:console_auth_token:create'],
  body: {
    node_uuid_or_name: { type: string(255, 1), required: true },
    // The original's client sends the number as text.
    token_ttl: { type: { ...int(1), parse: value => int(1, 2_147_483_647).query(String(value)) }, nullable: true, doc: 'Seconds.' },
  },
  status: 201,
})

export const tokenDelete = route({
  name: 'console_auth_token.delete',
  method: 'DELETE',
  path: '/v1/console_auth_tokens/:node',
  policies: ['esi_leap:console_auth_token:delete'],
  status: 200,
})

/** Time in which a thing is not for lease; it is cut along the offers that it crosses. Ours. */
export const maintenanceCreate = route({
  name: 'maintenance.create',
  method: 'POST',
  path: '/v1/maintenances',
  policies: ['esi_leap:maintenance:create'],
  body: {
    resource_uuid: { type: string(255, 1), required: true },
    resource_type: { type: string(), nullable: true },
    start_time: { type: when(), nullable: true },
    end_time: { type: when(), required: true },
    reason: { type: string(255), nullable: true },
  },
  status: 201,
})

export const maintenanceList = route({
  name: 'maintenance.list',
  method: 'GET',
  path: '/v1/maintenances',
  policies: ['esi_leap:maintenance:get_all'],
  query: { resource_uuid: { type: string() } },
  status: 200,
})

export const maintenanceDelete = route({
  name: 'maintenance.delete',
  method: 'DELETE',
  path: '/v1/maintenances/:maintenance',
  policies: ['esi_leap:maintenance:delete'],
  status: 200,
})

/** What a ramdisk on a machine asks and tells, vendor calls, and events of other services. Source: the Bare Metal API reference. */
import { route } from '../define.ts'
import { list, object, string, uuid } from '../types.ts'

const open = { open: true, below: 'missing' } as const

export const lookup = route({
  ...open,
  name: 'agent.lookup',
  method: 'GET',
  path: '/v1/lookup',
  since: 22,
  status: 200,
  query: { addresses: { type: list(string()) }, node_uuid: { type: uuid() } },
  doc: 'Which node a machine is, by its MAC addresses or the node’s UUID; only while something is done to it.',
})
export const heartbeat = route({
  ...open,
  name: 'agent.heartbeat',
  method: 'POST',
  path: '/v1/heartbeat/:node',
  since: 22,
  status: 202,
  body: {
    callback_url: { type: string(2048), required: true, doc: 'Where the ramdisk is asked; empty where it only tells.' },
    agent_version: { type: string(255), nullable: true, doc: 'Since 1.36.' },
    agent_token: { type: string(255), nullable: true, doc: 'Since 1.62; what the lookup gave.' },
    agent_verify_ca: { type: string(65_536), nullable: true, doc: 'Since 1.68.' },
    agent_status: { type: string(255), nullable: true, doc: 'Since 1.72: start, end or error.' },
    agent_status_message: { type: string(4096), nullable: true, doc: 'Since 1.72.' },
  },
})
export const continueInspection = route({
  ...open,
  name: 'agent.continue_inspection',
  method: 'POST',
  path: '/v1/continue_inspection',
  since: 84,
  status: 202,
  additional: true,
  bodyLimit: 16_777_216,
  body: { inventory: { type: object(), required: true } },
  query: { node_uuid: { type: uuid() } },
})

export const postEvents = route({
  name: 'events.post',
  method: 'POST',
  path: '/v1/events',
  since: 54,
  below: 'missing',
  policies: ['baremetal:events:post'],
  status: 204,
  body: { events: { type: list(object()), required: true, doc: 'What happened to ports of the network: network.bind_port, …' } },
})

const of = (what: 'node' | 'driver', path: string) => {
  const policies = [`baremetal:${what}:vendor_passthru`]
  return {
    methods: route({
      name: `${what}.vendor.methods`,
      method: 'GET',
      path: `${path}/vendor_passthru/methods`,
      policies,
      status: 200,
    }),
    call: (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).flatMap(method =>
      ['', '/:method'].map(tail =>
        route({
          name: `${what}.vendor.${method.toLowerCase()}${tail === '' ? '' : '.named'}`,
          method,
          path: `${path}/vendor_passthru${tail}`,
          policies,
          status: 200,
          additional: true,
        }),
      ),
    ),
  }
}
export const nodeVendor = of('node', '/v1/nodes/:node')
export const driverVendor = of('driver', '/v1/drivers/:driver')

import { attachVif, detachNoVif, detachVif, getConsole, listVifs, setConsole } from '@esi/api/baremetal/node-routes'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { look } from './act.ts'

/**
 * Networks and consoles of a node. A node with the network interface `noop` takes every attachment and attaches nothing, as in the
 * original; one with an interface that would attach something is told that there is no network service. No console interface is
 * there either.
 */
export const attachmentRoutes = (nodes: Engine): Route[] => [
  look(nodes, listVifs, async () => ({ status: 200, body: { vifs: [] } })),
  look(nodes, attachVif, async (row, _context, { body }) => {
    if (body.port_uuid !== undefined && body.portgroup_uuid !== undefined)
      throw errors.invalid('Cannot specify both port_uuid and portgroup_uuid')
    noop(row)
    return { status: 204 }
  }),
  look(nodes, detachNoVif, async () => {
    throw errors.invalid('Say which attachment is to be ended: DELETE …/vifs/{id}.')
  }),
  look(nodes, detachVif, async row => {
    noop(row)
    return { status: 204 }
  }),
  look(nodes, getConsole, async () => ({ status: 200, body: { console_enabled: false, console_info: null } })),
  look(nodes, setConsole, async (row, _context, { body }) => {
    if (body.enabled) throw errors.unsupported(row['driver'] as string, 'console')
    return { status: 202 }
  }),
]

const noop = (row: Readonly<Item>): void => {
  if (!['noop', 'fake'].includes(row['network_interface'] as string))
    throw errors.unavailable(`network interface ${row['network_interface']}`)
}

import { loadBmcDriver } from '../../../drivers/load.ts'
import { idOf } from '../../../kit/testing/personas.ts'
import { type Answer, type Served, type ServeOptions, serve } from '../../../kit/testing/serve.ts'
import { baremetal, type Door } from '../index.ts'

export const at = (minor: number) => ({ 'x-openstack-ironic-api-version': `1.${minor}` })

export const OWNER = idOf('project owner')
export const LESSEE = idOf('project lessee')

export interface Site extends Served<Door> {
  /** At the newest version, unless the headers name another. */
  call(persona: string, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Enrolls a node of the owner's, which must work. */
  enroll(fields?: Record<string, unknown>): Promise<Record<string, any>>
  /** Writes what only conductors write. */
  put(node: string, columns: Record<string, unknown>): Promise<void>
}

/** Bare metal with hardware types that need no hardware. */
export const site = async (more: Partial<ServeOptions<Door>> = {}): Promise<Site> => {
  const served = await serve({
    def: baremetal,
    needs: { drivers: { load: loadBmcDriver } },
    config: { drivers: ['fake-hardware', 'redfish'], host: 'conductor-1' },
    ...more,
  })
  const call: Site['call'] = (persona, method, path, body, headers = {}) =>
    served.request(persona, method, path, body, { ...at(115), ...headers })
  return {
    ...served,
    call,
    async enroll(fields = {}) {
      const made = await call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware', owner: OWNER, ...fields })
      if (made.status !== 201) throw new Error(`not enrolled: ${made.status} ${JSON.stringify(made.body)}`)
      return made.body
    },
    async put(node, columns) {
      await served.connections.db.updateTable('baremetal.node').set(columns).where('uuid', '=', node).execute()
    },
  }
}

/** What an error says. */
export const said = (answer: Answer): string => JSON.parse(answer.body.error_message).faultstring

import { loadBmcDriver } from '../../../drivers/load.ts'
import { type Answer, type Served, type ServeOptions, serve } from '../../../kit/testing/serve.ts'
import { baremetal, type Door } from '../index.ts'

export const at = (minor: number) => ({ 'x-openstack-ironic-api-version': `1.${minor}` })
/** The newest version. */
export const NEW = at(115)

export interface Site extends Served<Door> {
  /** At the newest version. */
  call(persona: string, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Enrolls a node, which must work. */
  enroll(fields?: Record<string, unknown>): Promise<Record<string, any>>
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
    served.request(persona, method, path, body, { ...NEW, ...headers })
  return {
    ...served,
    call,
    async enroll(fields = {}) {
      const made = await call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware', ...fields })
      if (made.status !== 201) throw new Error(`not enrolled: ${made.status} ${JSON.stringify(made.body)}`)
      return made.body
    },
  }
}

/** What an error says. */
export const said = (answer: Answer): string => JSON.parse(answer.body.error_message).faultstring

/** While something fails: errors on the terminal. */
export const loud = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => loud }

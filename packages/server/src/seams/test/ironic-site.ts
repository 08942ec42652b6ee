import { loadBmcDriver } from '../../drivers/load.ts'
import { type FakeClock, fakeClock } from '../../kit/testing/fake-clock.ts'
import { personas } from '../../kit/testing/personas.ts'
import { type Served, serve } from '../../kit/testing/serve.ts'
import { baremetal, type Door } from '../../services/baremetal/index.ts'
import type { Site } from '../contracts/things.ts'
import { type IdentitySite, identitySite } from './identity-site.ts'

export const VERSION = { 'x-openstack-ironic-api-version': '1.82' }

export interface IronicSite {
  readonly clock: FakeClock
  readonly identity: IdentitySite
  readonly served: Served<Door>
  /** Where both listen. */
  readonly url: { readonly identity: string; readonly baremetal: string }
  readonly site: Omit<Site, 'things'>
  close(): Promise<void>
}

/** Our bare-metal service with machines that are memory, asked over HTTP with tokens of our identity service: an Ironic elsewhere. */
export const ironicSite = async (): Promise<IronicSite> => {
  const identity = await identitySite()
  const clock = identity.clock ?? fakeClock()
  const helper = (await identity.ask('GET', '/v3/users?name=helper')).body.users[0].id
  await identity.served.door.grant(helper, 'admin', 'system')
  const served = await serve<Door>({
    def: baremetal,
    clock,
    needs: { drivers: { load: loadBmcDriver } },
    config: { drivers: ['fake-hardware'], automaticLessee: 'instance' },
    authenticator: () => ({
      authenticate: async (token, access) =>
        (personas as Record<string, (typeof personas)['admin']>)[token] ?? (await identity.served.door.authenticate(token, access)),
    }),
  })
  const listen = async (app: typeof served.app) => app.listen({ host: '127.0.0.1', port: 0 })
  const url = { identity: `${await listen(identity.served.app)}/identity`, baremetal: `${await listen(served.app)}/baremetal` }
  const ask: Site['ask'] = (method, path, body) => served.request('system', method, path, body, VERSION)
  const settle = async () => {
    await served.conduct()
    await clock.advance(5000)
    await served.conduct()
  }
  let count = 0
  return {
    clock,
    identity,
    served,
    url,
    site: {
      owner: personas.owner.project!.id,
      lessee: personas.lessee.project!.id,
      stranger: personas.stranger.project!.id,
      ask,
      settle,
      async node() {
        const draft = { driver: 'fake-hardware', name: `n-${++count}`, owner: personas.owner.project!.id, properties: { erase: 'none' } }
        const made = await ask('POST', '/v1/nodes', draft)
        if (made.status !== 201) throw new Error(`no node: ${made.status} ${JSON.stringify(made.body)}`)
        const id: string = made.body.uuid
        for (const [target, wanted] of [
          ['manage', 'manageable'],
          ['provide', 'available'],
        ] as const) {
          const answer = await ask('PUT', `/v1/nodes/${id}/states/provision`, { target })
          if (answer.status !== 202) throw new Error(`${target}: ${answer.status} ${JSON.stringify(answer.body)}`)
          for (let i = 0; (await ask('GET', `/v1/nodes/${id}`)).body.provision_state !== wanted; i++) {
            if (i === 60) throw new Error(`it did not become ${wanted}`)
            await settle()
          }
        }
        return id
      },
    },
    async close() {
      await served.close()
      await identity.served.close()
    },
  }
}

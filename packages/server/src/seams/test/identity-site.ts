import { type FakeClock, fakeClock } from '../../kit/testing/fake-clock.ts'
import { type Served, serve } from '../../kit/testing/serve.ts'
import { type IdentityDoor, identity } from '../../services/identity/index.ts'
import type { Site } from '../contracts/identity.ts'

const PASSWORD = 'a password'
export const CATALOG = [
  { type: 'identity', name: 'keystone', path: '/identity' },
  { type: 'baremetal', name: 'ironic', path: '/baremetal' },
]

export interface IdentitySite {
  readonly served: Served<IdentityDoor>
  readonly clock: FakeClock
  /** As the first administrator. */
  ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: any }>
  readonly people: Omit<Site, 'authenticator'>
  /** A service user: its name and password, for the project `service`. */
  readonly service: { readonly username: string; readonly password: string; readonly project: string }
}

/** The identity service with people whom both ends of a seam can be asked about. */
export const identitySite = async (): Promise<IdentitySite> => {
  const clock = fakeClock()
  const served = await serve({
    def: identity,
    config: { password: { memory: 8, passes: 1 }, catalog: CATALOG },
    clock,
    authenticator: door => door,
  })
  const { door } = served
  await door.bootstrap({ adminPassword: PASSWORD })
  const login = async (name: string, scope?: unknown, password = PASSWORD): Promise<string> => {
    const answer = await served.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } },
        ...(scope === undefined ? {} : { scope }),
      },
    })
    const token = answer.headers['x-subject-token']
    if (token === undefined) throw new Error(`no token for ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return token
  }
  // Anew each time: tests let hours pass.
  const ask = async (method: string, path: string, body?: unknown) =>
    served.request(await login('admin', { project: { name: 'admin', domain: { id: 'default' } } }), method, path, body)

  const project = { id: await door.ensureProject('work'), name: 'work' }
  const user = { id: await door.ensureUser('worker', PASSWORD), name: 'worker' }
  await door.grant(user.id, 'member', { project: project.id })
  await door.grant(user.id, 'reader', 'system')
  const { roles } = (await ask('GET', '/v3/roles?name=member')).body
  await ask('PUT', `/v3/domains/default/users/${user.id}/roles/${roles[0].id}`)
  const inProject = { project: { id: project.id } }
  const token = await login('worker', inProject)
  const program = await served.request(token, 'POST', `/v3/users/${user.id}/application_credentials`, {
    application_credential: { name: 'lister', access_rules: [{ service: 'baremetal', method: 'GET', path: '/v1/nodes' }] },
  })
  const { id, secret } = program.body.application_credential
  const restricted = await served.request(undefined, 'POST', '/v3/auth/tokens', {
    auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
  })

  const home = await door.ensureProject('service')
  const helper = await door.ensureUser('helper', PASSWORD)
  for (const role of ['service', 'admin']) await door.grant(helper, role, { project: home })

  return {
    served,
    clock,
    ask,
    service: { username: 'helper', password: PASSWORD, project: 'service' },
    people: {
      user,
      project,
      tokens: {
        project: token,
        system: await login('worker', { system: { all: true } }),
        domain: await login('worker', { domain: { id: 'default' } }),
        unscoped: await login('worker', { unscoped: {} }),
      },
      restricted: restricted.headers['x-subject-token']!,
      async issue() {
        const fresh = await login('worker', inProject)
        return {
          token: fresh,
          end: async () => void (await served.request(fresh, 'DELETE', '/v3/auth/tokens', undefined, { 'x-subject-token': fresh })),
        }
      },
    },
  }
}

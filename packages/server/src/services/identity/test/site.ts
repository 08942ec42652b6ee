import { type FakeClock, fakeClock } from '../../../kit/testing/fake-clock.ts'
import { type Answer, type Served, serve } from '../../../kit/testing/serve.ts'
import { type IdentityDoor, identity } from '../index.ts'

export const CONFIG = {
  password: { memory: 8, passes: 1 },
  catalog: [
    { type: 'identity', name: 'keystone', path: '/identity' },
    { type: 'baremetal', name: 'ironic', path: '/baremetal' },
    { type: 'volumev3', name: 'cinder', path: '/volume/v3/%(project_id)s' },
  ],
}

export const PASSWORD = 'a password'

export interface Site extends Served<IdentityDoor> {
  /** The first administrator's token for the project `admin`. */
  readonly admin: string
  readonly ids: { readonly user: string; readonly project: string }
  login(user: string, password: string, scope?: unknown): Promise<Answer>
  token(user: string, password: string, scope?: unknown): Promise<string>
  /** The administrator asks; the reply's body. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  make(what: string, fields: Record<string, unknown>): Promise<any>
}

/** The identity service with its first administrator; `beside` is a second replica of it. */
export const openSite = async (more: { clock?: FakeClock; beside?: Served<any>; config?: object } = {}): Promise<Site> => {
  const served = await serve({
    def: identity,
    config: { ...CONFIG, ...more.config },
    clock: more.clock ?? (more.beside?.clock as FakeClock | undefined) ?? fakeClock(),
    authenticator: door => door,
    ...(more.beside ? { beside: more.beside } : {}),
  })
  const ids = await served.door.bootstrap({ adminPassword: PASSWORD })
  const login = (user: string, password: string, scope?: unknown) =>
    served.request(undefined, 'POST', '/v3/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user: { name: user, domain: { id: 'default' }, password } } },
        ...(scope === undefined ? {} : { scope }),
      },
    })
  const token = async (user: string, password: string, scope?: unknown) => {
    const answer = await login(user, password, scope)
    if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.headers['x-subject-token']!
  }
  const admin = await token('admin', PASSWORD, { project: { name: 'admin', domain: { id: 'default' } } })
  const ask = (method: string, path: string, body?: unknown) => served.request(admin, method, path, body)
  const make = async (what: string, fields: Record<string, unknown>) => {
    const answer = await ask('POST', `/v3/${what}s`, { [what]: fields })
    if (answer.status !== 201) throw new Error(`no ${what}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body[what]
  }
  return { ...served, admin, ids, login, token, ask, make }
}

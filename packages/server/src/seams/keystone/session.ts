import { Refused } from '@esi/api/dialect'
import type { Kit } from '../../kit/service.ts'
import type { KeystoneConfig } from './config.ts'
import { type Send, type Sending, type Sent, sender } from './http.ts'

/** A service user's login at a Keystone: its token, renewed when it ends or is refused, and what the catalog says. */
export interface ServiceSession {
  /** Asks with our token, and once more with a new one when it is refused. Throws `Refused('unavailable')` without an answer. */
  ask(method: string, url: string, sending?: Sending): Promise<Sent>
  /** The address of a service, by its type; undefined when the catalog has none. */
  endpoint(type: string, kind: string, region?: string): Promise<string | undefined>
}

interface Login {
  readonly text: string
  readonly until: number
  readonly catalog: readonly {
    readonly type: string
    readonly endpoints: readonly { readonly interface: string; readonly url: string; readonly region?: string | null }[]
  }[]
}

/** Milliseconds before its end from which on our token is not used any more. */
const MARGIN = 60_000

/** Who is asked, for texts: "the identity service". */
export type Asked = string

export const serviceSession = (
  config: KeystoneConfig,
  { clock, log }: Pick<Kit, 'clock' | 'log'>,
  asked: Asked = 'the identity service',
  send: Send = sender(config),
): ServiceSession => {
  const base = keystoneBase(config.url)
  let own: Promise<Login> | undefined

  const reached = async (who: string, method: string, url: string, sending?: Sending): Promise<Sent> => {
    try {
      return await send(method, url, sending)
    } catch (error) {
      log.warn({ url: new URL(url).origin, why: error instanceof Error ? error.message : String(error) }, `${who} cannot be reached`)
      throw new Refused('unavailable', `${capital(who)} cannot be reached right now; try again in a few seconds.`, { retryAfter: 2 })
    }
  }

  const login = async (): Promise<Login> => {
    const { username, password, userDomain, project, projectDomain } = config
    const reply = await reached('the identity service', 'POST', `${base}/v3/auth/tokens`, {
      body: {
        auth: {
          identity: { methods: ['password'], password: { user: { name: username, domain: { name: userDomain }, password } } },
          scope: project === undefined ? { system: { all: true } } : { project: { name: project, domain: { name: projectDomain } } },
        },
      },
    })
    const text = reply.headers['x-subject-token']
    if (reply.status !== 201 || typeof text !== 'string') {
      log.error({ url: base, status: reply.status, user: username }, 'the identity service refuses our service user')
      throw new Refused('unavailable', 'The identity service refuses us; whoever runs this site must look at its settings.', {
        retryAfter: 30,
      })
    }
    return { text, until: Date.parse(reply.body.token.expires_at) - MARGIN, catalog: reply.body.token.catalog ?? [] }
  }

  const known = async (): Promise<Login> => {
    const before = own
    const there = await before?.catch(() => undefined)
    if (there && there.until > clock.millis()) return there
    // Of many at a time the first one logs in.
    if (own === before || own === undefined) own = login()
    return own
  }

  return {
    async ask(method, url, sending = {}) {
      const once = async () => {
        const used = await known()
        const headers = { ...sending.headers, 'x-auth-token': used.text }
        return { used, reply: await reached(asked, method, url, { ...sending, headers }) }
      }
      const first = await once()
      if (first.reply.status !== 401) return first.reply
      if ((await own?.catch(() => undefined)) === first.used) own = undefined
      return (await once()).reply
    },
    async endpoint(type, kind, region) {
      const { catalog } = await known()
      const all = catalog.filter(s => s.type === type).flatMap(s => s.endpoints)
      return all.find(e => e.interface === kind && (region === undefined || e.region === region))?.url
    },
  }
}

export const keystoneBase = (url: string): string => url.replace(/\/+$/, '').replace(/\/v3$/, '')

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

import { readFileSync } from 'node:fs'
import { Refused } from '@esi/api/dialect'
import { Agent, request } from 'undici'
import type { Kit } from '../../kit/service.ts'
import type { KeystoneConfig } from './config.ts'

export interface Answer {
  readonly status: number
  readonly body: any
}

/** Asks a Keystone as the service user; its own token is renewed when it ends or is refused. Throws `Refused('unavailable')` without an answer. */
export interface KeystoneClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

/** Milliseconds before its end from which on our token is not used any more. */
const MARGIN = 60_000

export const createKeystoneClient = (config: KeystoneConfig, { clock, log }: Pick<Kit, 'clock' | 'log'>): KeystoneClient => {
  const base = config.url.replace(/\/+$/, '').replace(/\/v3$/, '')
  const dispatcher = new Agent({
    connect: { timeout: config.timeout, ...(config.certificates ? { ca: readFileSync(config.certificates, 'utf8') } : {}) },
    headersTimeout: config.timeout,
    bodyTimeout: config.timeout,
  })
  let own: Promise<{ readonly text: string; readonly until: number }> | undefined

  const send = async (method: 'GET' | 'POST', path: string, headers: Readonly<Record<string, string>>, body?: object) => {
    try {
      const reply = await request(`${base}${path}`, {
        method,
        dispatcher,
        headers: { accept: 'application/json', ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      const text = await reply.body.text()
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: /json/.test(String(reply.headers['content-type'])) ? JSON.parse(text) : undefined,
      }
    } catch (error) {
      log.warn({ url: base, why: error instanceof Error ? error.message : String(error) }, 'the identity service cannot be reached')
      throw new Refused('unavailable', 'The identity service cannot be reached right now; try again in a few seconds.', { retryAfter: 2 })
    }
  }

  const login = async (): Promise<{ readonly text: string; readonly until: number }> => {
    const { username, password, userDomain, project, projectDomain } = config
    const reply = await send(
      'POST',
      '/v3/auth/tokens',
      {},
      {
        auth: {
          identity: { methods: ['password'], password: { user: { name: username, domain: { name: userDomain }, password } } },
          scope: project === undefined ? { system: { all: true } } : { project: { name: project, domain: { name: projectDomain } } },
        },
      },
    )
    const text = reply.headers['x-subject-token']
    if (reply.status !== 201 || typeof text !== 'string') {
      log.error({ url: base, status: reply.status, user: username }, 'the identity service refuses our service user')
      throw new Refused('unavailable', 'The identity service refuses us; whoever runs this site must look at its settings.', {
        retryAfter: 30,
      })
    }
    return { text, until: Date.parse(reply.body.token.expires_at) - MARGIN }
  }

  const token = async (): Promise<string> => {
    const known = await own?.catch(() => undefined)
    if (known && known.until > clock.millis()) return known.text
    const mine = login()
    own = mine
    return (await mine).text
  }

  return {
    async get(path, headers = {}) {
      const ask = async () => send('GET', path, { ...headers, 'x-auth-token': await token() })
      let reply = await ask()
      if (reply.status === 401) {
        own = undefined
        reply = await ask()
      }
      if (reply.status >= 500 || reply.status === 401 || reply.status === 429) {
        log.warn({ url: base, status: reply.status }, 'the identity service does not answer as it should')
        throw new Refused('unavailable', 'The identity service does not answer as it should; try again in a few seconds.', {
          retryAfter: 2,
        })
      }
      return { status: reply.status, body: reply.body }
    },
  }
}

/** One client for all seams to the same Keystone: settings are one object for each. */
const clients = new WeakMap<Kit['clock'], Map<string, KeystoneClient>>()

export const keystoneClient = (config: KeystoneConfig, kit: Pick<Kit, 'clock' | 'log'>): KeystoneClient => {
  const known = clients.get(kit.clock) ?? new Map<string, KeystoneClient>()
  clients.set(kit.clock, known)
  const key = JSON.stringify(config)
  const client = known.get(key) ?? createKeystoneClient(config, kit)
  known.set(key, client)
  return client
}

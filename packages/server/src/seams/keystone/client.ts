import { Refused } from '@esi/api/dialect'
import type { Kit } from '../../kit/service.ts'
import type { KeystoneConfig } from './config.ts'
import { keystoneBase, serviceSession } from './session.ts'

export interface Answer {
  readonly status: number
  readonly body: any
}

/** Asks a Keystone as the service user; its own token is renewed when it ends or is refused. Throws `Refused('unavailable')` without an answer. */
export interface KeystoneClient {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export const createKeystoneClient = (config: KeystoneConfig, kit: Pick<Kit, 'clock' | 'log'>): KeystoneClient => {
  const base = keystoneBase(config.url)
  const session = serviceSession(config, kit)
  return {
    async get(path, headers = {}) {
      const reply = await session.ask('GET', `${base}${path}`, { headers })
      if (reply.status >= 500 || reply.status === 401 || reply.status === 429) {
        kit.log.warn({ url: base, status: reply.status }, 'the identity service does not answer as it should')
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

import { Refused } from '@esi/api/dialect'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database, Origin } from '../../../kit/db/transaction.ts'
import type { Log } from '../../../kit/log/log.ts'
import type { Config } from '../config.ts'
import { secondFactors } from '../domain/factors.ts'
import { applyRules, assertionOf, type Mapped, Unmapped } from '../domain/mapping.ts'
import { missing, unauthenticated } from '../errors.ts'
import { providersWith, type Reading, readReading } from '../store/federation.ts'
import { findAccount } from '../store/subjects.ts'
import type { Token } from '../tokens/token.ts'
import type { Tokens } from '../tokens/tokens.ts'
import { type Claims, createOidcClient, type Errand, type OidcClient } from './client.ts'
import { receive } from './guests.ts'

export interface Way {
  readonly provider: string
  readonly protocol: string
}

/** Logins of users whom somebody elsewhere knows. */
export interface Federation {
  /** By an access token of the provider's. */
  byBearer(way: Way, token: string, origin: Origin): Promise<Token>
  /** The one provider that speaks the protocol to browsers. */
  onlyProvider(protocol: string): Promise<string>
  begin(way: Way, redirect: string): Promise<{ readonly url: string; readonly errand: Errand }>
  finish(way: Way, callback: URL, errand: Errand, origin: Origin): Promise<Token>
}

export const createFederation = (parts: { database: Database; clock: Clock; config: Config; tokens: Tokens; log: Log }): Federation => {
  const { database, config, tokens } = parts
  const { db } = database
  const clients = new Map<string, OidcClient>()
  for (const [id, settings] of config.clients) clients.set(id, createOidcClient(settings, parts))

  const open = async ({ provider, protocol }: Way): Promise<{ reading: Reading; client: OidcClient }> => {
    const reading = await readReading(db, provider, protocol)
    if (!reading) throw missing('Identity Provider', provider)
    if (!reading.enabled) throw new Refused('forbidden', 'Identity Provider is disabled')
    const client = clients.get(provider)
    if (!client) throw new Refused('unimplemented', `No OpenID Connect client is configured for the identity provider ${provider}.`)
    if (reading.remoteIds.length > 0 && !reading.remoteIds.includes(client.issuer))
      throw new Refused('forbidden', 'Incoming identity provider identifier not included among the accepted identifiers.')
    return { reading, client }
  }

  const enter = async (way: Way, reading: Reading, claims: Claims, origin: Origin): Promise<Token> => {
    try {
      const mapped = applyRules(reading.rules, reading.version, assertionOf(claims))
      const token = mapped.user.local ? await asLocal(mapped) : await asGuest(way, reading, mapped, origin)
      if (!token) throw unauthenticated()
      return token
    } catch (e) {
      if (e instanceof Unmapped) throw new Refused('unauthenticated', e.message)
      throw e
    }
  }

  const asGuest = async (way: Way, reading: Reading, mapped: Mapped, origin: Origin): Promise<Token | undefined> => {
    const { user, groups } = await database.transaction(origin, tx => receive(tx, reading, way.protocol, mapped))
    const account = await findAccount(db, { id: user })
    if (!account || !secondFactors(account.options, ['mapped'])) throw unauthenticated()
    return tokens.issue({
      user,
      methods: ['mapped'],
      scope: { is: 'unscoped' },
      federated: { groups, provider: way.provider, protocol: way.protocol },
    })
  }

  const asLocal = async ({ user }: Mapped): Promise<Token | undefined> => {
    const ref =
      user.id !== undefined
        ? { id: user.id }
        : user.name !== undefined && user.domain
          ? { name: user.name, domain: user.domain.id === undefined ? { name: user.domain.name! } : { id: user.domain.id } }
          : undefined
    if (!ref) throw new Unmapped('A local user has an id, or a name and a domain.')
    const account = await findAccount(db, ref)
    if (!account?.enabled || !secondFactors(account.options, ['mapped'])) throw unauthenticated()
    return tokens.issue({ user: account.id, methods: ['mapped'], scope: { is: 'unscoped' } })
  }

  return {
    async byBearer(way, token, origin) {
      const { reading, client } = await open(way)
      return enter(way, reading, await client.bearer(token), origin)
    },
    async onlyProvider(protocol) {
      const able = (await providersWith(db, protocol)).filter(id => clients.has(id))
      if (able.length === 1) return able[0]!
      throw able.length === 0
        ? new Refused('missing', `Could not find federated protocol ${protocol.slice(0, 64)}.`)
        : new Refused('invalid', 'Several identity providers speak this protocol: use the address of one of them.')
    },
    async begin(way, redirect) {
      return (await open(way)).client.begin(redirect)
    },
    async finish(way, callback, errand, origin) {
      const { reading, client } = await open(way)
      return enter(way, reading, await client.finish(callback, errand), origin)
    },
  }
}

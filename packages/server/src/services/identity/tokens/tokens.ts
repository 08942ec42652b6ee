import { randomBytes } from 'node:crypto'
import { fromMillis, type Instant, instant, plus, toMillis } from '@esi/api/time'
import type { Kysely } from 'kysely'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database } from '../../../kit/db/transaction.ts'
import type { Config } from '../config.ts'
import { Unpackable } from '../domain/msgpack.ts'
import { type Claims, type Federated, packClaims, type Scope, unpackClaims } from '../domain/payload.ts'
import { readStanding, revokedUntil, type Standing } from '../store/subjects.ts'
import type { TokenCache } from './cache.ts'
import type { Keyring } from './keyring.ts'
import type { Token } from './token.ts'

/** What a login has proven, and what it asks for. */
export interface Grant {
  readonly user: string
  readonly methods: readonly string[]
  readonly scope: Scope
  readonly credential?: string
  readonly trust?: string
  readonly accessToken?: string
  readonly federated?: Federated
  /** The audit id of the first token of the chain, when it came from a token. */
  readonly chain?: string
  /** Not later than that. */
  readonly expires?: Instant
}

export interface Tokens {
  /** A new token; `undefined` when the user may not have it (no role there, disabled, gone). */
  issue(grant: Grant): Promise<Token | undefined>
  /** `undefined` for anything that is not good now. `late`: milliseconds for which an expired one is still shown. */
  validate(id: string, late?: number): Promise<Token | undefined>
}

export const createTokens = (parts: { database: Database; clock: Clock; config: Config; keyring: Keyring; cache: TokenCache }): Tokens => {
  const { database, clock, config, keyring, cache } = parts

  const stand = async (db: Kysely<any>, id: string, claims: Claims, seconds: number): Promise<Token | undefined> => {
    const issued = fromMillis(seconds * 1000)
    const standing = await readStanding(db, {
      user: claims.user,
      scope: claims.scope,
      credential: claims.applicationCredential,
      trust: claims.trust,
      lent: claims.accessToken,
      groups: claims.federated?.groups,
      provider: claims.federated?.provider,
      now: clock.now(),
      audit: claims.audit,
      issued,
    })
    if (!standing || standing.revoked || !holds(standing, claims)) return undefined
    const { account, place, roles } = standing
    const credential = standing.credential && { ...standing.credential, expires: moment(standing.credential.expires) }
    // An expired credential has no token that is not.
    if (credential?.expires && credential.expires <= clock.now()) return undefined
    const trust = standing.trust && { ...standing.trust, expires: moment(standing.trust.expires) }
    if (trust?.expires && trust.expires <= clock.now()) return undefined
    const who = trust?.impersonation ? trust.trustor : account
    const user = { id: who.id, name: who.name, domain: who.domain, passwordExpires: moment(who.passwordExpires) }
    return { id, claims, issued, expires: fromMillis(claims.expires), user, place, roles, credential, trust, lent: standing.lent }
  }

  return {
    async issue(grant) {
      const now = clock.now()
      const audit = [randomBytes(16).toString('base64url'), ...(grant.chain === undefined ? [] : [grant.chain])]
      const lifetime = plus(now, config.tokenLifetime)
      const expires = Math.floor(toMillis(grant.expires !== undefined && grant.expires < lifetime ? grant.expires : lifetime) / 1000) * 1000
      const claims: Claims = {
        user: grant.user,
        methods: grant.methods,
        scope: grant.scope,
        expires,
        audit,
        ...(grant.credential === undefined ? {} : { applicationCredential: grant.credential }),
        ...(grant.trust === undefined ? {} : { trust: grant.trust }),
        ...(grant.accessToken === undefined ? {} : { accessToken: grant.accessToken }),
        ...(grant.federated === undefined ? {} : { federated: grant.federated }),
      }
      const since = cache.generation
      const whole = Math.floor(clock.millis() / 1000)
      const query = { user: grant.user, scope: grant.scope, trust: grant.trust, audit, issued: fromMillis(whole * 1000) }
      const until = await revokedUntil(database.db, query)
      const seconds = until === null ? whole : Math.max(whole, Math.floor(toMillis(until) / 1000) + 1)
      const id = keyring.seal(packClaims(claims), seconds)
      const token = await stand(database.db, id, claims, seconds)
      if (token) cache.put(token, since)
      return token
    },

    async validate(id, late = 0) {
      const known = cache.get(id)
      if (known) return known.claims.expires + late > clock.millis() ? known : undefined
      const since = cache.generation
      const opened = await keyring.open(id)
      if (!opened) return undefined
      let claims: Claims
      try {
        claims = unpackClaims(opened.plain)
      } catch (e) {
        if (e instanceof Unpackable) return undefined
        throw e
      }
      if (claims.expires + late <= clock.millis()) return undefined
      const token = await stand(database.db, id, claims, opened.seconds)
      if (token) cache.put(token, since)
      return token
    },
  }
}

/** Whether what the token says is still so. */
const holds = (standing: Standing, claims: Claims): boolean => {
  const { account, place, roles, credential, trust, lent } = standing
  const { scope } = claims
  if (!account.enabled || !standing.welcome) return false
  if ((scope.is === 'project' || scope.is === 'domain') && !place?.enabled) return false
  if (scope.is === 'domain' && place!.domain !== null) return false
  if (claims.applicationCredential !== undefined && (!credential || scope.is !== 'project' || credential.project !== scope.project))
    return false
  if (claims.accessToken !== undefined && (lent?.user !== claims.user || scope.is !== 'project' || lent.project !== scope.project))
    return false
  if (claims.trust !== undefined) {
    if (!trust?.whole || !trust.linked || !trust.trustor.enabled || trust.trustee !== claims.user) return false
    if (scope.is !== 'project' || trust.project !== scope.project) return false
  }
  return scope.is === 'unscoped' || roles.length > 0
}

// From json, where PostgreSQL writes times in its own way.
const moment = (text: string | null): Instant | null => (text === null ? null : (instant(text) ?? null))

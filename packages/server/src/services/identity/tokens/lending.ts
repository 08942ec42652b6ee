import { Refused } from '@esi/api/dialect'
import type { Instant } from '@esi/api/time'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database } from '../../../kit/db/transaction.ts'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import { unauthenticated } from '../errors.ts'
import * as store from '../store/oauth1.ts'
import { isSigned, type OAuthParams, type OAuthRequest, readOAuth } from './oauth1.ts'

/** Who signed a request by OAuth 1.0a, for whom. */
export interface Lending {
  /** Throws `Refused('invalid')` where something of what is needed is not there. */
  params(request: OAuthRequest, needed: readonly string[]): OAuthParams
  /** A program for itself. */
  consumer(request: OAuthRequest, oauth: OAuthParams): Promise<string>
  /** With a request that is still good. */
  request(request: OAuthRequest, oauth: OAuthParams): Promise<store.RequestTokenRow>
  /** With what it was lent. */
  access(request: OAuthRequest, oauth: OAuthParams): Promise<store.AccessTokenRow>
}

export const createLending = (parts: { database: Database; secrets: Secrets; clock: Clock }): Lending => {
  const { secrets, clock } = parts
  const { db } = parts.database

  /** Whoever does not know the secrets is told nothing, not even what there is. */
  const signed = async (request: OAuthRequest, oauth: OAuthParams, token: { consumer_id: string; sealed: string } | undefined) => {
    const sealed = await store.consumerSecret(db, oauth['oauth_consumer_key']!)
    if (sealed === undefined || (token && token.consumer_id !== oauth['oauth_consumer_key'])) throw unauthenticated()
    const keys = [secrets.open(sealed), token ? secrets.open(token.sealed) : ''] as const
    if (!isSigned(request, oauth, keys, clock.millis())) throw unauthenticated()
  }

  const late = (at: Instant): boolean => at <= clock.now()

  return {
    params(request, needed) {
      const oauth = readOAuth(request.authorization)
      if (!oauth) throw new Refused('invalid', 'The request has no OAuth parameters in its Authorization header.')
      for (const name of needed)
        if (!oauth[name]) throw new Refused('invalid', `Expecting to find ${name} in request. The client is assumed to be in error.`)
      return oauth
    },
    async consumer(request, oauth) {
      await signed(request, oauth, undefined)
      return oauth['oauth_consumer_key']!
    },
    async request(request, oauth) {
      const token = await store.readRequest(db, oauth['oauth_token']!, clock.now())
      if (!token) throw unauthenticated()
      await signed(request, oauth, token)
      return token
    },
    async access(request, oauth) {
      const token = await store.readAccess(db, oauth['oauth_token']!)
      if (!token || late(token.expires_at)) throw unauthenticated()
      await signed(request, oauth, token)
      return token
    },
  }
}

import { Refused } from '@esi/api/dialect'
import { isObject } from '@esi/api/types'
import { createRemoteJWKSet, decodeProtectedHeader, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Log } from '../../../kit/log/log.ts'
import { unauthenticated } from '../errors.ts'
import type { OidcConfig } from './config.ts'

export type Claims = Readonly<Record<string, unknown>>

/** What must be remembered between sending a browser away and its coming back. */
export interface Errand {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** One OpenID Connect provider. Everything throws `Refused`: 401 for what is not proven, 503 where the provider does not answer. */
export interface OidcClient {
  readonly issuer: string
  /** What an access token says, once it is proven: by the provider's signature, or by asking the provider. */
  bearer(token: string): Promise<Claims>
  /** Where a browser is to go, and what to keep meanwhile. */
  begin(redirect: string): Promise<{ readonly url: string; readonly errand: Errand }>
  /** What the provider says of whoever came back. */
  finish(callback: URL, errand: Errand): Promise<Claims>
}

// What is signed with a secret that we share could be made by whoever has it; providers sign with their own keys.
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Milliseconds for which what a provider says of itself is believed. */
const FRESH = 3_600_000
/** Seconds. */
const PATIENCE = 10

interface Known {
  readonly config: openid.Configuration
  readonly keys: JWTVerifyGetKey
  readonly until: number
}

export const createOidcClient = (settings: OidcConfig, parts: { readonly clock: Clock; readonly log: Log }): OidcClient => {
  const { clock, log } = parts
  const { issuer, clientId, clientSecret } = settings
  let known: Promise<Known> | undefined

  const discover = async (): Promise<Known> => {
    const secret = clientSecret === undefined ? openid.None() : openid.ClientSecretPost(clientSecret)
    const options = { timeout: PATIENCE, ...(isLocal(issuer) ? { execute: [openid.allowInsecureRequests] } : {}) }
    const found = await openid.discovery(new URL(issuer), clientId, undefined, secret, options)
    const server = found.serverMetadata()
    const methods = server.token_endpoint_auth_methods_supported
    const basic = clientSecret !== undefined && methods?.includes('client_secret_post') !== true
    const config = basic ? new openid.Configuration(server, clientId, undefined, openid.ClientSecretBasic(clientSecret)) : found
    config.timeout = PATIENCE
    if (isLocal(issuer)) openid.allowInsecureRequests(config)
    if (server.jwks_uri === undefined) throw new Error('the provider names no keys')
    const keys = createRemoteJWKSet(new URL(server.jwks_uri), { timeoutDuration: PATIENCE * 1000 })
    return { config, keys, until: performance.now() + FRESH }
  }

  const provider = async (): Promise<Known> => {
    const now = await known
    if (now && now.until > performance.now()) return now
    const mine = discover()
    known = mine
    mine.catch(() => {
      if (known === mine) known = undefined
    })
    return mine
  }

  /** Whatever goes wrong is told in our words; the log has theirs. */
  const asked = async <T>(what: () => Promise<T>): Promise<T> => {
    try {
      return await what()
    } catch (error) {
      if (error instanceof Refused) throw error
      // Not the whole error: it may hold what the provider or the client sent.
      log.info({ issuer, why: error instanceof Error ? error.message : String(error) }, 'a login by a provider failed')
      if (isRefusal(error)) throw unauthenticated()
      throw new Refused('unavailable', 'The identity provider does not answer; try again in a few seconds.', { retryAfter: 5 })
    }
  }

  /** Made out for us, or to a client that we are. */
  const meantForUs = (claims: Claims): boolean => {
    const accepted = settings.audiences ?? [clientId]
    const named = [claims['aud'], claims['azp'], claims['client_id']].flat()
    return named.some(name => typeof name === 'string' && accepted.includes(name))
  }

  const more = async (config: openid.Configuration, token: string, claims: Claims): Promise<Claims> => {
    if (!settings.userinfo) return claims
    const subject = typeof claims['sub'] === 'string' ? claims['sub'] : openid.skipSubjectCheck
    return { ...claims, ...(await openid.fetchUserInfo(config, token, subject)) }
  }

  return {
    issuer,

    bearer: token =>
      asked(async () => {
        const { config, keys } = await provider()
        let claims: Claims
        if (isJwt(token)) {
          const { payload } = await jwtVerify(token, keys, {
            issuer: config.serverMetadata().issuer,
            algorithms: ALGORITHMS,
            requiredClaims: ['exp', 'sub'],
            currentDate: new Date(clock.millis()),
          })
          claims = payload
        } else {
          if (config.serverMetadata().introspection_endpoint === undefined || clientSecret === undefined) throw unauthenticated()
          const told = await openid.tokenIntrospection(config, token)
          if (!told.active) throw unauthenticated()
          claims = { iss: config.serverMetadata().issuer, ...told }
          if (claims['iss'] !== config.serverMetadata().issuer) throw unauthenticated()
        }
        if (!meantForUs(claims)) throw unauthenticated()
        return more(config, token, claims)
      }),

    begin: redirect =>
      asked(async () => {
        const { config } = await provider()
        const errand = { state: openid.randomState(), nonce: openid.randomNonce(), verifier: openid.randomPKCECodeVerifier() }
        const url = openid.buildAuthorizationUrl(config, {
          redirect_uri: redirect,
          scope: settings.scopes.join(' '),
          state: errand.state,
          nonce: errand.nonce,
          code_challenge: await openid.calculatePKCECodeChallenge(errand.verifier),
          code_challenge_method: 'S256',
        })
        return { url: url.href, errand }
      }),

    finish: (callback, errand) =>
      asked(async () => {
        const { config } = await provider()
        const tokens = await openid.authorizationCodeGrant(config, callback, {
          expectedState: errand.state,
          expectedNonce: errand.nonce,
          pkceCodeVerifier: errand.verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (!claims) throw unauthenticated()
        return more(config, tokens.access_token, claims)
      }),
  }
}

const isJwt = (token: string): boolean => {
  try {
    return isObject(decodeProtectedHeader(token)) && token.split('.').length === 3
  } catch {
    return false
  }
}

const isLocal = (url: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url)

/** The provider, or the token, says no; anything else is that there was no word of it. */
const isRefusal = (error: unknown): boolean => {
  if (error instanceof joseErrors.JWKSTimeout) return false
  if (error instanceof joseErrors.JOSEError) return error.code !== 'ERR_JOSE_GENERIC'
  if (error instanceof openid.ResponseBodyError || error instanceof openid.AuthorizationResponseError) return true
  if (error instanceof openid.WWWAuthenticateChallengeError) return true
  // What does not fit: a state, a nonce, a signature.
  const code = error instanceof openid.ClientError ? error.code : undefined
  return code === 'OAUTH_INVALID_RESPONSE' || code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' || code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED'
}

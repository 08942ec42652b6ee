import { section } from '../../../kit/config/read.ts'
import { type ConfigOf, flag, list, text } from '../../../kit/config/setting.ts'

/** A client of ours at an OpenID Connect provider. */
export const oidcTable = {
  issuer: text({ required: true, pattern: /^https?:\/\/\S+$/, like: 'an http(s) URL', doc: 'The provider, as its tokens name it.' }),
  clientId: text({ required: true, doc: 'What we are called there.' }),
  clientSecret: text({ secret: true, doc: 'Without it we are a public client there, which is enough for bearer tokens that are JWTs.' }),
  scopes: list({ default: ['openid', 'email', 'profile'], doc: 'What browsers are asked to allow.' }),
  audiences: list({ doc: 'For whom bearer tokens may be made out. Without it: for the client.' }),
  userinfo: flag({ default: false, doc: 'Asks the provider for more claims of whoever logs in.' }),
} as const

export type OidcConfig = ConfigOf<typeof oidcTable>

/** The clients by identity provider; throws for one that is not configured well. */
export const readClients = (given: Readonly<Record<string, unknown>> | undefined): ReadonlyMap<string, OidcConfig> =>
  new Map(Object.entries(given ?? {}).map(([id, settings]) => [id, section(`identity.oidc.${id}`, oidcTable)(settings)]))

import { section } from '../../kit/config/read.ts'
import { type ConfigOf, duration, flag, integer, list, sections, text } from '../../kit/config/setting.ts'
import { type OidcConfig, readClients } from './federation/config.ts'

export const configTable = {
  tokenLifetime: duration({ default: '1h', doc: 'From a login to the end of its token.' }),
  region: text({ default: 'RegionOne', doc: 'The region of the services that run here, in the catalog.' }),
  projectDepth: integer({ default: 5, min: 1, max: 100, doc: 'Levels of projects below a domain.' }),
  trustDepth: integer({ default: 3, min: 0, max: 100, doc: 'How often what a trust lends may be lent on.' }),
  cacheSize: integer({ default: 20_000, doc: 'Tokens that one process remembers.' }),
  cacheAge: duration({ default: '30s', doc: 'After which a remembered token is looked up again, whatever was heard meanwhile.' }),
  activeKeys: integer({
    default: 3,
    min: 2,
    max: 100,
    doc: 'Token keys that are kept: the staged one, the primary, and those that still open old tokens.',
  }),
  rules: {
    pattern: text({ doc: 'What a new password must look like, as a regular expression. Without it: anything.' }),
    patternInWords: text({ doc: 'The same in words, told to whoever is refused.' }),
    history: integer({ default: 0, max: 1000, doc: 'A new password differs from so many earlier ones; the present one counts.' }),
    minimumAge: duration({ default: '0s', doc: 'A user may not change a password again before that.' }),
    lifetime: duration({ doc: 'After which a password must be changed. Without it: never.' }),
    changeAtFirstUse: flag({ default: false, doc: 'A password that somebody else has set is to be changed before it opens anything.' }),
    inactivity: duration({ doc: 'Who has not logged in for so long is let in no more. Without it: everybody is.' }),
    failures: integer({ min: 1, doc: 'Failed logins after which a user is locked out. Without it: never.' }),
    lockout: duration({ default: '30m', doc: 'How long a user stays locked out. With 0s: until an administrator enables the user.' }),
  },
  logins: {
    perUser: integer({
      default: 20,
      min: 1,
      doc: 'Failed logins as one user in a minute, counted over all replicas; what comes beyond is refused unseen.',
    }),
    perAddress: integer({ default: 300, min: 1, doc: 'Failed logins from one address in a minute, counted likewise.' }),
  },
  oidc: sections({
    doc: 'Clients of ours at OpenID Connect providers, by the id of the identity provider: issuer, clientId, clientSecret (or clientSecret_file), scopes, audiences, userinfo.',
  }),
  trustedDashboards: list({ default: [], doc: 'URLs to which a browser may be sent with the token of a login by a provider.' }),
  // Argon2id as OWASP recommends it; about 20 ms.
  password: {
    memory: integer({ default: 19_456, min: 8, max: 4_194_304, doc: 'Memory for one password, in KiB.' }),
    passes: integer({ default: 2, min: 1, max: 100, doc: 'Passes over that memory.' }),
    lanes: integer({ default: 1, min: 1, max: 16, doc: 'Threads for one password.' }),
  },
} as const

/** A service of the catalog that runs with us. */
export interface CatalogEntry {
  readonly type: string
  readonly name: string
  /** Below the public URL: `/baremetal`. `%(project_id)s` stands for the token's project. */
  readonly path: string
}

export type Config = ConfigOf<typeof configTable> & {
  /** What runs with us; told by whoever puts the services together, not by the operator. */
  readonly catalog: readonly CatalogEntry[]
  readonly clients: ReadonlyMap<string, OidcConfig>
}

const read = section('identity', configTable)

export const readConfig = (given: unknown): Config => {
  const { catalog = [], ...rest } = (given ?? {}) as { catalog?: readonly CatalogEntry[] }
  const config = read(rest)
  const { pattern } = config.rules
  if (pattern !== undefined && !isPattern(pattern)) throw new Error(`identity.rules.pattern is no regular expression: ${pattern}`)
  return { ...config, catalog, clients: readClients(config.oidc) }
}

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}

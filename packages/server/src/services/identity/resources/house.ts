import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database, Tx } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import type { Config } from '../config.ts'
import type { Federation } from '../federation/login.ts'
import type { PasswordCheck } from '../passwords/check.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { Login } from '../tokens/login.ts'
import type { Token } from '../tokens/token.ts'
import type { Tokens } from '../tokens/tokens.ts'

/** What all rooms of the service share. */
export interface House {
  readonly database: Database
  readonly clock: Clock
  readonly config: Config
  readonly passwords: Passwords
  readonly check: PasswordCheck
  readonly secrets: Secrets
  readonly tokens: Tokens
  readonly keyring: Keyring
  readonly login: Login
  readonly federation: Federation
  /** Tokens and the catalog are looked up anew: something changed what they say. */
  forget(): void
  readonly catalog: (context: Pick<Context, 'wire'>, token: Pick<Token, 'user' | 'place' | 'claims'>) => Promise<readonly object[]>
  /** The public root of the whole house: scheme, host and port. */
  readonly root: (context: Pick<Context, 'wire'>) => string
}

/** An event about something that is no resource of its own. */
export const emit = (
  tx: Tx,
  type: string,
  object: { readonly type: string; readonly id: string; readonly name?: string | null },
  projects: readonly (string | null | undefined)[],
  data: Readonly<Record<string, unknown>> = {},
): void => tx.emit('identity', { type: `identity.${type}`, object, projects: projects.filter(p => typeof p === 'string'), data })

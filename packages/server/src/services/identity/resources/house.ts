import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database } from '../../../kit/db/transaction.ts'
import type { Context } from '../../../kit/http/route.ts'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import type { Config } from '../config.ts'
import type { Federation } from '../federation/login.ts'
import type { Needs } from '../needs.ts'
import type { PasswordCheck } from '../passwords/check.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { CloudRow } from '../store/federation.ts'
import type { Keyring } from '../tokens/keyring.ts'
import type { Lending } from '../tokens/lending.ts'
import type { Login } from '../tokens/login.ts'
import type { Token } from '../tokens/token.ts'
import type { Tokens } from '../tokens/tokens.ts'

/** What all rooms of the service share. */
export interface House {
  readonly database: Database
  readonly clock: Clock
  readonly config: Config
  readonly needs: Needs
  readonly passwords: Passwords
  readonly check: PasswordCheck
  readonly secrets: Secrets
  readonly tokens: Tokens
  readonly keyring: Keyring
  readonly login: Login
  readonly lending: Lending
  readonly federation: Federation
  /** Tokens and the catalog are looked up anew: something changed what they say. */
  forget(): void
  readonly catalog: (context: Pick<Context, 'wire'>, token: Pick<Token, 'user' | 'place' | 'claims'>) => Promise<readonly object[]>
  /** Clouds that believe our tokens, as tokens tell of them. */
  readonly clouds: () => Promise<readonly CloudRow[]>
  /** The public root of the whole house: scheme, host and port. */
  readonly root: (context: Pick<Context, 'wire'>) => string
}

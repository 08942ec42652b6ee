import { Refused } from '@esi/api/dialect'
import { earlier, type Instant } from '@esi/api/time'
import type { Clock } from '../../../kit/clock/clock.ts'
import type { Database } from '../../../kit/db/transaction.ts'
import { begunRules, secondFactors } from '../domain/factors.ts'
import type { Federated, Scope } from '../domain/payload.ts'
import { forbiddenAction, noToken, unauthenticated } from '../errors.ts'
import type { Asking, PasswordCheck } from '../passwords/check.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { type Account, findAccount, findCredential, findDomain, findProject } from '../store/subjects.ts'
import { consumeTrust, readTrust } from '../store/trusts.ts'
import type { Lending } from './lending.ts'
import type { OAuthRequest } from './oauth1.ts'
import type { Receipt, Receipts } from './receipts.ts'
import type { LoginRequest, ScopeRequest } from './request.ts'
import { isDelegated, type Token } from './token.ts'
import type { Tokens } from './tokens.ts'

/** What the methods of one login have proven, together. */
interface Proof {
  account: Account
  methods: string[]
  credential?: { id: string; project: string }
  /** What a user lent to a program. */
  lent?: { id: string; project: string }
  expires?: Instant
  chain?: string
  federated?: Federated
}

/** What came with the request beside its body. */
export interface LoginAsking extends Asking {
  readonly receipt?: string | undefined
  /** The request as it was signed, for programs that were lent something. */
  readonly signed?: OAuthRequest
}

/** A receipt where the user's rules want more than was proven. */
export type Login = (request: LoginRequest, asking: LoginAsking) => Promise<Token | Receipt>

/** Turns a login into a token. Whoever is refused learns nothing: the same answer, after the same work. */
export const createLogin = (parts: {
  database: Database
  clock: Clock
  tokens: Tokens
  passwords: Passwords
  check: PasswordCheck
  lending: Lending
  receipts: Receipts
}): Login => {
  const { database, clock, tokens, passwords, check, lending, receipts } = parts
  const { db } = database

  const byPassword = async ({ user, password }: NonNullable<LoginRequest['password']>, asking: Asking): Promise<Proof> => ({
    account: await check.check(user, password, asking),
    methods: ['password'],
  })

  const byPasscode = async ({ user, passcode }: NonNullable<LoginRequest['totp']>, asking: Asking): Promise<Proof> => ({
    account: await check.passcode(user, passcode, asking),
    methods: ['totp'],
  })

  const byCredential = async (given: NonNullable<LoginRequest['applicationCredential']>, { address }: Asking): Promise<Proof> => {
    const { credential: ref } = given
    const attempt = check.attempts.begin('id' in ref ? ref.id : `${ref.name}\u0000${JSON.stringify(ref.user)}`, address)
    const owner = 'id' in ref ? undefined : await findAccount(db, ref.user)
    const found = 'id' in ref ? await findCredential(db, ref) : owner && (await findCredential(db, { name: ref.name, user: owner.id }))
    const good = await passwords.verify(given.secret, found?.secretHash)
    if (!found || !good || (found.expires !== null && found.expires <= clock.now())) {
      await attempt.failed()
      throw unauthenticated()
    }
    attempt.passed()
    const account = await findAccount(db, { id: found.user })
    if (!account?.enabled) throw unauthenticated()
    return {
      account,
      methods: ['application_credential'],
      credential: { id: found.id, project: found.project },
      ...(found.expires === null ? {} : { expires: found.expires }),
    }
  }

  const byLending = async (signed: OAuthRequest | undefined): Promise<Proof> => {
    if (!signed) throw unauthenticated()
    const lent = await lending.access(signed, lending.params(signed, ['oauth_consumer_key', 'oauth_token']))
    const account = await findAccount(db, { id: lent.user_id })
    if (!account?.enabled) throw unauthenticated()
    return { account, methods: ['oauth1'], lent: { id: lent.id, project: lent.project_id }, expires: lent.expires_at }
  }

  const byToken = async (id: string, scope: ScopeRequest | undefined): Promise<Proof> => {
    const token = await tokens.validate(id)
    if (!token) throw noToken()
    const { claims } = token
    if (claims.scope.is === 'system' && (scope?.is === 'project' || scope?.is === 'domain'))
      throw forbiddenAction('Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.')
    if (claims.trust !== undefined)
      throw forbiddenAction('Using trust-scoped token to create another token. Create a new trust-scoped token instead')
    if (claims.accessToken !== undefined)
      throw forbiddenAction('Using a token that was lent by OAuth to create another token is not allowed.')
    if (isDelegated(token)) throw forbiddenAction('Using a delegated token to create another token is not allowed.')
    const account = await findAccount(db, { id: claims.user })
    if (!account?.enabled) throw unauthenticated()
    return {
      account,
      ...(claims.federated ? { federated: claims.federated } : {}),
      // The new token remembers how its first one was got.
      methods: ['token', ...claims.methods],
      expires: token.expires,
      chain: claims.audit.at(-1)!,
    }
  }

  /** A token by a trust: the trustee's, for what the trustor lends. */
  const byTrust = async (id: string, proof: Proof): Promise<Token> => {
    const now = clock.now()
    const trust = await readTrust(db, id, now)
    if (!trust || trust.project_id === null) throw unauthenticated()
    if (trust.trustee_user_id !== proof.account.id) throw new Refused('forbidden', 'User is not a trustee.')
    if (proof.credential) throw forbiddenAction('Using an application credential to use a trust is not allowed.')
    const lender = await findAccount(db, { id: trust.trustor_user_id })
    if (!lender?.enabled) throw new Refused('forbidden', 'Trustor is disabled.')
    const place = await findProject(db, { id: trust.project_id })
    if (!place?.enabled) throw unauthenticated()
    const ends = [proof.expires, trust.expires_at].filter(at => at !== undefined && at !== null)
    const token = await tokens.issue({
      user: proof.account.id,
      methods: proof.methods,
      scope: { is: 'project', project: trust.project_id },
      trust: id,
      ...(ends.length > 0 ? { expires: ends.reduce(earlier) } : {}),
      ...(proof.chain === undefined ? {} : { chain: proof.chain }),
    })
    if (!token) throw new Refused('forbidden', 'Trustee has no delegated roles.')
    if (trust.remaining_uses === null) return token
    // Nobody has the token yet; two who want the last use get it once.
    const origin = { at: now, by: { user: proof.account.id } }
    if (!(await database.transaction(origin, tx => consumeTrust(tx.db, id)))) throw unauthenticated()
    return token
  }

  const resolve = async (asked: Exclude<ScopeRequest, { is: 'trust' }>): Promise<Scope> => {
    if (asked.is === 'system' || asked.is === 'unscoped') return { is: asked.is }
    const place = asked.is === 'project' ? await findProject(db, asked.ref) : await findDomain(db, asked.ref)
    // A domain is scoped to as a domain, also where it is a project that acts as one.
    if (!place?.enabled || (asked.is === 'project' && place.domain === null)) throw unauthenticated()
    return asked.is === 'project' ? { is: 'project', project: place.id } : { is: 'domain', domain: place.id }
  }

  return async (request, asking) => {
    if (request.applicationCredential && request.scope !== undefined)
      throw new Refused(
        'unauthenticated',
        'Error authenticating with application credential: Application credentials cannot request a scope.',
      )
    const proofs: Proof[] = []
    for (const method of request.methods) {
      if (method === 'password') proofs.push(await byPassword(request.password!, asking))
      else if (method === 'totp') proofs.push(await byPasscode(request.totp!, asking))
      else if (method === 'token') proofs.push(await byToken(request.token!, request.scope))
      else if (method === 'application_credential') proofs.push(await byCredential(request.applicationCredential!, asking))
      else if (method === 'oauth1') proofs.push(await byLending(asking.signed))
      else throw unsupported()
    }
    const proof = together(proofs)
    if (asking.receipt !== undefined) {
      const before = await receipts.methods(asking.receipt, proof.account)
      if (!before) throw new Refused('unauthenticated', 'Could not find auth receipt.')
      proof.methods = [...new Set([...proof.methods, ...before])]
    }
    const { options } = proof.account
    if (!secondFactors(options, proof.methods)) return receipts.issue(proof.account, proof.methods, begunRules(options, proof.methods))
    // It is for its own project, whatever was asked for.
    if (proof.lent) {
      const { id, project } = proof.lent
      const scope: Scope = { is: 'project', project }
      return (
        (await tokens.issue({ user: proof.account.id, methods: proof.methods, scope, accessToken: id, expires: proof.expires! })) ??
        refused()
      )
    }
    if (request.scope?.is === 'trust') return byTrust(request.scope.trust, proof)
    const grant = {
      user: proof.account.id,
      methods: proof.methods,
      ...(proof.expires === undefined ? {} : { expires: proof.expires }),
      ...(proof.chain === undefined ? {} : { chain: proof.chain }),
      ...(proof.federated === undefined ? {} : { federated: proof.federated }),
    }
    const issue = async (scope: Scope) =>
      tokens.issue({ ...grant, scope, ...(proof.credential ? { credential: proof.credential.id } : {}) })

    if (proof.credential) return (await issue({ is: 'project', project: proof.credential.project })) ?? refused()
    if (request.scope) return (await issue(await resolve(request.scope))) ?? refused()
    // Without a scope it is the default project, if that is still good for anything.
    const home = proof.account.defaultProject
    const scoped = home === null ? undefined : await issue({ is: 'project', project: home })
    return scoped ?? (await issue({ is: 'unscoped' })) ?? refused()
  }
}

const METHODS = ['application_credential', 'oauth1', 'password', 'token', 'totp']

const unsupported = (): Refused =>
  new Refused('unauthenticated', 'Attempted to authenticate with an unsupported method.', { detail: { identity: { methods: METHODS } } })

const refused = (): never => {
  throw unauthenticated()
}

/** Several methods must have proven the same user; the earliest end counts. */
const together = (proofs: readonly Proof[]): Proof => {
  const [first, ...others] = proofs
  if (!first) throw unauthenticated()
  const whole: Proof = { ...first, methods: [...first.methods] }
  for (const other of others) {
    if (other.account.id !== whole.account.id) throw unauthenticated()
    if (other.credential && whole.credential && other.credential.id !== whole.credential.id) throw unauthenticated()
    whole.methods.push(...other.methods)
    if (other.federated) whole.federated = other.federated
    if (other.credential) whole.credential = other.credential
    if (other.lent) whole.lent = other.lent
    if (other.chain !== undefined) whole.chain = other.chain
    if (other.expires !== undefined) whole.expires = whole.expires === undefined ? other.expires : earlier(whole.expires, other.expires)
  }
  whole.methods = [...new Set(whole.methods)]
  return whole
}

import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Scope } from '../domain/payload.ts'
import { rolesOf } from './roles.ts'

export interface Named {
  readonly id: string
  readonly name: string
}

/** Somebody who logs in or did, with all that decides whether that counts. */
export interface Account {
  readonly id: string
  readonly name: string
  readonly domain: Named
  /** The user and the domain. */
  readonly enabled: boolean
  /** Here only because a provider elsewhere knows them. */
  readonly guest: boolean
  readonly passwordHash: string | null
  readonly passwordExpires: Instant | null
  readonly passwordAt: Instant | null
  readonly failedLogins: number
  readonly failedAt: Instant | null
  readonly activeAt: Instant | null
  readonly defaultProject: string | null
  readonly options: Readonly<Record<string, unknown>>
}

export interface Place extends Named {
  readonly domain: Named | null
  /** The project and its domain. */
  readonly enabled: boolean
}

/** How an application credential limits its token. */
export interface CredentialInfo {
  readonly id: string
  readonly name: string
  readonly project: string
  readonly expires: Instant | null
  readonly unrestricted: boolean
  /** Null: everything. */
  readonly rules: readonly { readonly id: string; readonly service: string; readonly path: string; readonly method: string }[] | null
}

/** What a trust says now of a token that was had by it. */
export interface TrustInfo {
  readonly id: string
  readonly impersonation: boolean
  readonly project: string | null
  readonly expires: Instant | null
  readonly trustee: string
  readonly trustor: Account
  /** All that it lends is still the lender's. */
  readonly whole: boolean
  /** Nobody between the lender and the trustee is disabled. */
  readonly linked: boolean
}

/** What a user lent to a program by OAuth 1.0a. */
export interface LentInfo {
  readonly id: string
  readonly consumer: string
  readonly user: string
  readonly project: string
}

export type UserRef = { readonly id: string } | { readonly name: string; readonly domain: Ref }
export type Ref = { readonly id: string } | { readonly name: string }

const account = sql`
  u.id, u.name, json_build_object('id', d.id, 'name', d.name) as domain, u.enabled and d.enabled as enabled, u.federated as guest,
  u.password_hash as "passwordHash", u.password_expires_at as "passwordExpires", u.password_at as "passwordAt",
  u.failed_logins as "failedLogins", u.failed_at as "failedAt", u.active_at as "activeAt", u.default_project_id as "defaultProject", u.options
  from identity.user u join identity.project d on d.id = u.domain_id`

export const findAccount = async (db: Kysely<any>, ref: UserRef): Promise<Account | undefined> => {
  const where =
    'id' in ref
      ? sql`u.id = ${ref.id}`
      : sql`u.name = ${ref.name} and not u.federated and ${'id' in ref.domain ? sql`d.id = ${ref.domain.id}` : sql`d.name = ${ref.domain.name}`}`
  return (await sql<Account>`select ${account} where ${where}`.execute(db)).rows[0]
}

const place = sql`
  p.id, p.name, case when d.id is null then null else json_build_object('id', d.id, 'name', d.name) end as domain,
  p.enabled and coalesce(d.enabled, true) as enabled
  from identity.project p left join identity.project d on d.id = p.domain_id`

/** A project, by id or by name in a domain; for one that acts as a domain its own domain is null. */
export const findProject = async (db: Kysely<any>, ref: { readonly id: string } | { readonly name: string; readonly domain: Ref }) => {
  const where =
    'id' in ref
      ? sql`p.id = ${ref.id}`
      : sql`p.name = ${ref.name} and not p.is_domain and ${'id' in ref.domain ? sql`d.id = ${ref.domain.id}` : sql`d.name = ${ref.domain.name}`}`
  return (await sql<Place>`select ${place} where ${where}`.execute(db)).rows[0]
}

export const findDomain = async (db: Kysely<any>, ref: Ref): Promise<Place | undefined> =>
  (await sql<Place>`select ${place} where p.is_domain and ${'id' in ref ? sql`p.id = ${ref.id}` : sql`p.name = ${ref.name}`}`.execute(db))
    .rows[0]

/** What a token stands for at this moment, in one statement. */
export interface Standing {
  readonly account: Account
  readonly place: Place | null
  readonly roles: readonly Named[]
  readonly credential: CredentialInfo | null
  readonly trust: TrustInfo | null
  readonly lent: LentInfo | null
  /** The provider that the user comes from is there and enabled; of users who come from none, true. */
  readonly welcome: boolean
  readonly revoked: boolean
}

export interface StandingQuery {
  readonly user: string
  readonly scope: Scope
  readonly credential?: string | undefined
  readonly trust?: string | undefined
  /** The access token by which a program has it. */
  readonly lent?: string | undefined
  /** Groups that the token gives its user beside those that the user is in. */
  readonly groups?: readonly string[] | undefined
  /** The provider that the user comes from. */
  readonly provider?: string | undefined
  readonly audit: readonly string[]
  readonly issued: Instant
}

export const readStanding = async (db: Kysely<any>, q: StandingQuery & { readonly now: Instant }): Promise<Standing | undefined> => {
  const target = q.scope.is === 'project' ? q.scope.project : q.scope.is === 'domain' ? q.scope.domain : null
  const user = q.trust === undefined ? sql`${q.user}` : sql`(select origin_user_id from identity.trust where id = ${q.trust})`
  const held = { user, now: q.now, groups: q.groups, scope: q.scope }
  const roles =
    q.credential !== undefined
      ? credentialRoles(q.credential, rolesOf(held))
      : q.trust !== undefined
        ? sql`select h.id, h.name from (${rolesOf(held)}) h where h.id in (select id from (${lentRoles(q.trust)}) l)`
        : q.lent !== undefined
          ? sql`select h.id, h.name from (${rolesOf(held)}) h where h.id in (select id from (${accessRoles(q.lent)}) l)`
          : rolesOf(held)
  const { rows } = await sql<Standing>`
    select
      to_json(a) as account,
      (select to_json(p) from (select ${place} where p.id = ${target}) p) as place,
      (select coalesce(json_agg(json_build_object('id', r.id, 'name', r.name) order by r.name), '[]') from (${roles}) r) as roles,
      (${credentialJson(sql`c.id = ${q.credential ?? null}`)}) as credential,
      ${q.trust === undefined ? sql`null` : sql`(${trustJson(q.trust, rolesOf(held))})`} as trust,
      (select json_build_object('id', t.id, 'consumer', t.consumer_id, 'user', t.user_id, 'project', t.project_id)
        from identity.access_token t where t.id = ${q.lent ?? null}) as lent,
      ${q.provider === undefined ? sql`true` : sql`exists (select from identity.identity_provider where id = ${q.provider} and enabled)`} as welcome,
      exists (
        select from identity.revocation x
        where ${revocationMatches(q, target, sql`(a.domain->>'id')`)}
      ) as revoked
    from (select ${account} where u.id = ${q.user}) a`.execute(db)
  return rows[0]
}

/** Whose end is the token's end: its user, and with a trust its lender. */
const bearers = (q: StandingQuery): RawBuilder<unknown> =>
  q.trust === undefined ? sql`${q.user}` : sql`${q.user}, (select trustor_user_id from identity.trust where id = ${q.trust})`

const revocationMatches = (q: StandingQuery, target: string | null, userDomain: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  x.issued_before >= ${q.issued}
  and (x.audit_id = ${q.audit[0] ?? null} or x.user_id in (${bearers(q)}) or (x.audit_id is null and x.user_id is null))
  and (x.audit_id is null or x.audit_id = ${q.audit[0] ?? null})
  and (x.audit_chain_id is null or x.audit_chain_id = ${q.audit.at(-1) ?? null})
  and (x.user_id is null or x.user_id in (${bearers(q)}))
  and (x.project_id is null or x.project_id = ${q.scope.is === 'project' ? target : null})
  and (x.domain_id is null or x.domain_id = ${userDomain} or x.domain_id = ${q.scope.is === 'domain' ? target : null}
    or x.domain_id = (select domain_id from identity.project where id = ${target}))`

/** The latest moment up to which tokens of this user for this scope are revoked: a new one must be younger. */
export const revokedUntil = async (db: Kysely<any>, q: StandingQuery): Promise<Instant | null> => {
  const target = q.scope.is === 'project' ? q.scope.project : q.scope.is === 'domain' ? q.scope.domain : null
  const { rows } = await sql<{ at: Instant | null }>`
    select max(x.issued_before) as at from identity.revocation x
    where ${revocationMatches(q, target, sql`(select domain_id from identity.user where id = ${q.user})`)}`.execute(db)
  return rows[0]!.at
}

/** Of the roles that a credential was given, those that its user still has. */
const credentialRoles = (credential: string, has: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select h.id, h.name from (${has}) h
  join identity.application_credential_role g on g.role_id = h.id and g.credential_id = ${credential}`

/** What a trust lends, with all that it implies: `id`. */
const lentRoles = (trust: string): RawBuilder<unknown> =>
  withImplied(sql`select role_id as id from identity.trust_role where trust_id = ${trust}`)

/** What an access token lends, likewise. */
const accessRoles = (token: string): RawBuilder<unknown> =>
  withImplied(sql`select unnest(roles) as id from identity.access_token where id = ${token}`)

const withImplied = (some: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  with recursive lent as (
    ${some}
    union select i.implied_id from identity.implied_role i join lent on i.prior_id = lent.id
  ) select lent.id from lent join identity.role r on r.id = lent.id where r.domain_id is null`

const trustJson = (trust: string, held: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select json_build_object('id', t.id, 'impersonation', t.impersonation, 'project', t.project_id, 'expires', t.expires_at,
    'trustee', t.trustee_user_id, 'trustor', (select to_json(a) from (select ${account} where u.id = t.trustor_user_id) a),
    'whole', not exists (select from (${lentRoles(trust)}) l where l.id not in (select id from (${held}) h)),
    'linked', not exists (
      with recursive line as (
        select id, trustor_user_id, redelegated_trust_id from identity.trust where id = t.id
        union select o.id, o.trustor_user_id, o.redelegated_trust_id from identity.trust o join line on o.id = line.redelegated_trust_id
      ) select from line join identity.user u on u.id = line.trustor_user_id join identity.project d on d.id = u.domain_id
      where not (u.enabled and d.enabled)))
  from identity.trust t where t.id = ${trust}`

const credentialJson = (where: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select json_build_object('id', c.id, 'name', c.name, 'project', c.project_id, 'expires', c.expires_at, 'unrestricted', c.unrestricted,
    'rules', case when c.restricted then (
      select coalesce(json_agg(json_build_object('id', ar.id, 'service', ar.service, 'path', ar.path, 'method', ar.method)), '[]')
      from identity.application_credential_rule cr join identity.access_rule ar on ar.id = cr.rule_id where cr.credential_id = c.id) end)
  from identity.application_credential c where ${where}`

/** A credential as a login finds it. */
export const findCredential = async (
  db: Kysely<any>,
  ref: { readonly id: string } | { readonly name: string; readonly user: string },
): Promise<
  | { readonly id: string; readonly user: string; readonly project: string; readonly secretHash: string; readonly expires: Instant | null }
  | undefined
> =>
  (
    await sql<any>`select id, user_id as user, project_id as project, secret_hash as "secretHash", expires_at as expires
      from identity.application_credential where ${'id' in ref ? sql`id = ${ref.id}` : sql`name = ${ref.name} and user_id = ${ref.user}`}`.execute(
      db,
    )
  ).rows[0]

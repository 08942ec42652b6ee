import type { PasswordChange } from '@esi/api/baremetal/day2'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Conducted } from './conduct-node.ts'

export interface PasswordRow extends Omit<PasswordChange, 'state'> {
  readonly node: string
  /** The node whose change it is, where it is another one's. */
  readonly leader: string | null
  readonly state: Exclude<PasswordChange['state'], 'never'>
  readonly secrets: string | null
  readonly asked_at: Instant
  readonly unsettled_until: Instant | null
  readonly tries: number
}

export const passwordOf = async (db: Kysely<any>, node: string): Promise<PasswordRow | undefined> =>
  (await sql<PasswordRow>`select * from baremetal.bmc_password where node = ${node}`.execute(db)).rows[0]

/** Locks it with its node, which must be locked first. */
export const lockPassword = async (tx: Tx, node: string): Promise<PasswordRow | undefined> =>
  (await sql<PasswordRow>`select * from baremetal.bmc_password where node = ${node} for update`.execute(tx.db)).rows[0]

/**
 * Asks for a change, for a node and for those that share its BMC's account; whatever was before is over. Those that once went with it and
 * do no longer are left to themselves.
 */
export const askPassword = async (tx: Tx, node: string, members: readonly string[], secrets: string): Promise<void> => {
  const { user, project } = tx.origin.by
  await sql`update baremetal.bmc_password set leader = null where leader = ${node}`.execute(tx.db)
  await sql`
    insert into baremetal.bmc_password (node, leader, state, secrets, asked_at, "user", project)
    select uuid, nullif(${node}::uuid, uuid), 'asked', ${secrets}, ${tx.at}, ${user ?? null}, ${project ?? null}
    from unnest(${[node, ...members]}::uuid[]) as asked (uuid)
    on conflict (node) do update set leader = excluded.leader, state = 'asked', secrets = excluded.secrets, asked_at = excluded.asked_at,
      "user" = excluded."user", project = excluded.project, began_at = null, unsettled_until = null, tries = 0, done_at = null,
      error = null`.execute(tx.db)
}

/** The nodes for which a node's change is made too. */
export const membersOf = async (db: Kysely<any>, node: string): Promise<readonly string[]> =>
  (await sql<{ node: string }>`select node from baremetal.bmc_password where leader = ${node} order by node`.execute(db)).rows.map(
    row => row.node,
  )

/** The node goes away by which they are changed: each of them goes on by itself. */
export const handOnPassword = async (tx: Tx, node: string): Promise<void> => {
  for (const member of await membersOf(tx.db, node)) tx.wake('bmc-password', member)
}

export type PasswordValues = Partial<
  Pick<PasswordRow, 'leader' | 'state' | 'secrets' | 'began_at' | 'unsettled_until' | 'tries' | 'done_at' | 'error'>
>

/** Of a node's change, for all nodes that it is made for. */
export const changePassword = async (tx: Tx, node: string, values: PasswordValues): Promise<void> => {
  const sets = Object.entries(values).map(([column, value]) => sql`${sql.ref(column)} = ${value}`)
  await sql`update baremetal.bmc_password set ${sql.join(sets)} where node = ${node} or leader = ${node}`.execute(tx.db)
}

/** Whose a node is while its BMC's account is changed: nobody else does anything with it. Null: everybody's again. */
export const reserve = async (tx: Tx, node: string, host: string | null): Promise<void> => {
  await sql`update baremetal.node set reservation = ${host}, updated_at = ${tx.at} where uuid = ${node}`.execute(tx.db)
}

/** Where a row's BMC is, however its address is written: without scheme and path, with the port where it is not the usual one. */
const bmcOf = (row: string) => {
  const info = (key: string) => sql`${sql.ref(`${row}.driver_info`)} ->> ${key}`
  const host = (text: ReturnType<typeof sql>) => sql`split_part(regexp_replace(lower(${text}), '^[a-z]+://', ''), '/', 1)`
  return sql`coalesce(
    regexp_replace(${host(info('redfish_address'))}, ':443$', ''),
    ${host(info('ipmi_address'))} || coalesce(':' || nullif(${info('ipmi_port')}, '623'), ''))`
}

/** The other nodes whose BMC is the same: some manage several machines. In their order of locking. */
export const besideAtBmc = async (db: Kysely<any>, node: string): Promise<readonly Conducted[]> =>
  (
    await sql<Conducted>`
      select other.* from baremetal.node me join baremetal.node other on other.uuid <> me.uuid and ${bmcOf('other')} = ${bmcOf('me')}
      where me.uuid = ${node} order by other.uuid`.execute(db)
  ).rows

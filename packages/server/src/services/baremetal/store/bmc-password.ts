import type { PasswordChange } from '@esi/api/baremetal/day2'
import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

export interface PasswordRow extends Omit<PasswordChange, 'state'> {
  readonly node: string
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

/** Asks for a change; whatever was before is over. */
export const askPassword = async (tx: Tx, node: string, secrets: string): Promise<void> => {
  const { user, project } = tx.origin.by
  await sql`
    insert into baremetal.bmc_password (node, state, secrets, asked_at, "user", project)
    values (${node}, 'asked', ${secrets}, ${tx.at}, ${user ?? null}, ${project ?? null})
    on conflict (node) do update set state = 'asked', secrets = excluded.secrets, asked_at = excluded.asked_at, "user" = excluded."user",
      project = excluded.project, began_at = null, unsettled_until = null, tries = 0, done_at = null, error = null`.execute(tx.db)
}

export type PasswordValues = Partial<
  Pick<PasswordRow, 'state' | 'secrets' | 'began_at' | 'unsettled_until' | 'tries' | 'done_at' | 'error'>
>

export const changePassword = async (tx: Tx, node: string, values: PasswordValues): Promise<void> => {
  const sets = Object.entries(values).map(([column, value]) => sql`${sql.ref(column)} = ${value}`)
  await sql`update baremetal.bmc_password set ${sql.join(sets)} where node = ${node}`.execute(tx.db)
}

/** Whose a node is while its BMC's account is changed: nobody else does anything with it. Null: everybody's again. */
export const reserve = async (tx: Tx, node: string, host: string | null): Promise<void> => {
  await sql`update baremetal.node set reservation = ${host}, updated_at = ${tx.at} where uuid = ${node}`.execute(tx.db)
}

/** How many other nodes are reached by the same account of the same BMC: some manage several machines. */
export const sharingAccount = async (db: Kysely<any>, node: string, username: string): Promise<number> => {
  const bmc = (row: string) =>
    sql`lower(rtrim(coalesce(${sql.ref(`${row}.driver_info`)} ->> 'redfish_address',
      ${sql.ref(`${row}.driver_info`)} ->> 'ipmi_address' || ':' || coalesce(${sql.ref(`${row}.driver_info`)} ->> 'ipmi_port', '623')), '/'))`
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from baremetal.node me join baremetal.node other on other.uuid <> me.uuid and other.driver = me.driver
      and ${bmc('other')} = ${bmc('me')} and other.driver_info ->> ${username} is not distinct from me.driver_info ->> ${username}
    where me.uuid = ${node}`.execute(db)
  return rows[0]!.n
}

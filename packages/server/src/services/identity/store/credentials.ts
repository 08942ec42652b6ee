import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store } from '../../../kit/resource/view.ts'
import { refuse } from '../errors.ts'
import { col, extra } from './columns.ts'

export const credentials: Store = tableStore(
  {
    name: 'identity.credential',
    id: 'id',
    columns: ['id', 'user_id', 'project_id', 'type', 'sealed'],
    extra: 'extra',
    other: ['blob'],
    times: true,
    refuse,
  },
  {
    from: sql`identity.credential c`,
    columns: col('c', 'id', 'user_id', 'project_id', 'type'),
    inner: { ...extra('c'), sealed: sql`c.sealed` },
    visible: who => sql`c.user_id = ${who.user_id}`,
  },
)

/** What a token that was lent is shown. */
export const noCredentials: readonly RawBuilder<unknown>[] = [sql`false`]

export interface Ec2Row {
  readonly id: string
  readonly user_id: string
  readonly project_id: string | null
  readonly sealed: string
}

const columns = sql`id, user_id, project_id, sealed from identity.credential where type = 'ec2'`

export const findEc2 = async (db: Kysely<any>, id: string): Promise<Ec2Row | undefined> =>
  (await sql<Ec2Row>`select ${columns} and id = ${id}`.execute(db)).rows[0]

export const listEc2 = async (db: Kysely<any>, user: string): Promise<Ec2Row[]> =>
  (await sql<Ec2Row>`select ${columns} and user_id = ${user} order by created_at, id`.execute(db)).rows

export const insertEc2 = async (db: Kysely<any>, row: Ec2Row, at: Instant): Promise<void> => {
  await sql`insert into identity.credential (id, user_id, project_id, type, sealed, created_at)
    values (${row.id}, ${row.user_id}, ${row.project_id}, 'ec2', ${row.sealed}, ${at})`.execute(db)
}

export const deleteCredential = async (db: Kysely<any>, id: string): Promise<boolean> =>
  (await sql`delete from identity.credential where id = ${id} returning 1`.execute(db)).rows.length > 0

/** The sealed secrets of a user's devices for passcodes. */
export const totpSecrets = async (db: Kysely<any>, user: string): Promise<string[]> =>
  (await sql<{ sealed: string }>`select sealed from identity.credential where user_id = ${user} and type = 'totp'`.execute(db)).rows.map(
    row => row.sealed,
  )

import { type Kysely, sql } from 'kysely'
import type { Conducted } from './conduct-node.ts'

/** Nodes of these groups whose BMC has been verified once, so that there is something to compare. */
export const verifiedIn = async (db: Kysely<any>, groups: readonly string[]): Promise<readonly Conducted[]> =>
  (
    await sql<Conducted>`
      select * from baremetal.node where provision_state <> 'enroll' and conductor_group = any(${[...groups]}::text[]) order by name, uuid`.execute(
      db,
    )
  ).rows

import { sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

/** What a request may want of a node. The conductor takes a part away once it is done, if its `intent` is still the same. */
export interface Wanted {
  readonly power?: {
    readonly action: 'on' | 'off' | 'reboot' | 'soft off' | 'soft reboot'
    readonly timeout: number | null
    readonly intent: number
  }
  readonly provision?: {
    readonly verb: string
    readonly clean_steps?: readonly Readonly<Record<string, unknown>>[]
    readonly deploy_steps?: readonly Readonly<Record<string, unknown>>[]
    readonly service_steps?: readonly Readonly<Record<string, unknown>>[]
    /** Steps that are done; the conductor counts them. */
    readonly at?: number
    readonly disable_ramdisk?: boolean
    readonly intent: number
  }
  readonly boot_mode?: { readonly to: 'uefi' | 'bios'; readonly intent: number }
  readonly secure_boot?: { readonly to: boolean; readonly intent: number }
}

const STATE = [
  'target_power_state',
  'provision_state',
  'target_provision_state',
  'provision_updated_at',
  'last_error',
  'fault',
  'clean_step',
  'deploy_step',
  'service_step',
] as const

export type StateColumns = Partial<Record<(typeof STATE)[number], string | null>>

/** Adds a wish to a locked node, numbered by its `intent`, and writes states along with it. */
export const writeIntent = async (
  tx: Tx,
  node: string,
  wish: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>,
  states: StateColumns = {},
): Promise<void> => {
  const sets = Object.entries(states).map(([column, value]) => {
    if (!(STATE as readonly string[]).includes(column)) throw new Error(`no state column: ${column}`)
    return sql`${sql.ref(column)} = ${value}`
  })
  // A wish of null takes the one that is there away.
  const parts = Object.entries(wish).filter(([, part]) => part !== null)
  const gone = Object.keys(wish).filter(name => wish[name] === null)
  const added = JSON.stringify(Object.fromEntries(parts))
  await sql`
    update baremetal.node set intent = intent + 1, updated_at = ${tx.at},
      wanted = (wanted - ${gone}::text[]) || (
        select coalesce(jsonb_object_agg(key, value || jsonb_build_object('intent', intent + 1)), '{}') from jsonb_each(${added}::jsonb)
      )
      ${sets.length > 0 ? sql`, ${sql.join(sets)}` : sql``}
    where uuid = ${node}`.execute(tx.db)
}

/** Maintenance and its reason. */
export const writeMaintenance = async (tx: Tx, node: string, on: boolean, reason: string | null): Promise<void> => {
  await sql`
    update baremetal.node set maintenance = ${on}, maintenance_reason = ${reason}, fault = case when ${on} then fault end, updated_at = ${tx.at}
    where uuid = ${node}`.execute(tx.db)
}

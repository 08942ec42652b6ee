import type { Instant } from '@esi/api/time'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import { LOOKUP } from '../domain/agent.ts'
import type { Flash } from '../domain/flash.ts'
import type { PowerNotes } from '../domain/power.ts'
import type { Release } from '../domain/provision.ts'
import type { Hand, Lent } from '../domain/tenancy.ts'
import { writeHistory } from './history.ts'
import type { Wanted } from './intent.ts'

export type Values = Readonly<Record<string, unknown>>

/** The conductor's notes; `state` is the one that they were made in. */
export interface Notes {
  readonly state: string
  /** Tries that failed, and why the last one did. */
  readonly tries?: number
  readonly error?: string
  /** Since when tries fail, one after the other. */
  readonly troubled?: Instant
  readonly power?: PowerNotes
  /** Until when a step waits. */
  readonly until?: Instant
  /** What a step that takes several looks has noted. */
  readonly job?: Values
}

/** A node as its conductor knows it. */
export interface Conducted {
  readonly uuid: string
  readonly name: string | null
  readonly owner: string | null
  readonly lessee: string | null
  readonly lessee_by: Hand | null
  readonly lease: string | null
  readonly lease_end: Instant | null
  readonly driver: string
  readonly driver_info: Values
  readonly driver_secrets: string | null
  readonly driver_internal_info: Values
  readonly properties: Values
  readonly extra: Values
  readonly instance_info: Values
  readonly instance_uuid: string | null
  readonly resource_class: string | null
  readonly conductor_group: string
  readonly automated_clean: boolean | null
  readonly protected: boolean
  readonly retired: boolean
  readonly disable_power_off: boolean
  readonly wanted: Wanted
  readonly intent: number
  readonly power_state: string | null
  readonly target_power_state: string | null
  readonly power_seen_at: Instant | null
  readonly power_failures: number
  readonly provision_state: string
  readonly target_provision_state: string | null
  readonly provision_updated_at: Instant | null
  /** Who has it for something that allows nothing else. */
  readonly reservation: string | null
  readonly last_error: string | null
  readonly fault: string | null
  readonly maintenance: boolean
  readonly maintenance_reason: string | null
  readonly clean_step: Values | null
  readonly deploy_step: Values | null
  readonly service_step: Values | null
  readonly boot_mode: string | null
  readonly secure_boot: boolean | null
  readonly clean_proof: Readonly<Record<string, string>> | null
  readonly clean_at: Instant | null
  readonly release: Release | null
  readonly notes: Notes | null
  readonly unsettled_until: Instant | null
  readonly stuck_at: Instant | null
  readonly lent: Lent | null
  readonly inspect_interface: string | null
  readonly flash: Flash | null
  readonly raid_config: Values
  readonly console_enabled: boolean
  readonly target_raid_config: Values
  readonly inspection_started_at: Instant | null
  readonly inspection_finished_at: Instant | null
  readonly created_at: Instant
}

const JSON_COLUMNS = new Set([
  'driver_info',
  'driver_internal_info',
  'properties',
  'extra',
  'instance_info',
  'network_data',
  'clean_step',
  'deploy_step',
  'service_step',
  'wanted',
  'clean_proof',
  'release',
  'notes',
  'lent',
  'flash',
  'raid_config',
  'target_raid_config',
])

export const conducted = async (db: Kysely<any>, uuid: string): Promise<Conducted | undefined> =>
  (await sql<Conducted>`select * from baremetal.node where uuid = ${uuid}`.execute(db)).rows[0]

/** Locks it, so that what is judged is what is changed. */
export const lockConducted = async (tx: Tx, uuid: string): Promise<Conducted | undefined> => {
  tx.later(sql`select 1 from baremetal.node where uuid = ${uuid} for no key update`)
  return conducted(tx.db, uuid)
}

/** The group whose conductors serve it; null when it is gone. */
export const groupOf = async (db: Kysely<any>, uuid: string): Promise<string | null> =>
  (await sql<{ g: string }>`select conductor_group as g from baremetal.node where uuid = ${uuid}`.execute(db)).rows[0]?.g ?? null

/** What whoever has the node may read of a change, before and after: nothing that tells how its BMC is reached. */
const TOLD = [
  'power_state',
  'target_power_state',
  'provision_state',
  'target_provision_state',
  'maintenance',
  'maintenance_reason',
  'fault',
  'lessee',
  'boot_mode',
  'secure_boot',
  'instance_uuid',
  'console_enabled',
] as const

/**
 * Changes a locked node, and tells of it: an event of what others see, and a line of history for every state that it enters, with
 * the time it was in the last one.
 */
export const change = async (tx: Tx, node: Conducted, given: Readonly<Partial<Conducted> & Values>): Promise<void> => {
  const row = node as unknown as Values
  const moved = given.provision_state !== undefined && given.provision_state !== node.provision_state
  const values: Values = {
    ...given,
    // A ramdisk is one for what was done just now, and its token is worth nothing for what is done next.
    ...(moved && !LOOKUP.includes(given.provision_state!) ? { agent_token: null } : {}),
    ...(moved ? { provision_updated_at: tx.at, stuck_at: null, ...('notes' in given ? {} : { notes: null }) } : {}),
    updated_at: tx.at,
  }
  const sets = Object.entries(values).map(([column, value]): RawBuilder<unknown> => {
    if (!JSON_COLUMNS.has(column)) return sql`${sql.ref(column)} = ${value}`
    return sql`${sql.ref(column)} = ${value === null ? null : JSON.stringify(value)}::jsonb`
  })
  tx.later(sql`update baremetal.node set ${sql.join(sets)} where uuid = ${node.uuid}`)
  const fields = TOLD.filter(field => values[field] !== undefined && values[field] !== row[field])
  if (fields.length > 0)
    tx.emit('baremetal', {
      type: 'baremetal.node.updated',
      ...about(node, values['lessee']),
      data: { fields, before: pick(row, fields), after: pick(values, fields) },
    })
  if (!moved) return
  // Whoever leads it out of the pool waits for that.
  if (given['retired'] ?? node.retired) tx.wake('retirement', node.uuid)
  const error = typeof given.last_error === 'string' ? given.last_error : undefined
  await writeHistory(tx, node.uuid, {
    severity: error === undefined ? 'INFO' : 'ERROR',
    type: 'provisioning',
    event: error ?? `Node is now in state "${given.provision_state}".`,
    state: node.provision_state,
    target_provision_state: node.target_provision_state,
    ...(node.provision_updated_at === null ? {} : { duration_seconds: seconds(node.provision_updated_at, tx.at) }),
  })
}

const seconds = (from: Instant, to: Instant): number =>
  Math.min(2 ** 31 - 1, Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)))

const pick = (row: Values, fields: readonly string[]): Values => Object.fromEntries(fields.map(field => [field, row[field] ?? null]))

/** Whom an event of a node is about and for. A further project is one that has it no more, or has it from now on. */
export const about = (node: Pick<Conducted, 'uuid' | 'name' | 'owner' | 'lessee'>, further?: unknown) => ({
  object: { type: 'node', id: node.uuid, name: node.name },
  projects: [node.owner, node.lessee, further].filter(p => typeof p === 'string'),
})

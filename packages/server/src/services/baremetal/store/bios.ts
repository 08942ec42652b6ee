import type { Instant } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'

export interface BiosSetting {
  readonly name: string
  readonly value: string | null
  /** What the machine's registry tells of it, in the words of the API. */
  readonly registry: Readonly<Record<string, unknown>>
  readonly created_at: Instant
  readonly updated_at: Instant | null
}

export const biosOf = async (db: Kysely<any>, node: string): Promise<BiosSetting[]> =>
  (
    await sql<BiosSetting>`select name, value, registry, created_at, updated_at from baremetal.bios_setting where node = ${node} order by name`.execute(
      db,
    )
  ).rows

export interface FoundSetting {
  readonly name: string
  readonly value: string | null
  readonly registry?: Readonly<Record<string, unknown>>
}

/** What the machine has from now on: these settings and no others. */
export const applyBios = async (tx: Tx, node: string, settings: readonly FoundSetting[]): Promise<void> => {
  const last = new Map(settings.map(s => [s.name, s.value]))
  const registry = new Map(settings.map(s => [s.name, JSON.stringify(s.registry ?? {})]))
  await sql`delete from baremetal.bios_setting where node = ${node} and name <> all(${[...last.keys()]}::text[])`.execute(tx.db)
  await sql`
    insert into baremetal.bios_setting (node, name, value, registry, created_at)
    select ${node}, s.name, s.value, s.registry, ${tx.at}
    from unnest(${[...last.keys()]}::text[], ${[...last.values()]}::text[], ${[...registry.values()]}::jsonb[]) s(name, value, registry)
    on conflict (node, name) do update set value = excluded.value, registry = excluded.registry, updated_at = excluded.created_at
    where (bios_setting.value, bios_setting.registry) is distinct from (excluded.value, excluded.registry)`.execute(tx.db)
}

export const resetBios = async (tx: Tx, node: string): Promise<void> => {
  await sql`delete from baremetal.bios_setting where node = ${node}`.execute(tx.db)
}

export interface Component {
  readonly component: string
  readonly initial_version: string
  readonly current_version: string
  readonly last_version_flashed: string | null
  readonly vendor: string | null
  readonly model: string | null
  readonly created_at: Instant
  readonly updated_at: Instant | null
}

export const firmwareOf = async (db: Kysely<any>, node: string): Promise<Component[]> =>
  (
    await sql<Component>`select component, initial_version, current_version, last_version_flashed, vendor, model, created_at, updated_at
      from baremetal.firmware_component where node = ${node} order by component`.execute(db)
  ).rows

/** What the machine says that it runs; the version that was seen first stays. */
export const noteFirmware = async (
  tx: Tx,
  node: string,
  found: readonly {
    readonly component: string
    readonly version: string | null
    /** Left out where it is not known anew. */
    readonly vendor?: string | null
    readonly model?: string | null
    /** It was written by us just now. */
    readonly flashed?: boolean
  }[],
): Promise<void> => {
  for (const { component, version, vendor, model, flashed } of found) {
    if (version === null) continue
    await sql`
      insert into baremetal.firmware_component (node, component, initial_version, current_version, last_version_flashed, vendor, model, created_at)
      values (${node}, ${component}, ${version}, ${version}, ${flashed ? version : null}, ${vendor ?? null}, ${model ?? null}, ${tx.at})
      on conflict (node, component) do update set current_version = excluded.current_version,
        last_version_flashed = coalesce(excluded.last_version_flashed, firmware_component.last_version_flashed),
        vendor = coalesce(excluded.vendor, firmware_component.vendor), model = coalesce(excluded.model, firmware_component.model),
        updated_at = excluded.created_at
      where excluded.last_version_flashed is not null or excluded.current_version <> firmware_component.current_version
        or coalesce(excluded.vendor, firmware_component.vendor) is distinct from firmware_component.vendor
        or coalesce(excluded.model, firmware_component.model) is distinct from firmware_component.model`.execute(tx.db)
  }
}

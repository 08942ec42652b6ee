import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../db/transaction.ts'
import type { Item, Store, View } from './view.ts'

export interface Table {
  /** With its schema: `baremetal.chassis`. */
  readonly name: string
  /** The key column. */
  readonly id: string
  /** Fields that are columns of this table, where the column's name differs; all other fields of the view are not written. */
  readonly columns: readonly string[]
  /** Columns of type jsonb: pg would send a list as a PostgreSQL array. */
  readonly json?: readonly string[]
  /** Has `created_at` and `updated_at`. */
  readonly times?: boolean
  readonly refuse?: (error: unknown, draft: Readonly<Item>) => Error | undefined
}

/** A store for a resource that is one table: what its fields say is what is written. */
export const tableStore = (table: Table, view: View): Store => {
  const value = (column: string, v: unknown): RawBuilder<unknown> =>
    v === undefined ? sql`default` : table.json?.includes(column) ? sql`${v === null ? null : JSON.stringify(v)}::jsonb` : sql`${v}`
  const name = sql.table(table.name)
  const key = sql.ref(table.id)
  return {
    view,
    async insert(tx: Tx, draft: Item) {
      const row: Item = { ...draft, ...(table.times ? { created_at: tx.at } : {}) }
      const columns = [...table.columns.filter(c => row[c] !== undefined), ...(table.times ? ['created_at'] : [])]
      await sql`insert into ${name} (${sql.join(columns.map(c => sql.ref(c)))}) values (${sql.join(columns.map(c => value(c, row[c])))})`.execute(
        tx.db,
      )
    },
    async lock(tx, id) {
      await sql`select 1 from ${name} where ${key} = ${id} for no key update`.execute(tx.db)
    },
    async update(tx, id, values) {
      const columns = table.columns.filter(c => values[c] !== undefined)
      const sets = columns.map(c => sql`${sql.ref(c)} = ${value(c, values[c])}`)
      if (table.times) sets.push(sql`updated_at = ${tx.at}`)
      if (sets.length > 0) await sql`update ${name} set ${sql.join(sets)} where ${key} = ${id}`.execute(tx.db)
    },
    async remove(tx, id) {
      await sql`delete from ${name} where ${key} = ${id}`.execute(tx.db)
    },
    ...(table.refuse ? { refuse: table.refuse } : {}),
  }
}

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
  /** The jsonb column of what no field takes, for resources that keep it. */
  readonly extra?: string
  /** Fields that are neither columns nor to be kept there: the behaviour deals with them. */
  readonly other?: readonly string[]
  /** Has `created_at` and `updated_at`. */
  readonly times?: boolean
  readonly refuse?: (error: unknown, draft: Readonly<Item>) => Error | undefined
}

/** A store for a resource that is one table: what its fields say is what is written. */
export const tableStore = (table: Table, view: View): Store => {
  const value = (column: string, v: unknown): RawBuilder<unknown> =>
    v === undefined
      ? sql`default`
      : column === table.extra || table.json?.includes(column)
        ? sql`${v === null ? null : JSON.stringify(v)}::jsonb`
        : sql`${v}`
  const name = sql.table(table.name)
  const key = sql.ref(table.id)
  const { extra } = table
  const unknown = (values: Readonly<Item>): Item =>
    Object.fromEntries(
      Object.entries(values).filter(
        ([field]) => !Object.hasOwn(view.columns, field) && !table.columns.includes(field) && !table.other?.includes(field),
      ),
    )
  return {
    view,
    keeps: table.columns,
    async insert(tx: Tx, draft: Item) {
      const row: Item = { ...draft, ...(table.times ? { created_at: tx.at } : {}), ...(extra ? { [extra]: unknown(draft) } : {}) }
      const columns = [
        ...table.columns.filter(c => row[c] !== undefined),
        ...(table.times ? ['created_at'] : []),
        ...(extra ? [extra] : []),
      ]
      await sql`insert into ${name} (${sql.join(columns.map(c => sql.ref(c)))}) values (${sql.join(columns.map(c => value(c, row[c])))})`.execute(
        tx.db,
      )
    },
    lock(tx, id) {
      tx.later(sql`select 1 from ${name} where ${key} = ${id} for no key update`)
    },
    async update(tx, id, values) {
      const columns = table.columns.filter(c => values[c] !== undefined)
      const sets = columns.map(c => sql`${sql.ref(c)} = ${value(c, values[c])}`)
      const more = extra ? unknown(values) : {}
      if (extra && Object.keys(more).length > 0) sets.push(sql`${sql.ref(extra)} = ${sql.ref(extra)} || ${JSON.stringify(more)}::jsonb`)
      if (table.times) sets.push(sql`updated_at = ${tx.at}`)
      if (sets.length > 0) await sql`update ${name} set ${sql.join(sets)} where ${key} = ${id}`.execute(tx.db)
    },
    async remove(tx, id) {
      await sql`delete from ${name} where ${key} = ${id}`.execute(tx.db)
    },
    ...(table.refuse ? { refuse: table.refuse } : {}),
  }
}

import type { RawBuilder } from 'kysely'
import type { Credentials } from '../auth/caller.ts'
import type { Tx } from '../db/transaction.ts'

export type Item = Record<string, unknown>

/** What of a request may stand in a text that the database writes: expressions, so that the statement is the same for every request. */
export interface Asked {
  /** The address under which the client reaches the service, as it stands within a JSON string. */
  readonly base: RawBuilder<unknown>
  readonly at: RawBuilder<unknown>
}

/** What a store tells of one resource for reading: where rows come from, what each field is there, and which rows are whose. */
export interface View {
  /** `sql\`baremetal.node n left join …\``. */
  readonly from: RawBuilder<unknown>
  /** An SQL expression for every field that is no `computed` one. */
  readonly columns: Readonly<Record<string, RawBuilder<unknown>>>
  /** Further expressions that hooks need and clients never see, by name. */
  readonly inner?: Readonly<Record<string, RawBuilder<unknown>>>
  /**
   * `computed` fields that the database can write as well as the `compute` hook: an expression for a member's JSON text, made of the
   * page's columns, inner ones too (`of`).
   */
  readonly written?: Readonly<Record<string, (of: (name: string) => RawBuilder<unknown>, asked: Asked) => RawBuilder<unknown>>>
  /** True for the rows that are this caller's; asked when the caller may not list everybody's. */
  visible(who: Credentials): RawBuilder<unknown>
  /** The condition that a list's query parameter means, for the resource's declared `queries`. */
  readonly queries?: Readonly<Record<string, (value: any, who: Credentials) => RawBuilder<unknown>>>
  /** Holds for every row that exists for clients (`deleted_at is null`). */
  readonly always?: RawBuilder<unknown>
  /** How rows are ordered when nobody says how; the identifier comes last in any case. */
  readonly order?: readonly { readonly field: string; readonly dir: 'asc' | 'desc' }[]
}

/** What a store does for writing. The engine reads the row back through the view, in the same transaction. */
export interface Store {
  readonly view: View
  /** Names of what it writes: those that are no fields are written by hooks, never by clients. */
  readonly keeps?: readonly string[]
  insert?(tx: Tx, draft: Item): Promise<void>
  /** Locks the row before what is asked next, so that what is judged is what is changed. */
  lock(tx: Tx, id: string): void
  update?(tx: Tx, id: string, values: Readonly<Item>): Promise<void>
  remove?(tx: Tx, id: string): Promise<void>
  /** A database error as what the client did wrong: a unique name taken, a row still in use. */
  refuse?(error: unknown, draft: Readonly<Item>): Error | undefined
}

import type { Change } from '@esi/api/dialect'
import type { Tx } from '../db/transaction.ts'
import type { Context } from '../http/route.ts'
import type { Item } from './view.ts'

/** The hand-written part of a resource. What needs a sixth hook is a plain route. */
export interface Behaviour {
  /**
   * Completes a draft by what ties it to projects, before rights are asked. Only for a resource that another row ties (its
   * relations are `inner` expressions of the view); throws where that row is not one to put things on.
   */
  ties?(draft: Item, context: Context): Promise<void> | void
  /** Completes or refuses a draft before it is written. Runs in the transaction; may ask the database, never the world. */
  prepare?(draft: Item, context: Context, tx: Tx): Promise<void> | void
  /** Judges changes against the locked row; may add to or refuse `values`. */
  beforeUpdate?(current: Readonly<Item>, values: Item, context: Context, tx: Tx, changes: readonly Change[]): Promise<void> | void
  beforeDelete?(current: Readonly<Item>, context: Context, tx: Tx): Promise<void> | void
  /**
   * Fills `computed` fields and no others, for a whole page at once; `fields` are those that are going to be shown. A row of a list
   * has its identifier, its relations and what is `inner`; of its other columns nothing can be counted on.
   */
  compute?(rows: Item[], context: Context, fields: readonly string[]): Promise<void> | void
  /** Replaces the delete by something else than the row's end (a cancellation, say); it then says what it did with its own event. */
  remove?(current: Readonly<Item>, context: Context, tx: Tx): Promise<void>
}

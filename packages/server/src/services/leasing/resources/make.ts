import { Refused } from '@esi/api/dialect'
import { Replayed, type Tx } from '../../../kit/db/transaction.ts'
import type { Context, Reply } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { isTaken } from '../store/calendar/book.ts'
import type { World } from '../world.ts'

/** How to come by the row that was made, once it is written. */
export type Made = () => Promise<Item>

/**
 * Makes something that takes time on a calendar: `work` locks, looks and writes, and gives the row if the writing gives it; what
 * the database refuses is explained by `taken`.
 * `complete` works out within the transaction what the answer shows beside the row, so that a dry run shows it too.
 */
export const make = async (
  world: World,
  engine: Engine,
  context: Context,
  uuid: string,
  work: (tx: Tx) => Promise<Made | undefined>,
  taken: () => Promise<Refused>,
  complete?: (row: Item, tx: Tx) => Promise<void>,
): Promise<Reply> => {
  const answer = async (row: Item): Promise<Reply> => ({
    status: 201,
    body: await engine.reply(context, row),
    headers: { Location: `${context.wire.base}${engine.r.path}/${String(row[engine.r.id])}` },
  })
  try {
    const made = await world.kit.database.transaction(context, async tx => {
      await tx.once(uuid)
      const given = await work(tx)
      if (given && !complete) return given
      const row = given ? await given() : (await engine.read(tx.db, uuid))!
      await complete?.(row, tx)
      return async () => row
    })
    return await answer(await made())
  } catch (e) {
    if (isTaken(e)) throw await taken()
    if (!(e instanceof Replayed)) throw e
    const row = await engine.read(world.kit.database.db, e.object)
    if (!row) throw new Refused('gone', `This request was carried out before; the ${engine.r.name} ${e.object} that it made is gone.`)
    return answer(row)
  }
}

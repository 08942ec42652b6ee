import { livingLeases, livingOffers } from '@esi/api/leasing/states'
import { isUuid } from '@esi/api/types'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { selection } from '../../../kit/resource/page.ts'
import type { Item, View } from '../../../kit/resource/view.ts'

/**
 * The rows that an identifier or a name means. A name is looked up only among what may be seen (`visible`), and means what lives
 * before what has ended; of those that have ended it means the latest. `more`: further columns, each with a comma before it.
 */
export const rowsOf = async (
  db: Kysely<any>,
  view: View,
  alias: 'o' | 'l',
  ident: string,
  visible: RawBuilder<unknown> | undefined,
  more: RawBuilder<unknown> = sql``,
): Promise<{ readonly rows: Item[]; readonly by: 'uuid' | 'name' }> => {
  const wanted = selection(view, Object.keys(view.columns))
  const column = (name: string) => sql.ref(`${alias}.${name}`)
  if (isUuid(ident)) {
    const { rows } = await sql<Item>`select ${wanted}${more} from ${view.from} where ${column('uuid')} = ${ident}`.execute(db)
    return { rows, by: 'uuid' }
  }
  const living: readonly string[] = alias === 'o' ? livingOffers : livingLeases
  const { rows } = await sql<Item>`
    select ${wanted}${more}, ${column('status')} = any(${living}::text[]) as living from ${view.from}
    where ${column('name')} = ${ident} ${visible ? sql`and (${visible})` : sql``}
    order by living desc, ${column('created_at')} desc limit 3`.execute(db)
  const alive = rows.filter(row => row['living'])
  for (const row of rows) delete row['living']
  return { rows: alive.length > 0 ? alive : rows.slice(0, 1), by: 'name' }
}

import { type RawBuilder, sql } from 'kysely'

/** Ironic's pair of links to a row, or to something below it, as JSON text; see `links` in ../links.ts. */
export const linksText = (base: RawBuilder<unknown>, noun: string, id: RawBuilder<unknown>, below = ''): RawBuilder<unknown> =>
  sql`('[{"href":"' || ${base} || ${sql.lit(`/v1/${noun}/`)} || ${id} || ${sql.lit(`${below}","rel":"self"},{"href":"`)} || ${base} || ${sql.lit(`/${noun}/`)} || ${id} || ${sql.lit(`${below}","rel":"bookmark"}]`)})`

import { type RawBuilder, sql } from 'kysely'

/** Ironic's pair of links to a row, or to something below it, as JSON text; see `links` in ../links.ts. */
export const linksText = (base: string, noun: string, id: RawBuilder<unknown>, below = ''): RawBuilder<unknown> => {
  const root = JSON.stringify(base).slice(1, -1)
  const end = sql.lit(below)
  return sql`(${`[{"href":"${root}/v1/${noun}/`}::text || ${id} || ${end} || '","rel":"self"},{"href":"' || ${`${root}/${noun}/`}::text || ${id} || ${end} || '","rel":"bookmark"}]')`
}

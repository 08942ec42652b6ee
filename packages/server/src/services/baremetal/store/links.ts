import { type RawBuilder, sql } from 'kysely'

/** Ironic's pair of links to a row, or to something below it, as JSON text; see `links` in ../links.ts. */
export const linksText = (base: string, noun: string, id: RawBuilder<unknown>, below = ''): RawBuilder<unknown> => {
  const root = JSON.stringify(base).slice(1, -1)
  return sql`concat(${`[{"href":"${root}/v1/${noun}/`}::text, ${id}, ${`${below}","rel":"self"},{"href":"${root}/${noun}/`}::text, ${id}, ${`${below}","rel":"bookmark"}]`}::text)`
}

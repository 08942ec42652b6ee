import { type RawBuilder, sql } from 'kysely'

/** Columns of a view that are called as their fields. */
export const col = (alias: string, ...names: string[]): Record<string, RawBuilder<unknown>> =>
  Object.fromEntries(names.map(name => [name, sql.ref(`${alias}.${name}`)]))

/** What no field takes, of resources that keep it. */
export const extra = (alias: string) => ({ extra: sql.ref(`${alias}.extra`) })

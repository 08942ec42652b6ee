import type { Output } from './command.ts'

/** A list whose columns have titles: `[['UUID', 'uuid'], …]`. */
export const listOf = (columns: readonly (readonly [string, string])[], rows: readonly object[]): Output => ({
  columns: columns.map(([title]) => title),
  names: columns.map(([, field]) => field),
  rows: rows.map(row => columns.map(([, field]) => (row as Record<string, unknown>)[field])),
})

/** One thing with some of its fields, in that order. */
export const oneOf = (fields: readonly string[], thing: object): Output => ({
  fields: fields.map(field => [field, (thing as Record<string, unknown>)[field]] as const),
})

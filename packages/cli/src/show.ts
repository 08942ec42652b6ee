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

/** What a dry run answered: that nothing was changed, and what was not tried. */
export const dryRunNote = (body: unknown): string | undefined => {
  const told = (body as { dry_run?: { not_tried?: readonly unknown[] } } | null | undefined)?.dry_run
  return told
    ? `Nothing was changed. ${(told.not_tried?.length ?? 0) > 0 ? `Not tried: ${JSON.stringify(told.not_tried)}` : 'Nothing outside the database would follow.'}`
    : undefined
}

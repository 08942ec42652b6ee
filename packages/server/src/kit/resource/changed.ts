import type { AnyResource } from '@esi/api/define'
import type { Item } from './view.ts'

/**
 * What differs between two states of a row, as the audit trail keeps it. Secrets are told by name only, and so are fields that not
 * everybody may read who hears of the row.
 */
export const changed = (r: AnyResource, before: Readonly<Item>, after: Readonly<Item>): { fields: string[]; before: Item; after: Item } => {
  const fields = [...Object.keys(r.fields), ...(r.additional ? ['extra'] : [])].filter(
    name =>
      !['created_at', 'updated_at'].includes(name) &&
      !r.fields[name]?.computed &&
      JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null),
  )
  const shown = fields.filter(name => !r.fields[name]?.secret && !r.fields[name]?.read)
  const pick = (row: Readonly<Item>) => Object.fromEntries(shown.filter(name => row[name] !== undefined).map(name => [name, row[name]]))
  return { fields, before: pick(before), after: pick(after) }
}

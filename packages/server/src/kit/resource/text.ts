import type { AnyResource, FieldSpec } from '@esi/api/define'
import type { Instant } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'
import type { Context } from '../http/route.ts'
import { hide, rightsBy } from './present.ts'
import type { Item, View } from './view.ts'

/**
 * Rows of a list as JSON text. What is shown as it is kept is written by the database, a row at a time, and only passes through
 * here; what depends on the caller or on the version is added to each row's text. Measured (bench/lists.ts, pages of 1,000 rows
 * of 60 columns, CPU a page): 30 ms of ours and 17 ms of the database's, instead of 55 and 9 when every column is parsed and
 * written again. One `json_agg` of the same page, with no rights and no links, takes 9 and 23.
 */
export interface TextPlan {
  /** Written by the database. */
  readonly plain: readonly string[]
  readonly added: readonly Added[]
  /** Read apart, for rights and hooks. */
  readonly read: readonly string[]
}

interface Added {
  readonly name: string
  readonly field: FieldSpec
  /** `json`: comes as JSON text, and goes out so to those who may read it. */
  readonly how: 'json' | 'value' | 'computed'
}

export const planText = (r: AnyResource, view: View, fields: readonly string[]): TextPlan => {
  const plain: string[] = []
  const added: Added[] = []
  const read = [...new Set([r.id, ...Object.values(r.relations)])].filter(name => view.columns[name])
  for (const name of fields) {
    const field = r.fields[name]!
    if (field.computed || !view.columns[name]) added.push({ name, field, how: 'computed' })
    else if (field.wire || field.type.name === 'time' || (field.read && read.includes(name))) added.push({ name, field, how: 'value' })
    else if (field.read) added.push({ name, field, how: 'json' })
    else plain.push(name)
  }
  return { plain, added, read }
}

// Names that no field and no inner expression has.
const JSON_TEXT = '{}'
const own = (name: string) => sql.id(`field ${name}`)
const inner = (name: string) => sql.id(`inner ${name}`)

/** What the page itself selects, for `textOf`. */
export const textSelection = (view: View, plan: TextPlan): RawBuilder<unknown> => {
  const names = new Set([...plan.plain, ...plan.added.filter(a => a.how !== 'computed').map(a => a.name), ...plan.read])
  return sql.join([
    ...[...names].map(name => sql`${view.columns[name]!} as ${own(name)}`),
    ...Object.entries(view.inner ?? {}).map(([name, expression]) => sql`${expression} as ${inner(name)}`),
  ])
}

/** Around the page, so that nothing is written of rows that are not on it. */
export const textQuery = (view: View, plan: TextPlan, page: RawBuilder<unknown>): RawBuilder<Item> => {
  const whole = plan.plain.length === 0 ? [] : [sql`row_to_json(shown)::text as ${sql.id(JSON_TEXT)}`]
  const shown =
    plan.plain.length === 0
      ? sql``
      : sql` cross join lateral (select ${sql.join(plan.plain.map(name => sql`page.${own(name)} as ${sql.id(name)}`))}) as shown`
  const columns = [
    ...whole,
    ...plan.read.map(name => sql`page.${own(name)} as ${sql.id(name)}`),
    ...plan.added
      .filter(a => a.how !== 'computed' && !plan.read.includes(a.name))
      .map(a => sql`${a.how === 'json' ? sql`to_json(page.${own(a.name)})::text` : sql`page.${own(a.name)}`} as ${sql.id(a.name)}`),
    ...Object.keys(view.inner ?? {}).map(name => sql`page.${inner(name)} as ${sql.id(name)}`),
  ]
  return sql`select ${sql.join(columns)} from (${page}) as page${shown}`
}

/** The rows as a JSON list. */
export const textOf = (r: AnyResource, rows: readonly Item[], plan: TextPlan, context: Context, time: (at: Instant) => string): string => {
  const guarded = plan.added.filter(a => a.field.read)
  const rights = rightsBy(
    r,
    guarded.map(a => a.field),
    context.may,
  )
  // What nothing depends on is written together: one call for all of them takes a third of the time.
  const bare = plan.added.filter(a => a.how === 'computed' && !a.field.read && !a.field.wire).map(a => a.name)
  const others = plan.added
    .filter(a => !bare.includes(a.name))
    .map(a => ({ key: `,${JSON.stringify(a.name)}:`, guard: guarded.indexOf(a), json: writer(a, context.version, time), ...a }))
  const texts = rows.map(row => {
    const mine = guarded.length === 0 ? undefined : rights(row)
    let text = ''
    for (const { key, guard, json, name, field, how } of others) {
      const value = guard < 0 || mine![guard] ? json(row[name]) : hiddenJson(field, how, row[name])
      if (value !== undefined) text += key + value
    }
    if (bare.length > 0) {
      const told: Item = {}
      for (const name of bare) told[name] = row[name]
      const whole = JSON.stringify(told)
      if (whole.length > 2) text += `,${whole.slice(1, -1)}`
    }
    return plan.plain.length === 0 ? `{${text.slice(1)}}` : `${(row[JSON_TEXT] as string).slice(0, -1)}${text}}`
  })
  return `[${texts.join(',')}]`
}

const writer = ({ field, how }: Added, version: number, time: (at: Instant) => string): ((value: any) => string | undefined) => {
  if (how === 'json') return text => text ?? 'null'
  const { wire } = field
  const timed = how === 'value' && field.type.name === 'time'
  // Times have no character that JSON writes otherwise.
  if (timed && !wire) return value => (value === null ? 'null' : `"${time(value)}"`)
  return value => {
    const told = timed && value !== null ? time(value) : value
    return JSON.stringify(wire ? wire(told, version) : told)
  }
}

const hiddenJson = (field: FieldSpec, how: Added['how'], value: unknown): string | undefined =>
  JSON.stringify(hide(how === 'json' && typeof value === 'string' ? JSON.parse(value) : value, field.read!.hidden))

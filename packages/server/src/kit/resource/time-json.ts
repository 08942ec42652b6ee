import { FOREVER, type TimeForm } from '@esi/api/time'
import { type RawBuilder, sql } from 'kysely'

/**
 * A moment as JSON in a service's form, written by the database. Its own form is the same but for the zeros at the end of a fraction,
 * which it leaves out; only for those the slower way is gone.
 */
export const timeJson = (at: RawBuilder<unknown>, form: TimeForm): RawBuilder<unknown> => {
  const own = sql`to_json(${at} at time zone 'UTC')::text`
  // With its quotes: the length of whole seconds, and of six digits more.
  const lengths = form.zeros ? sql`28` : sql`21, 28`
  const zone = sql.lit(form.zone)
  const digits = form.zeros
    ? sql`'YYYY-MM-DD"T"HH24:MI:SS.US'`
    : sql`case when date_trunc('second', ${at}) = ${at} then 'YYYY-MM-DD"T"HH24:MI:SS' else 'YYYY-MM-DD"T"HH24:MI:SS.US' end`
  return sql`case when ${at} = 'infinity' then to_json(${sql.lit(form(FOREVER))}::text)
    when length(${own}) in (${lengths}) then to_json(substr(${own}, 2, length(${own}) - 2) || ${zone})
    else to_json(to_char(${at} at time zone 'UTC', ${digits}) || ${zone}) end`
}

/**
 * A moment: UTC, ISO 8601 with exactly six digits of fraction and `Z`, for example `2026-11-24T22:14:40.389209Z`.
 * The width is fixed, so text order is time order, and the microseconds that PostgreSQL keeps survive the way through.
 */
export type Instant = string

const EARLIEST: Instant = '0001-01-01T00:00:00.000000Z'

/** What the leasing API says for "no end"; inside the database it is an infinite upper bound. */
export const FOREVER: Instant = '9999-12-31T23:59:59.999999Z'

// Date, then optionally a time, a fraction and a zone. PostgreSQL's own text form (`2027-01-01 00:00:00+00`) is read too.
const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Reads a time. Without a zone it is UTC; an offset is honoured. `undefined` for what is no time. */
export const instant = (text: string): Instant | undefined => {
  const m = FORM.exec(text.trim())
  if (!m) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = m
  if (Number(month) < 1 || Number(month) > 12 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // 31 April rolls over to May: not a time that anyone meant.
  if (Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day)) return undefined
  const shift = offset(zone)
  if (shift === undefined) return undefined
  const moved = shift === 0 ? at : new Date(at.getTime() - shift * 60_000)
  const whole = moved.toISOString()
  if (whole.length !== 24 || whole.startsWith('0000')) return undefined // years below 1 or above 9999
  return `${whole.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

const offset = (zone: string): number | undefined => {
  if (zone === 'Z' || zone === 'z') return 0
  const digits = zone.slice(1).replace(':', '')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2) || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

/** Milliseconds since 1970; the microseconds below are cut. */
export const toMillis = (at: Instant): number => Date.parse(at)

/** What is before the year 1 or after 9999 becomes the first or the last moment of all. */
export const fromMillis = (millis: number): Instant => {
  if (millis <= Date.parse(EARLIEST)) return EARLIEST
  if (millis >= Date.parse(FOREVER)) return FOREVER
  return `${new Date(millis).toISOString().slice(0, 23)}000Z`
}

/** A later (or, with a negative number, earlier) moment; the microseconds are kept. */
export const plus = (at: Instant, millis: number): Instant => {
  if (at === FOREVER) return FOREVER
  const moved = fromMillis(toMillis(at) + millis)
  return moved === FOREVER ? FOREVER : `${moved.slice(0, 23)}${at.slice(23)}`
}

export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b)
export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b)

/** How a service writes moments: a function, and what a database needs to know to write the same. */
export interface TimeForm {
  (at: Instant): string
  /** Behind the last digit. */
  readonly zone: '' | 'Z' | '+00:00'
  /** A fraction of nothing but zeros is written too. */
  readonly zeros: boolean
}

const form = (zone: TimeForm['zone'], zeros: boolean): TimeForm =>
  Object.assign((at: Instant) => (!zeros && at.endsWith('.000000Z') ? at.slice(0, 19) : at.slice(0, -1)) + zone, { zone, zeros })

/** As an `Instant` is. */
export const whole: TimeForm = Object.assign((at: Instant) => at, { zone: 'Z', zeros: true } as const)

/** As Python prints a naive `datetime`: no zone, and no fraction where it is zero. */
export const naive: TimeForm = form('', false)

/** As Python prints an aware `datetime` in UTC. */
export const aware: TimeForm = form('+00:00', false)

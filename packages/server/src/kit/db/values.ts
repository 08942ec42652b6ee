import { FOREVER, type Instant, instant } from '@esi/api/time'
import pg from 'pg'

const TIMESTAMP = 1114
const TIMESTAMPS = 1115
const TIMESTAMPTZ = 1184
const TIMESTAMPTZS = 1185
const INT8 = 20
const INT8S = 1016
const TEXTS = 1009
const INTERVAL = 1186

/** A moment as PostgreSQL writes it: the one place that turns it into ours. */
export const toInstant = (text: string): Instant => {
  // As it is nearly always; reading it with care takes ten times as long.
  if (text.endsWith('+00') && text[10] === ' ' && text[4] === '-')
    return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, -3).padEnd(6, '0')}Z`
  if (text === 'infinity') return FOREVER
  const at = instant(text)
  if (at === undefined) throw new Error(`The database has a time that cannot be shown: ${text}`)
  return at
}

// A number where that loses nothing. Beyond, text: a bigint could not be written as JSON.
const int8 = (text: string): number | string => {
  const n = Number(text)
  return Number.isSafeInteger(n) ? n : text
}

const list = <T>(one: (text: string) => T) => {
  const texts = pg.types.getTypeParser(TEXTS as number, 'text') as (text: string) => (string | null)[]
  return (text: string) => texts(text).map(item => (item === null ? null : one(item)))
}

const parsers = new Map<number, (text: string) => unknown>([
  [TIMESTAMP, toInstant],
  [TIMESTAMPS, list(toInstant)],
  [TIMESTAMPTZ, toInstant],
  [TIMESTAMPTZS, list(toInstant)],
  [INT8, int8],
  [INT8S, list(int8)],
  [INTERVAL, text => text],
])

/** How values come out of the database: times as `Instant`, ranges as text (see range.ts), JSON parsed. */
export const values: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || pg.types.getTypeParser(oid, format as 'text')) as pg.CustomTypesConfig['getTypeParser'],
}

import { FOREVER, type Instant } from '@esi/api/time'
import { toInstant } from './values.ts'

/** From that moment on, up to but without the other. `from` null: since ever; `to` FOREVER: without end. */
export interface Range {
  readonly from: Instant | null
  readonly to: Instant
}

/** The text of a `tstzrange`. A range that ends before it begins is refused by the database (22000). */
export const rangeText = ({ from, to }: Range): string => `[${from ?? ''},${to === FOREVER ? '' : to})`.replace(/^\[,/, '(,')

/** The text of a `tstzmultirange`. */
export const multirangeText = (ranges: readonly Range[]): string => `{${ranges.map(rangeText).join(',')}}`

const RANGE = /([[(])"?([^",)\]]*)"?,"?([^",)\]]*)"?([\])])/g

/** Reads a `tstzrange`; `undefined` for the empty one. */
export const parseRange = (text: string): Range | undefined => {
  if (text === 'empty') return undefined
  const ranges = parseMultirange(text)
  if (ranges.length !== 1) throw new Error(`The database has a range that cannot be read: ${text}`)
  return ranges[0]
}

/** Reads a `tstzmultirange`. */
export const parseMultirange = (text: string): Range[] =>
  [...text.matchAll(RANGE)].map(([whole, open, from, to, close]) => {
    const low = from === '' || from === '-infinity' ? null : toInstant(from!)
    const high = to === '' ? FOREVER : toInstant(to!)
    // Our ranges are half open: the end of one is the beginning of the next.
    if ((low !== null && open === '(') || (high !== FOREVER && close === ']'))
      throw new Error(`The database has a range that is not half open: ${whole}`)
    return { from: low, to: high }
  })

import { type Type, time } from '../types.ts'

const plain = time()

/**
 * A time in a query. The original's clients put it there as it is, so the `+` of an offset arrives as a space; it is read as what
 * was meant.
 */
export const when = (): Type<string> => ({ ...plain, query: text => plain.parse(text.replace(/ (\d{2}:?\d{2})$/, '+$1')) })

import { invalid } from '../errors.ts'

/** A body of `application/x-www-form-urlencoded`, as a route that takes text is given it; empty for another kind. */
export const readForm = (raw: unknown, type: string | undefined): URLSearchParams => {
  if (typeof raw !== 'string' || !/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) return new URLSearchParams()
  const form = new URLSearchParams(raw)
  for (const [key, value] of form) if (`${key}${value}`.includes('\u0000')) throw invalid('The body contains the character U+0000.')
  return form
}

import { Refused } from '@esi/api/dialect'

/** What a client is told of an error. A text that PostgreSQL cannot store is the client's; everything else unknown is ours. */
export const refusal = (error: unknown): Refused => {
  if (error instanceof Refused) return error
  const code = (error as { code?: string } | undefined)?.code
  if (code === '22021' || code === '22P05') return new Refused('invalid', 'A text contains a character that cannot be stored.')
  if (code === '22003' || code === '22008') return new Refused('invalid', 'A number or time is out of range.')
  if (code === '55P03' || code === '57014')
    return new Refused('unavailable', 'The database is busy with other changes to the same things; try again.', { retryAfter: 1 })
  if (
    code !== undefined &&
    (code.startsWith('08') ||
      code === '57P01' ||
      code === '57P03' ||
      code === '53300' ||
      code === 'ECONNREFUSED' ||
      code === 'ECONNRESET' ||
      code === 'ENOENT')
  )
    return new Refused('unavailable', 'The database cannot be reached right now; try again in a few seconds.', { retryAfter: 2 })
  return new Refused('internal', 'The server had an unexpected error. Its log has more under this request id.')
}

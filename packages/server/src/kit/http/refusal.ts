import { Refused } from '@esi/api/dialect'
import { CommitUnknown, NotCommitted } from '../db/attempt.ts'
import { isConflict, isLost, isTimeout } from '../db/errors.ts'

/** What a client is told of an error. A text that PostgreSQL cannot store is the client's; everything else unknown is ours. */
export const refusal = (error: unknown): Refused => {
  if (error instanceof Refused) return error
  const code = (error as { code?: string } | undefined)?.code
  if (code === '22021' || code === '22P05') return new Refused('invalid', 'A text contains a character that cannot be stored.')
  if (code === '22003' || code === '22008') return new Refused('invalid', 'A number or time is out of range.')
  if (isTimeout(error) || isConflict(error))
    return new Refused('unavailable', 'The database is busy with other changes to the same things; try again.', { retryAfter: 1 })
  if (isLost(error) || error instanceof NotCommitted)
    return new Refused('unavailable', 'The database cannot be reached right now; try again in a few seconds.', { retryAfter: 2 })
  if (error instanceof CommitUnknown)
    return new Refused('unavailable', `${error.message} Look whether it was, or repeat the request if it had an Idempotency-Key.`, {
      retryAfter: 2,
    })
  return new Refused('internal', 'The server had an unexpected error. Its log has more under this request id.')
}

/** The five characters by which PostgreSQL names an error; `undefined` for what is none of its errors. */
export const sqlstate = (e: unknown): string | undefined => {
  const code = (e as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && (e as { severity?: unknown }).severity !== undefined ? code : undefined
}

export const UNIQUE = '23505'
export const FOREIGN_KEY = '23503'
export const CHECK = '23514'
export const EXCLUSION = '23P01'

/** The constraint that a change would have broken. */
export const constraint = (e: unknown): string | undefined =>
  sqlstate(e)?.startsWith('23') ? ((e as { constraint?: string }).constraint ?? undefined) : undefined

/** Whether it is this very refusal: `breaks(e, EXCLUSION, 'booking_no_overlap')`. */
export const breaks = (e: unknown, state: string, name?: string): boolean =>
  sqlstate(e) === state && (name === undefined || constraint(e) === name)

/** What was prepared gives other columns by now: a migration came between. */
export const isStale = (e: unknown): boolean => sqlstate(e) === '0A000' && (e as { routine?: unknown }).routine === 'RevalidateCachedQuery'

/** Two transactions were in each other's way, or one in a migration's; the same again may succeed. */
export const isConflict = (e: unknown): boolean => ['40P01', '40001'].includes(sqlstate(e) ?? '') || isStale(e)

/** A time limit of the statement or of waiting for a lock is over. */
export const isTimeout = (e: unknown): boolean => ['55P03', '57014'].includes(sqlstate(e) ?? '')

// Ended by an operator or a crash, starting up, or full.
const AWAY = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '08000', '08001', '08003', '08004', '08006'])
const SOCKET = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])
const WORDS = [
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'timeout expired',
]

/** The connection broke or could not be made; nothing of an uncommitted transaction is left. */
export const isLost = (e: unknown): boolean => {
  const state = sqlstate(e)
  if (state !== undefined) return AWAY.has(state)
  const { code, syscall, message } = (e ?? {}) as { code?: string; syscall?: string; message?: string }
  if (code !== undefined && ['connect', 'read', 'write'].includes(syscall ?? '')) return SOCKET.has(code)
  return e instanceof Error && WORDS.some(words => message?.startsWith(words))
}

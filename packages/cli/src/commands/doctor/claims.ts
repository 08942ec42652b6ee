import { dialect as leasing } from '@esi/api/leasing/dialect'
import type { ApiError, Session } from '@esi/client'

/** What a claimant is to do. */
export interface Job {
  readonly offer: string
  readonly start: string
  readonly end: string
  readonly claims: number
  /** Replicas to send to, in turn; none: where the catalog leads. */
  readonly urls: readonly string[]
}

export interface Claimed {
  /** Of the answer; 0: there was none. */
  readonly status: number
  readonly millis: number
  /** Of the winner. */
  readonly lease?: string
  /** What a loser was shown that is free instead, as pairs of times. */
  readonly free?: readonly (readonly [string, string])[]
  /** Other than 201 and 409. */
  readonly said?: string
}

/** Sends the same claim so many times, all at once. */
export const sendClaims = (sessions: readonly Session[], job: Job): Promise<Claimed[]> =>
  Promise.all(Array.from({ length: job.claims }, (_, i) => sendClaim(sessions[i % sessions.length]!, job)))

const sendClaim = async (session: Session, job: Job): Promise<Claimed> => {
  const from = performance.now()
  const millis = () => performance.now() - from
  try {
    const { body, status } = await session.call('lease', leasing, {
      method: 'POST',
      path: `/v1/offers/${job.offer}/claim`,
      body: { start_time: job.start, end_time: job.end },
    })
    return { status, millis: millis(), lease: (body as { uuid: string }).uuid }
  } catch (e) {
    const { status = 0, message, body } = e as Partial<ApiError> & Error
    if (status !== 409) return { status, millis: millis(), said: message }
    const free = (body as { alternatives?: { availabilities?: [string, string][] } } | undefined)?.alternatives?.availabilities
    return { status, millis: millis(), ...(free ? { free } : {}) }
  }
}

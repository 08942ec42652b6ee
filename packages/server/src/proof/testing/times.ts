import { fromMillis } from '@esi/api/time'

export const SECOND = 1000
export const HOUR = 3_600_000

/** So many milliseconds from now, as a request says it. */
export const soon = (millis: number): string => fromMillis(Date.now() + millis)

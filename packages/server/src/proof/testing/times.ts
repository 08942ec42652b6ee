import { fromMillis } from '@esi/api/time'

export const SECOND = 1000
export const HOUR = 3_600_000

/** Milliseconds in which all is said that is to be said before a moment, on a slow machine too: something like it took so many. */
export const leisure = (took: number): number => 6 * SECOND + 3 * took

/** So many milliseconds from now, as a request says it. */
export const soon = (millis: number): string => fromMillis(Date.now() + millis)

import type { Entry } from './command.ts'

/** Every command: its words, one line about it, and the file that is loaded when it is used. */
export const entries: readonly Entry[] = []

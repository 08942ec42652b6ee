import { randomUUID } from 'node:crypto'

/** A new identifier, with hyphens. Random: it tells nothing of when or in which order things were made. */
export const uuid = (): string => randomUUID()

/** A new identifier as Keystone prints its own: 32 hexadecimal digits. */
export const hex = (): string => randomUUID().replaceAll('-', '')

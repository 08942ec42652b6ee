import type { Migrations } from '../db/migrate.ts'

/** The tables of holds. */
export const KIT_HOLD: Migrations = { schema: 'kit', folder: new URL('./migrations/', import.meta.url) }

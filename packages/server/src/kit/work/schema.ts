import type { Migrations } from '../db/migrate.ts'

/** The tables of conductors. */
export const KIT_WORK: Migrations = { schema: 'kit', folder: new URL('./migrations/', import.meta.url) }

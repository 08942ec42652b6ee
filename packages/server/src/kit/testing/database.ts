import { afterAll, beforeAll, inject } from 'vitest'
import { KIT_DB, type Migrations } from '../db/migrate.ts'
import { type Connections, connect } from '../db/pool.ts'
import { silent } from './silent-log.ts'
import { createFrom, dropDatabase, named } from './templates.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of this run: without fsync, gone when the run ends. */
    databaseUrl: string
  }
}

export interface TestDatabase extends Connections {
  readonly url: string
  drop(): Promise<void>
}

/** A database of its own with the kit's tables and these. The caller drops it. */
export const testDatabase = async (migrations: readonly Migrations[] = []): Promise<TestDatabase> => {
  const server = inject('databaseUrl')
  const database = await createFrom(server, [KIT_DB, ...migrations])
  const url = named(server, database)
  const connections = connect({ url, name: 'esi test', log: silent })
  return {
    ...connections,
    url,
    drop: async () => {
      if (!connections.pool.ending) await connections.end()
      await dropDatabase(server, database)
    },
  }
}

/** The same for a whole test file: made before its tests, dropped after them. To be called at the top of the file. */
export const useDatabase = (migrations: readonly Migrations[] = []): TestDatabase => {
  let made: TestDatabase | undefined
  beforeAll(async () => {
    made = await testDatabase(migrations)
  }, 60_000)
  afterAll(async () => {
    await made?.drop()
  }, 60_000)
  const it = (): TestDatabase => {
    if (!made) throw new Error('The database is there only while tests run.')
    return made
  }
  return {
    get pool() {
      return it().pool
    },
    get db() {
      return it().db
    },
    get session() {
      return it().session
    },
    get url() {
      return it().url
    },
    end: () => it().end(),
    drop: () => it().drop(),
  }
}

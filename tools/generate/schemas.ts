import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../../packages/server/src/kit/db/embedded/start.ts'
import { KIT_DB, migrate } from '../../packages/server/src/kit/db/migrate.ts'
import { connect } from '../../packages/server/src/kit/db/pool.ts'
import { schemaDump } from '../../packages/server/src/kit/db/schema-dump.ts'
import { KIT_HOLD } from '../../packages/server/src/kit/hold/schema.ts'
import { KIT_WORK } from '../../packages/server/src/kit/work/schema.ts'
import { services } from '../../packages/server/src/services.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** schema.sql of the kit and of every service: what all migrations come to, from a database that has run them. */
export const schemas = async (): Promise<Readonly<Record<string, string>>> => {
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const folder = mkdtempSync(join(tmpdir(), 'esi-schemas-'))
  const server = await startEmbedded({ folder, fsync: false, log })
  try {
    const { pool, end } = connect({ url: server.url, name: 'esi schemas', size: 1, log })
    try {
      await migrate(pool, [KIT_DB, KIT_WORK, KIT_HOLD, ...services.map(s => ({ schema: s.name, folder: s.migrations }))])
      const files: Record<string, string> = {}
      const dump = async (schema: string, place: URL): Promise<void> => {
        const text = await schemaDump(pool, schema)
        files[relative(root, fileURLToPath(place))] = `-- Made by tools/fresh.ts from the migrations beside it.\n\n${text}`
      }
      await dump(KIT_DB.schema, new URL('../schema.sql', KIT_DB.folder))
      for (const s of services) await dump(s.name, new URL('../schema.sql', s.migrations))
      return files
    } finally {
      await end()
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

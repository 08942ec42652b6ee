import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../db/embedded/start.ts'
import type {} from './database.ts'
import { silent } from './silent-log.ts'
import { sweep } from './templates.ts'

/** One PostgreSQL for the whole run, shared with other runs of this checkout that happen at the same time. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  if (Number(process.versions.node.split('.')[0]) < 24)
    throw new Error(`The tests need Node 24 or newer, and this is ${process.version}. Run them with \`npx vitest\` or \`npm test\`.`)
  // Nothing in it is worth keeping, and it must be where the user that runs it may go.
  const checkout = createHash('sha256')
    .update(fileURLToPath(import.meta.url))
    .digest('hex')
    .slice(0, 12)
  const server = await startEmbedded({ folder: `/tmp/esi-test-${process.getuid?.()}-${checkout}`, fsync: false, log: silent })
  await sweep(server.url)
  project.provide('databaseUrl', server.url)
  return () => server.stop()
}

import { ConfigError } from './kit/config/read.ts'
import { UsageError } from './usage.ts'

type Run = (words: readonly string[]) => Promise<number>

const commands: Readonly<Record<string, readonly [brief: string, load: () => Promise<Run>]>> = {
  start: [
    'run the server: a sandbox with a virtual rack, or a site with --config',
    async () => (await import('./commands/start.ts')).start,
  ],
  backup: ['write the whole database into a file', async () => (await import('./commands/backup.ts')).backup],
  restore: ['make the database what a backup says', async () => (await import('./commands/restore.ts')).restore],
  'upgrade-database': [
    'bring the embedded database to this version of PostgreSQL',
    async () => {
      const { upgradeDatabase } = await import('./commands/upgrade-database.ts')
      return words => upgradeDatabase(words)
    },
  ],
  hold: [
    'hold the site, a service or a node: nothing outside of the database is changed',
    async () => (await import('./commands/hold.ts')).hold,
  ],
  init: ['make a site and its first administrator', async () => (await import('./commands/init.ts')).init],
  reload: ['check a renewed certificate, and wait until it is shown', async () => (await import('./commands/reload.ts')).reload],
  'rotate-keys': ['put a new master key in front', async () => (await import('./commands/rotate-keys.ts')).rotateKeys],
}

/** Runs one command of the server's own; gives the exit status. */
export const runCommand = async (words: readonly string[]): Promise<number> => {
  const [name, ...rest] = words
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`esi-server: bare metal for several tenants.\n\n${list()}\n\n"esi-server COMMAND --help" tells of one.\n`)
    return name === undefined ? 2 : 0
  }
  const command = commands[name]
  try {
    if (!command) throw new UsageError(`There is no command "${name}".\n${list()}`)
    return await (await command[1]())(rest)
  } catch (error) {
    // What an operator can mend is a sentence; a fault of ours comes with its trace.
    const plain = error instanceof UsageError || error instanceof ConfigError || !(error instanceof Error) || isPlain(error)
    process.stderr.write(`esi-server: ${plain ? (error as Error).message : (error as Error).stack}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

const list = (): string =>
  Object.entries(commands)
    .map(([name, [brief]]) => `  ${name.padEnd(17)} ${brief}`)
    .join('\n')

const isPlain = (error: Error): boolean => error.constructor === Error || 'code' in error

/** Files that are generated and committed: proves that they are what their generator makes, or with `--write` makes them so. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Gives the text of every file that it makes, by its path from the root. */
export interface Generator {
  readonly name: string
  readonly make: () => Promise<Readonly<Record<string, string>>>
}

/** One line each: `{ name: 'configuration', make: async () => (await import('../packages/…')).generate() }`. */
const GENERATORS: readonly Generator[] = [
  { name: 'configuration', make: async () => (await import('./generate/configuration.ts')).configuration() },
  { name: 'states', make: async () => (await import('./generate/states.ts')).states() },
  { name: 'openapi', make: async () => (await import('./generate/openapi.ts')).openapis() },
  { name: 'schemas', make: async () => (await import('./generate/schemas.ts')).schemas() },
]

const difference = (committed: string, made: string): string => {
  const [old, fresh] = [committed.split('\n'), made.split('\n')]
  const at = fresh.findIndex((line, i) => line !== old[i])
  const line = at < 0 ? fresh.length : at
  return `line ${line + 1} is ${JSON.stringify(old[line] ?? null)}, generated ${JSON.stringify(fresh[line] ?? null)}`
}

/** What is stale, in sentences; with `write`, what was written. */
export const fresh = async (root: string, generators: readonly Generator[], write: boolean): Promise<string[]> => {
  const stale: string[] = []
  const makers = new Map<string, string>()
  for (const { name, make } of generators) {
    const files = Object.entries(await make())
    if (!files.length) stale.push(`${name}: makes no file`)
    for (const [path, made] of files) {
      const other = makers.get(path)
      if (other) stale.push(`${path}: made by ${other} and by ${name}`)
      makers.set(path, name)
      let committed: string | undefined
      try {
        committed = readFileSync(join(root, path), 'utf8')
      } catch {
        // Not there, which is as stale as can be.
      }
      if (committed === made) continue
      stale.push(`${path} (${name}): ${committed === undefined ? 'is missing' : difference(committed, made)}`)
      if (!write) continue
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), made)
    }
  }
  return stale
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const write = process.argv.includes('--write')
  const stale = await fresh(fileURLToPath(new URL('..', import.meta.url)), GENERATORS, write)
  for (const line of stale) console[write ? 'log' : 'error'](line)
  console.log(`generated: ${GENERATORS.length} generators, ${stale.length} files ${write ? 'written' : 'stale'}`)
  if (stale.length && !write) {
    console.error('bring them up to date with: npx node tools/fresh.ts --write')
    process.exitCode = 1
  }
}

/** What every check of ours has in common: the right Node, and steps that are run and told one after the other. */
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')

/** Ends the process with a sentence when this Node cannot run the project. */
export const needNode = () => {
  if (Number(process.versions.node.split('.')[0]) >= 24) return
  console.error(`This needs Node 24 or later; this is ${process.version} (${process.execPath}).`)
  console.error('`npm ci` puts Node 24 into node_modules/.bin on Linux, and `npm test` and `npx` find it there.')
  console.error('If it is not there, optional packages were left out: run `npm ci` without --omit=optional. Elsewhere, install Node 24.')
  process.exit(1)
}

/** Python clients must take our certificates from us, not from what this machine trusts. */
export const environment = () => {
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: __, ...rest } = process.env
  return { ...rest, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
}

/** The steps before the tests. */
export const STEPS = {
  types: [join(bin, 'tsc'), ['-p', '.']],
  style: [join(bin, 'biome'), ['check', '--diagnostic-level=error', '.']],
  boundaries: [process.execPath, [join(root, 'tools/boundaries.ts')]],
  generated: [process.execPath, [join(root, 'tools/fresh.ts')]],
}

/** Runs one command, its output on ours, and tells whether it ended well. */
export const step = (name, [command, args]) => {
  const start = performance.now()
  console.log(`\n== ${name}`)
  const ended = spawnSync(command, args, { cwd: root, env: environment(), stdio: ['ignore', 'inherit', 'inherit'] })
  const ok = ended.status === 0
  if (ended.error) console.error(`${name}: ${ended.error.message}`)
  console.log(`== ${name}: ${ok ? 'passed' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return ok
}

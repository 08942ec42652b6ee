import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { debian } from '../../tools/debian.ts'
import type { Outcome } from '../harness/outcome.ts'
import { applySkips, type Skips } from '../harness/skips.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Told {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** Runs a contract of our seams on Debian's own service: `FILE.contract.ts`, by Vitest in a process of its own. */
export const contract =
  (name: string, file: string, packages: readonly string[]) =>
  async ({ skips, only }: { readonly skips: Skips; readonly only?: string }): Promise<Outcome[]> => {
    const { ready, why } = debian(...packages)
    if (!ready) return [{ id: 'all', result: 'skipped', why }]
    const folder = mkdtempSync(join(tmpdir(), 'esi-contract-'))
    try {
      const out = join(folder, 'told.json')
      const said = await vitest([
        ...['run', '--config', join(ROOT, 'conformance/original/vitest.config.ts'), `conformance/original/contracts/${file}.contract.ts`],
        ...['--reporter=json', `--outputFile=${out}`, ...(only === undefined ? [] : ['-t', only])],
      ])
      const { testResults } = read(out, said)
      return applySkips(skips, name, testResults.flatMap(outcomes))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

const read = (file: string, said: string): Told => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Told
  } catch {
    throw new Error(`Vitest told nothing:\n${said}`)
  }
}

/** What was not run because something before it failed has failed; what nobody asked for does not count. */
const outcomes = (result: Told['testResults'][number]): Outcome[] => {
  const told = result.assertionResults
    .filter(test => test.status === 'passed' || test.status === 'failed' || result.message !== '')
    .map(
      ({ fullName, status, failureMessages }): Outcome =>
        status === 'passed'
          ? { id: fullName, result: 'passed' }
          : { id: fullName, result: 'failed', why: failureMessages.join('\n').slice(0, 3000) || result.message },
    )
  return told.length > 0 || result.message === '' ? told : [{ id: 'all', result: 'failed', why: result.message }]
}

const vitest = (words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-5000)))
    child.once('error', reject)
    child.once('close', () => resolve(said))
  })

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './outcome.ts'

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

/** Runs a file of tests by Vitest in a process of its own. Paths are below the repository. */
export const runVitest = async (
  config: string,
  file: string,
  how: { readonly only?: string | undefined; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-contract-'))
  try {
    const out = join(folder, 'told.json')
    const only = how.only === undefined ? [] : ['-t', how.only]
    const words = ['run', '--config', join(ROOT, config), file, '--reporter=json', `--outputFile=${out}`, ...only]
    const said = await vitest(words, how.env ?? {})
    return read(out, said).testResults.flatMap(outcomes)
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

const vitest = (words: readonly string[], env: Readonly<Record<string, string>>): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-5000)))
    child.once('error', reject)
    child.once('close', () => resolve(said))
  })

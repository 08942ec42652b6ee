/**
 * `npm test`: everything that must hold, in the order of how fast it fails. Arguments go to vitest: `npm test -- kit/policy`.
 * The last line is `N passed, N failed, N skipped`. With CI set, a test that is skipped has failed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needNode, root, STEPS, step } from './steps.mjs'
import { tally, verdict } from './tally.mjs'

needNode()
const strict = ![undefined, '', '0', 'false'].includes(process.env.CI)
const folder = mkdtempSync(join(tmpdir(), 'esi-test-'))
const file = join(folder, 'vitest.json')

const read = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

const steps = Object.entries(STEPS).map(([name, command]) => step(name, command))
const ended = step('tests', [
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...process.argv.slice(2),
  ],
])
const tests = tally(read(), ended)
rmSync(folder, { recursive: true, force: true })

if (strict && tests.skipped.length) {
  console.log('\nskipped, which is not allowed here:')
  for (const name of tests.skipped) console.log(`  ${name}`)
}
const { line, code } = verdict(steps, tests, strict)
process.exitCode = code
console.log(`\n${line}`)

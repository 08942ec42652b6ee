/**
 * `node conformance/run.ts [suite…] [--only TEXT] [--all]`: other people's clients and suites against a server of ours. One line a suite:
 * `suite passed failed skipped`, and each failure with its reason; with --all what was skipped, too. Ends with 1 when something failed.
 */
import { parseArgs } from 'node:util'
import { report } from './harness/outcome.ts'
import { readSkips } from './harness/skips.ts'
import { suites } from './suites.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' }, all: { type: 'boolean' } } })
const chosen = positionals.length ? positionals : Object.keys(suites)
const unknown = chosen.filter(name => !suites[name])
if (unknown.length) {
  console.error(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.`)
  process.exit(2)
}
const skips = readSkips()
for (const name of chosen) {
  const outcomes = await suites[name]!({ skips, ...(values.only === undefined ? {} : { only: values.only }) })
  console.log(report({ suite: name, outcomes }, values.all))
  if (outcomes.some(o => o.result === 'failed')) process.exitCode = 1
}

/** Counts what vitest reports, so that nothing that went wrong is counted as nothing. */

/**
 * `report` is vitest's JSON report, or undefined when there is none; `ended` tells whether vitest itself ended well.
 * A file that failed without a failed test, and an end without any failure counted, are failures of their own.
 */
export const tally = (report, ended) => {
  const files = report?.testResults ?? []
  const tests = files.flatMap(file => file.assertionResults.map(test => ({ ...test, file: file.name })))
  const count = status => tests.filter(test => test.status === status).length
  const broken = files.filter(file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')).length
  const passed = count('passed')
  const skipped = tests.filter(test => test.status !== 'passed' && test.status !== 'failed')
  let failed = count('failed') + broken
  if (failed === 0 && (!ended || report === undefined || tests.length === 0)) failed = 1
  return { passed, failed, skipped: skipped.map(test => `${test.file}: ${test.fullName}`) }
}

/** The last line, and the exit code. Where skipping is not allowed, a skipped test counts as failed. */
export const verdict = (steps, tests, strict) => {
  const passed = steps.filter(Boolean).length + tests.passed
  const skipped = strict ? 0 : tests.skipped.length
  const failed = steps.filter(ok => !ok).length + tests.failed + (strict ? tests.skipped.length : 0)
  return { line: `${passed} passed, ${failed} failed, ${skipped} skipped`, code: failed ? 1 : 0 }
}

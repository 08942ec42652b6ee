/** The quick part of the tests: types, style, boundaries. */
import { needNode, STEPS, step } from './steps.mjs'

needNode()
const failed = ['types', 'style', 'boundaries'].filter(name => !step(name, STEPS[name]))
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nall passed')
process.exitCode = failed.length ? 1 : 0

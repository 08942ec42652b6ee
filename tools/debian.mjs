/** `node tools/debian.mjs redfishtool python3-sushy` installs what is missing, or says what would. */
import { fileURLToPath } from 'node:url'
import { debian } from './debian.ts'

/** Whether the packages are there, with the line that installs them when they are not. Says it aloud, too. */
export const need = (...packages) => {
  const readiness = debian(...packages)
  if (!readiness.ready) console.warn(`skipped: ${readiness.why}`)
  return readiness
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = need(...process.argv.slice(2)).ready ? 0 : 1

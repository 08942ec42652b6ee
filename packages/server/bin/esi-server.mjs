#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a stack trace.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `esi-server needs Node 24 or newer; this is ${process.versions.node}. On Linux "npm ci" puts Node 24 into node_modules/.bin, ` +
      'where "npm start" and "npx esi-server" find it; elsewhere install Node 24.\n',
  )
  process.exit(2)
}
// What was compiled by an earlier start is not compiled again: less time, and less memory. Kept where only who installed may write.
const { default: module } = await import('node:module')
module.enableCompileCache(new URL('../../../node_modules/.cache/esi', import.meta.url).pathname)
const { runCommand } = await import('../src/command.ts')
process.exitCode = await runCommand(process.argv.slice(2))
// What a failed start had opened must not keep it running; a good end has closed everything itself.
if (process.exitCode !== 0) process.exit()

#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a stack trace.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `esi needs Node 24 or newer; this is ${process.versions.node}. On Linux "npm ci" puts Node 24 into node_modules/.bin, so "npx esi …" works.\n`,
  )
  process.exit(2)
}
// What was compiled by an earlier start is not compiled again: less time, and less memory. Kept where only who installed may write.
const { default: module } = await import('node:module')
module.enableCompileCache(new URL('../../../node_modules/.cache/esi', import.meta.url).pathname)
const { runHere } = await import('../src/here.ts')
await runHere()

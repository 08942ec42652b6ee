#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a stack trace.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`The measurements need Node 24 or newer; this is ${process.versions.node}. Use "npm run bench" after "npm ci".\n`)
  process.exit(2)
}
const { bench } = await import('./bench.ts')
process.exitCode = await bench(process.argv.slice(2))

#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a stack trace.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`The demo needs Node 24 or newer; this is ${process.versions.node}. Run it with "npm run demo" after "npm ci".\n`)
  process.exit(2)
}
const { demo } = await import('./demo/demo.ts')
process.exitCode = await demo(process.argv.slice(2))

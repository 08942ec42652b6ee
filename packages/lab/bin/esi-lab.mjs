#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what is wrong instead of not knowing the file type.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `esi-lab needs Node 24 or newer and runs on ${process.versions.node}. Run it with npx, or as node_modules/.bin/node <this file>.\n`,
  )
  process.exit(1)
}
const { main } = await import('../src/main.ts')
await main(process.argv.slice(2))

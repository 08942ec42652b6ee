import { upgradeDatabase } from '../upgrade-database.ts'

// A process of its own: upgrades the database of a configuration, and is killed after the step that it is given.
const [config, last] = process.argv.slice(2)
process.exitCode = await upgradeDatabase(['--config', config!], step => {
  process.stdout.write(`step: ${step}\n`)
  if (step === last) process.kill(process.pid, 'SIGKILL')
})

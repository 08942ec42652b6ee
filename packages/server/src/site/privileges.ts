import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What this machine lets a process do, and has; tests put something else in its place. */
export interface Machine {
  readonly root: boolean
  /** The first port that is for everybody. */
  readonly openPort: number
  has(program: string): boolean
}

export const thisMachine = (): Machine => ({
  root: process.getuid?.() === 0,
  openPort: openPort(),
  has: program => (process.env['PATH'] ?? '').split(delimiter).some(folder => folder !== '' && executable(join(folder, program))),
})

const openPort = (): number => {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
  } catch {
    return 1024
  }
}

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What will fail for want of root, as a sentence with what to do; undefined when nothing will. */
export const hindered = (listen: string, machine: Machine = thisMachine()): string | undefined => {
  const port = Number(listen.slice(listen.lastIndexOf(':') + 1))
  if (machine.root || port === 0 || port >= machine.openPort) return undefined
  return `Listening on port ${port} needs root. Take a port from ${machine.openPort} on, with a proxy before it if need be, or run this as root.`
}

/** What is not there and only root can install, each with what it is for. */
export const lacking = (drivers: readonly string[], machine: Machine = thisMachine()): readonly string[] =>
  drivers.includes('ipmi') && !machine.has('ipmitool')
    ? [
        `Machines that speak only IPMI cannot be reached until root has installed ipmitool: ${machine.root ? '' : 'sudo '}apt-get install ipmitool`,
      ]
    : []

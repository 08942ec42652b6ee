import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, PORT } from './cluster.ts'

const first = (file: string): number | undefined => {
  try {
    const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
    return Number.isInteger(pid) && pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** The server that has the data open, as it says itself. */
export const dataPid = (c: Cluster): number | undefined => first(join(c.data, 'postmaster.pid'))

/** The server that listens on the socket. */
export const socketPid = (c: Cluster): number | undefined => first(join(c.socket, `.s.PGSQL.${PORT}.lock`))

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends a server and waits until it is gone. */
export const end = async (pid: number, signal: 'SIGINT' | 'SIGQUIT', patience = 20_000): Promise<void> => {
  const send = (s: NodeJS.Signals) => {
    try {
      process.kill(pid, s)
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'ESRCH') throw e
    }
  }
  send(signal)
  const late = performance.now() + patience
  while (alive(pid)) {
    if (performance.now() > late) throw new Error(`The database server (process ${pid}) does not end.`)
    await sleep(10)
  }
}

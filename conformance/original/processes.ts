import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { clientEnvironment } from '../../tools/debian.ts'

/** Runs one quick command of Debian's; throws with what it said when it failed. */
export const askTool = (command: string, args: readonly string[]): string => {
  const ended = spawnSync(command, args, { encoding: 'utf8', env: clientEnvironment(), timeout: 300_000, maxBuffer: 1e8 })
  if (ended.status !== 0)
    throw new Error(`${command} ended with ${ended.status ?? ended.signal}:\n${`${ended.stdout}${ended.stderr}`.slice(-4000)}`)
  return ended.stdout
}

/** Runs one that takes its time, to its end. */
export const runTool = async (
  folder: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const tool = startTool(folder, basename(command), command, args, env)
  const code = await tool.gone
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${tool.said()}`)
}

export interface Process {
  readonly name: string
  readonly pid: number
  /** The last lines of what it said. */
  said(): string
  readonly ended: () => boolean
  /** Its exit status, once it has ended. */
  readonly gone: Promise<number | null>
  stop(): Promise<void>
}

/** Starts a service as a process of its own, whose words go to a file. It is ended by its id, kindly first. */
export const startTool = (
  folder: string,
  name: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Process => {
  const log = join(folder, `${name}.log`)
  const out = openSync(log, 'a')
  const child = spawn(command, args, { cwd: folder, env: clientEnvironment(env), stdio: ['ignore', out, out] })
  const gone = new Promise<number | null>(resolve => child.once('close', resolve).once('error', () => resolve(null)))
  closeSync(out)
  // However we end, it does not stay behind.
  const last = () => child.kill('SIGKILL')
  process.once('exit', last)
  void gone.then(() => process.off('exit', last))
  return {
    name,
    pid: child.pid ?? -1,
    said: () => readFileSync(log, 'utf8').slice(-3000),
    ended: () => over(child),
    gone,
    async stop() {
      if (over(child)) return
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 8_000)
      await gone
      clearTimeout(hard)
    },
  }
}

const over = (child: ChildProcess): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Looks until something answers; throws with the last words of a process that ended, or after the time. */
export const untilUp = async (process: Process, up: () => Promise<boolean>, seconds = 90): Promise<void> => {
  for (let left = seconds * 5; ; left--) {
    if (process.ended() || left === 0) throw new Error(`${process.name} ${left ? 'ended' : 'was not up in time'}:\n${process.said()}`)
    if (await up().catch(() => false)) return
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

/** Ports that were free a moment ago, all different. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const PROGRAM = fileURLToPath(new URL('../../../bin/esi-server.mjs', import.meta.url))
const SKEW = new URL('./skew.ts', import.meta.url).href

export interface ServerOptions {
  /** Milliseconds by which the clock of its machine is wrong. */
  readonly skew?: number
  /** Where it listens, where addresses are handed out that must hold; any free port if left out. */
  readonly port?: number
}

/** A server as an operator runs it: a process of its own. */
export interface Server {
  readonly name: string
  readonly url: string
  readonly pid: number
  readonly gone: Promise<void>
  readonly running: boolean
  /** What it logged as an error: faults of ours. */
  readonly errors: readonly { readonly msg: string }[]
  signal(name: NodeJS.Signals): void
  /** As a power failure of its machine. */
  kill(): Promise<void>
  /** As a service manager does it; gives the exit status. */
  stop(): Promise<number | null>
}

/** Starts it and waits until it says that it is up. What it says is kept in `log`. */
export const startServer = async (name: string, config: string, log: string, options: ServerOptions = {}): Promise<Server> => {
  const args = [PROGRAM, 'start', '--config', config, '--listen', `127.0.0.1:${options.port ?? 0}`]
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(options.skew ? { NODE_OPTIONS: `--import=${SKEW}`, SKEW_MS: String(options.skew) } : {}),
    },
  })
  const file = createWriteStream(log, { flags: 'a' })
  const errors: { msg: string }[] = []
  const said: string[] = []
  let running = true
  const gone = new Promise<void>(resolve =>
    child.once('close', () => {
      running = false
      resolve()
    }),
  )
  const url = await new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      file.write(`${line}\n`)
      if (!line.startsWith('{')) return
      const said = JSON.parse(line)
      if (said.level === 'error') errors.push(said)
      if (said.msg === 'the site is up') resolve(said.url)
    }
    createInterface({ input: child.stdout! }).on('line', read)
    createInterface({ input: child.stderr! }).on('line', line => {
      said.push(line)
      file.write(`${line}\n`)
    })
    void gone.then(() => reject(new Error(`${name} ended before it was up; it said: ${said.join('\n')}`)))
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!running) return
    // A stopped process takes no other signal than this one.
    if (signal !== 'SIGKILL') child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }
  return {
    name,
    url,
    pid: child.pid!,
    gone,
    errors,
    get running() {
      return running
    },
    signal: signal => void child.kill(signal),
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
  }
}

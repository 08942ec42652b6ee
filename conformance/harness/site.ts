import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server of ours that is up, in a folder of its own. */
export interface Site {
  readonly url: string
  /** A clouds.yaml with everybody who can log in. */
  readonly clouds: string
  readonly folder: string
  readonly pid: number
  /** Ends the server and what it started, and removes the folder. */
  stop(): Promise<void>
}

const SERVER = fileURLToPath(new URL('../../packages/server/bin/esi-server.mjs', import.meta.url))
const PATIENCE = 120_000

/** Nothing of this shell's configuration reaches the server. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ESI|OS)_/.test(name) && name !== 'NODE_OPTIONS'))

/** Starts a server with these arguments; `{folder}` in one is its folder. Resolves when a line of its output matches. */
export const startServer = async (
  words: (folder: string) => readonly string[],
  up: RegExp,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<Site> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-conformance-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    await prepare(folder)
    const child = spawn(process.execPath, [SERVER, ...words(folder)], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const url = await firstMatch(child, up).catch(async e => {
      await end(child)
      throw e
    })
    return {
      url,
      clouds: join(folder, 'state', 'clouds.yaml'),
      folder,
      pid: child.pid!,
      async stop() {
        await end(child)
        remove()
      },
    }
  } catch (e) {
    remove()
    throw e
  }
}

/** The server as `npx esi-server start` runs it: a virtual rack of five machines, two owners, two lessees. */
export const startSandbox = (): Promise<Site> =>
  startServer(folder => ['start', '--state', join(folder, 'state'), '--listen', '127.0.0.1:0'], /ESI is up at (\S+)/)

/** Runs one command of the server's to its end; throws with what it said when it failed. */
export const runServer = async (words: readonly string[], input = ''): Promise<void> => {
  const child = spawn(process.execPath, [SERVER, ...words], { env: environment(), stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data))
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`esi-server ${words[0]} ended with ${code}:\n${said}`)
}

const firstMatch = (child: ChildProcess, up: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    const said: string[] = []
    const fail = (why: string) => reject(new Error(`The server ${why}:\n${said.slice(-40).join('\n')}`))
    const timer = setTimeout(() => fail(`was not up after ${PATIENCE / 1000} s`), PATIENCE)
    child.once('error', reject)
    child.once('exit', code => {
      clearTimeout(timer)
      // What it said last may still be on its way.
      setImmediate(() => fail(`ended with ${code}`))
    })
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', line => {
        said.push(line)
        const found = up.exec(line)
        if (!found) return
        clearTimeout(timer)
        resolve(found[1]!)
      })
  })

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(hard)
}

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('../../packages/server/bin/esi-server.mjs', import.meta.url))

export interface Sandbox {
  readonly url: string
  readonly clouds: string
  stop(): Promise<void>
}

/** A sandbox of its own, made for this run and removed after it. */
export const startSandbox = async (tell: (line: string) => void): Promise<Sandbox> => {
  const state = mkdtempSync(join(tmpdir(), 'esi-demo-'))
  const url = `127.0.0.1:${await freePort()}`
  const child = spawn(process.execPath, [SERVER, 'start', '--state', state, '--listen', url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(state, { recursive: true, force: true })
  }
  try {
    await up(child, tell)
  } catch (e) {
    await stop()
    throw e
  }
  return { url: `http://${url}`, clouds: join(state, 'clouds.yaml'), stop }
}

const up = (child: ChildProcess, tell: (line: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    let errors = ''
    child.stderr!.on('data', (part: Buffer) => (errors += part))
    child.once('exit', code => reject(new Error(`The server ended with ${code}.\n${errors}`)))
    child.stdout!.on('data', (part: Buffer) => {
      text += part
      const lines = text.split('\n')
      text = lines.pop()!
      for (const line of lines) {
        if (line.startsWith('ESI is up')) return resolve()
        if (line.trim()) tell(line)
      }
    })
  })

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })

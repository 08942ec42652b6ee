import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LabControl } from '../control/client.ts'
import type { LabFile, LabMachine, SecretsFile } from '../control/protocol.ts'

export const BIN = fileURLToPath(new URL('../../bin/esi-lab.mjs', import.meta.url))

export interface LabProcess {
  readonly folder: string
  readonly child: ChildProcess
  readonly file: LabFile
  readonly secrets: SecretsFile
  readonly control: LabControl
  /** Code or signal with which it ended. */
  readonly ended: Promise<number | string | null>
  machine(name: string): LabMachine
  /** Ends it and removes its folder unless that was given. */
  stop(): Promise<void>
}

/** `esi-lab start` as a process of its own, ready. */
export async function startLabProcess(options: { rack?: unknown; folder?: string; flags?: readonly string[] } = {}): Promise<LabProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'esi-lab-'))
  const flags = ['--speed', '100', ...(options.flags ?? [])]
  if (options.rack !== undefined) {
    const config = join(folder, 'rack.yaml')
    writeFileSync(config, JSON.stringify(options.rack))
    flags.push('--config', config)
  }
  const child = spawn(process.execPath, [BIN, 'start', '--folder', folder, '--parent', String(process.pid), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | string | null>(resolve => child.once('exit', (code, signal) => resolve(code ?? signal)))
  const first = await Promise.race([once(child), ended.then(code => Promise.reject(new Error(`the lab ended with ${code}`)))])
  if (!JSON.parse(first).ready) throw new Error(`unexpected: ${first}`)
  const file = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')) as LabFile
  return {
    folder,
    child,
    file,
    secrets: JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as SecretsFile,
    control: LabControl.of(folder),
    ended,
    machine(name) {
      const found = file.machines.find(m => m.name === name)
      if (!found) throw new Error(`no machine ${name}`)
      return found
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function once(child: ChildProcess): Promise<string> {
  return new Promise(resolve => createInterface({ input: child.stdout! }).once('line', resolve))
}

export interface Said {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  // Answers have many shapes; the tests look at what they know.
  readonly body: any
  /** SHA-256 of the certificate it showed. */
  readonly fingerprint: string
}

export interface Asking {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** `user:password`; the delivered account without it, null for none. */
  readonly auth?: string | null
  /** Does not look at the certificate. */
  readonly blind?: boolean
}

/** One request on a connection of its own. */
export function ask(lab: LabProcess, name: string, path: string, asking: Asking = {}): Promise<Said> {
  const { host } = lab.machine(name)
  const account = lab.secrets.machines[name]!
  const auth = asking.auth === undefined ? `${account.user}:${account.password}` : asking.auth
  const payload = asking.body === undefined ? undefined : typeof asking.body === 'string' ? asking.body : JSON.stringify(asking.body)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host,
        port: lab.file.port,
        path,
        method: asking.method ?? (payload === undefined ? 'GET' : 'POST'),
        agent: false,
        ...(asking.blind ? { rejectUnauthorized: false } : { ca: readFileSync(lab.file.ca) }),
        headers: { ...(payload !== undefined && { 'Content-Type': 'application/json' }), ...asking.headers },
        ...(auth !== null && asking.headers?.['X-Auth-Token'] === undefined && { auth }),
      },
      response => {
        const { fingerprint256 } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate()
        let text = ''
        response.setEncoding('utf8').on('data', part => {
          text += part
        })
        response.on('error', reject)
        response.on('end', () => {
          let body: unknown
          try {
            body = JSON.parse(text)
          } catch {
            body = undefined
          }
          resolve({ status: response.statusCode!, headers: response.headers, text, body, fingerprint: fingerprint256 })
        })
      },
    )
    sent.on('error', reject)
    sent.end(payload)
  })
}

/** Asks until `good`; the test's own limit ends it. */
export async function until<T>(look: () => Promise<T>, good: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (good(seen)) return seen
    await new Promise(resolve => setTimeout(resolve, 15))
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bench, number } from '../support/report.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CLI = fileURLToPath(new URL('../../packages/cli/bin/esi.mjs', import.meta.url))
const AIM = 15

/** `npm start` in a fresh folder, as after `npm ci`, until a lessee has its first active lease; then a second start of the same. */
export const start = async (bench: Bench): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-bench-'))
  chmodSync(folder, 0o755)
  try {
    const state = join(folder, 'state')
    const began = performance.now()
    const first = await up(state)
    const upAfter = seconds(began)
    try {
      await esi(state, 'owner1', 'offer', 'create', 'dell2')
      const offers = JSON.parse(await esi(state, 'lessee1', 'offer', 'list', '-f', 'json'))
      const uuid: string = offers.find((o: { Resource: string }) => o.Resource === 'dell2').UUID
      await esi(state, 'lessee1', 'offer', 'claim', uuid, '--wait')
      const leases = JSON.parse(await esi(state, 'lessee1', 'lease', 'list', '-f', 'json'))
      const active = seconds(began)
      if (leases.length !== 1 || leases[0].Status !== 'active') throw new Error(`the lease is not active: ${JSON.stringify(leases)}`)
      bench.line({
        part: 'start',
        what: '"npm start" in a fresh folder to the first active lease, by the command line',
        ours: `${number(active)} s`,
        other: '19 min',
        ratio: active / (19 * 60),
        aim: `under ${AIM} s`,
        met: active < AIM,
      })
      bench.line({
        part: 'start',
        what: '… until it is up, with five machines enrolled and cleaned',
        ours: `${number(upAfter)} s`,
        other: '',
      })
    } finally {
      await first.stop()
    }
    const again = performance.now()
    const second = await up(state)
    bench.line({ part: 'start', what: '… the second start, until it is up', ours: `${number(seconds(again))} s`, other: '' })
    await second.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const seconds = (since: number): number => (performance.now() - since) / 1000

const environment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'))),
  ...more,
})

/** As somebody types it; resolves when it says that it is up. */
const up = async (state: string): Promise<{ stop(): Promise<void> }> => {
  const child: ChildProcess = spawn('npm', ['start', '--', '--state', state, '--listen', '127.0.0.1:0'], {
    cwd: ROOT,
    env: environment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async () => {
    child.kill('SIGTERM')
    await gone
  }
  let text = ''
  await new Promise<void>((resolve, reject) => {
    const read = (part: Buffer) => {
      text += part
      if (text.includes('ESI is up at')) resolve()
    }
    child.stdout!.on('data', read)
    child.stderr!.on('data', read)
    child.once('error', reject)
    void gone.then(() => reject(new Error(`npm start ended early:\n${text}`)))
  })
  return { stop }
}

const esi = (state: string, cloud: string, ...words: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...words], {
      env: environment({ OS_CLIENT_CONFIG_FILE: join(state, 'clouds.yaml'), OS_CLOUD: cloud }),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part))
    child.stderr.on('data', (part: Buffer) => (err += part))
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve(out) : reject(new Error(`esi ${words.join(' ')}: ${err}`))))
  })

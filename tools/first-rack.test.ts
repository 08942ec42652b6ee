import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabProcess, startLabProcess } from '../packages/lab/src/testing/process.ts'
import { PACKAGES, type Simulator, simulate } from '../packages/server/src/drivers/bmc/ipmi/test/simulator.ts'
import { debian } from './debian.ts'

// docs/your-first-rack.md, done as it says, with three machines that know nothing of us: one speaks only IPMI, one is an early Redfish
// with old TLS and a certificate that it signed itself, one is of today.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'docs', 'your-first-rack.md'), 'utf8')
const COMMANDS = [...TEXT.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(m =>
  m[1]!
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean),
)
/** What the page says that `rack add` asks. */
const QUESTIONS = [...TEXT.matchAll(/^ *\| (?!it asks|-)([^|]+?) \| /gm)].flatMap(m => m[1]!.split(', and its password')[0]!)

const { ready, why } = debian(...PACKAGES)

let folder: string
let port: number
let lab: LabProcess
let ipmi: Simulator | undefined
let server: ChildProcess | undefined

const environment = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ESI_|OS_|npm_|NODE_|VITEST)/.test(name))
  // Where nobody listens yet; everything else is as on the page.
  return { ...Object.fromEntries(kept), HOME: join(folder, 'home'), ESI_LISTEN: `127.0.0.1:${port}`, npm_config_update_notifier: 'false' }
}

const begin = (command: string): ChildProcess =>
  spawn('/bin/sh', ['-c', command], { cwd: folder, env: environment(), detached: true, stdio: ['pipe', 'pipe', 'pipe'] })

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

const run = (command: string, answers: readonly string[] = []): Promise<Ran> => {
  const child = begin(command)
  const said = { out: '', err: '' }
  child.stdout!.on('data', chunk => {
    said.out += chunk
  })
  child.stderr!.on('data', chunk => {
    said.err += chunk
  })
  child.stdin!.on('error', () => undefined).end(answers.map(answer => `${answer}\n`).join(''))
  return new Promise(resolve => void child.on('close', status => resolve({ status, ...said })))
}

const free = (): Promise<number> =>
  new Promise(resolve => {
    const socket = createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address() as { port: number }
      socket.close(() => resolve(port))
    })
  })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'esi-first-rack-'))
  mkdirSync(join(folder, 'home'))
  // The checkout after "npm ci", without a second copy of it.
  for (const name of ['package.json', 'node_modules', 'packages']) symlinkSync(join(ROOT, name), join(folder, name))
  port = await free()
  lab = await startLabProcess({
    rack: {
      password: 'calvin-1',
      machines: [
        { name: 'today', address: '127.1.0.1', flavour: 'idrac' },
        { name: 'early', address: '127.1.0.2', flavour: 'plain', tls: 'old', serial: 'EARLY1' },
      ],
    },
  })
  if (ready) ipmi = await simulate({ host: '127.1.0.3', port: lab.file.port, serial: 'IPMI-7' })
})

afterAll(async () => {
  if (server?.pid !== undefined && server.exitCode === null) {
    const over = new Promise(resolve => server!.once('close', resolve))
    process.kill(-server.pid, 'SIGTERM')
    await over
  }
  await ipmi?.stop()
  await lab?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 120_000)

it('is at most eight commands, and edits no file', () => {
  expect(COMMANDS.length).toBeLessThanOrEqual(8)
  expect(COMMANDS[0]).toBe('npm ci')
  expect(COMMANDS.filter(command => /\b(vi|nano|edit|sed|cat|echo)\b/.test(command))).toEqual([])
})

it('leads from nothing to a leased machine that is on', async ({ skip }) => {
  if (!ready) skip(why)
  const [, init, start, add, offer, list, claim, power] = COMMANDS as [string, string, string, string, string, string, string, string]

  const made = await run(init, ['correct-horse'])
  expect(made, made.err).toMatchObject({ status: 0, out: expect.stringContaining('npx esi-server start --config esi.yaml') })
  expect(readFileSync(join(folder, 'esi.yaml'), 'utf8')).toContain(`state: ${join(folder, 'esi-state')}`)
  expect(statSync(join(folder, 'clouds.yaml')).mode & 0o777).toBe(0o600)

  server = begin(start)
  let log = ''
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      log += chunk
      if (log.includes('the site is up')) resolve()
    }
    server!.stdout!.on('data', look)
    server!.stderr!.on('data', look)
    server!.once('close', status => reject(new Error(`it ended with ${status}: ${log}`)))
  })

  const range = `127.1.0.1-127.1.0.20:${lab.file.port}`
  const added = await run(add, [range, 'root', 'calvin-1', ipmi!.username, ipmi!.password, '', 'y', 'y'])
  expect(added.status, added.err).toBe(0)
  for (const question of QUESTIONS) expect(added.err).toContain(question)
  for (const [address, driver] of [
    ['127.1.0.1', 'redfish'],
    ['127.1.0.2', 'redfish'],
    ['127.1.0.3', 'ipmi'],
  ])
    expect(added.err).toMatch(new RegExp(`${address}:${lab.file.port} +\\| ${driver} `))
  expect(added.err).toMatch(/127\.1\.0\.2:\d+: It speaks only versions of TLS that are no longer safe/)
  expect(added.err).toContain('These machines are not isolated')
  expect(added.out.match(/\| available +\| not isolated +\|/g)).toHaveLength(3)
  for (const secret of ['calvin-1', 'correct-horse']) expect(added.out + added.err + log).not.toContain(secret)

  const name = 'ipmi-7'
  const named = (command: string) => command.replace('<NAME>', name)
  const offered = await run(named(offer))
  expect(offered.status, offered.err).toBe(0)
  const listed = await run(list)
  const uuid = /\| ([0-9a-f]{8}-[0-9a-f-]{27}) \|/.exec(listed.out)?.[1]
  expect(uuid, listed.out + listed.err).toBeDefined()
  const claimed = await run(claim.replace('<UUID>', uuid!))
  expect(claimed, claimed.err).toMatchObject({ status: 0, out: expect.stringContaining('active') })
  const on = await run(named(power))
  expect(on.status, on.err).toBe(0)
  expect(ipmi!.power()).toBe('on')

  // As scripts do it: one machine is forgotten, shown, and enrolled again under another name.
  expect(await run('npx esi node delete early1')).toMatchObject({ status: 0 })
  writeFileSync(join(folder, 'bmc.txt'), 'calvin-1\n', { mode: 0o600 })
  const search = `npx esi node discover --bmc-range ${range} --username root --password-file bmc.txt --driver redfish --name 'r1-{serial}' -f json`
  const shown = await run(`${search} --dry-run`)
  expect(JSON.parse(shown.out || shown.err).map((each: Record<string, unknown>) => [each['Serial'], each['Node']])).toEqual([
    [expect.any(String), expect.stringMatching(/^[0-9a-f]{12}$/)],
    ['EARLY1', null],
  ])
  expect(await run(search)).toMatchObject({ status: 2, err: expect.stringContaining('--yes') })
  expect(JSON.parse((await run(`${search} --yes`)).out)).toEqual([
    { UUID: expect.any(String), Name: 'r1-early1', Address: `127.1.0.2:${lab.file.port}`, Ports: 2 },
  ])

  // Done again it finds nothing new, and says so.
  const again = await run(add, [range, 'root', 'calvin-1', ipmi!.username, ipmi!.password, ''])
  expect(again).toMatchObject({ status: 1, err: expect.stringContaining('All machines that were found are enrolled already') })
}, 600_000)

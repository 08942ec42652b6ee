import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silent } from '../../testing/silent-log.ts'
import { alive } from './pid.ts'
import { type Embedded, startEmbedded } from './start.ts'

const root = process.getuid?.() === 0
let folder: string
const servers: Embedded[] = []
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync('/tmp/esi-embedded-')
  chmodSync(folder, 0o755)
})
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  for (const server of servers.splice(0)) await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (at = folder): Promise<Embedded> => {
  const server = await startEmbedded({ folder: at, fsync: false, log: silent })
  servers.push(server)
  return server
}

const ask = async (url: string, text: string): Promise<any> => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows[0]
  } finally {
    await client.end()
  }
}

interface Starter {
  readonly child: ChildProcess
  readonly ready: Promise<{ pid: number; url: string }>
}

/** Another process that uses the server; ends well when its input ends. */
const starter = (): Starter => {
  const script = fileURLToPath(new URL('./test/starter.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const ready = new Promise<{ pid: number; url: string }>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').once('data', (line: string) => resolve(JSON.parse(line)))
    child.once('exit', code => reject(new Error(`ended early (${code})`)))
  })
  return { child, ready }
}
const ended = (child: ChildProcess) => new Promise<number | null>(resolve => child.once('exit', resolve))

test('four starters at once share one server, and the last one stops it', async () => {
  const four = [1, 2, 3, 4].map(starter)
  const ready = await Promise.all(four.map(s => s.ready))
  expect(new Set(ready.map(r => r.pid)).size).toBe(1)
  const pid = ready[0]!.pid
  expect(readdirSync(folder).filter(f => f.endsWith('.new'))).toEqual([])
  for (const [i, { child }] of four.entries()) {
    const end = ended(child)
    child.stdin!.end()
    expect(await end).toBe(0)
    expect(alive(pid)).toBe(i < 3)
  }
})

test('a server whose parent was killed is adopted, with its data', async () => {
  const { child, ready } = starter()
  const { pid, url } = await ready
  await ask(url, 'create table kept (n int)')
  const end = ended(child)
  child.kill('SIGKILL')
  await end
  const server = await start()
  expect([server.pid, server.url]).toEqual([pid, url])
  await ask(url, 'select from kept')
  await server.stop()
  expect(alive(pid)).toBe(false)
})

test('a killed server is started again by itself, and by whoever starts at that moment', async () => {
  const server = await start()
  await ask(server.url, 'create table kept (n int)')
  await ask(server.url, 'checkpoint')
  const before = server.pid
  process.kill(before, 'SIGKILL')
  const second = await start()
  await ask(server.url, 'select from kept')
  expect(server.pid).not.toBe(before)
  expect(second.pid).toBe(server.pid)
})

test('a server whose folder was removed is not taken for a good one', async () => {
  const { child, ready } = starter()
  const { pid, url } = await ready
  await ask(url, 'create table lost (n int)')
  const end = ended(child)
  child.kill('SIGKILL')
  await end
  rmSync(folder, { recursive: true })
  const server = await start()
  expect(server.pid).not.toBe(pid)
  expect(alive(pid)).toBe(false)
  expect(await ask(server.url, `select to_regclass('lost') as it`)).toEqual({ it: null })
})

test('it is set up as we count on', async () => {
  const server = await start()
  const names = ['server_encoding', 'timezone', 'jit', 'listen_addresses', 'client_connection_check_interval', 'fsync', 'lc_messages']
  const shown = await ask(server.url, `select ${names.map(n => `current_setting('${n}') as ${n}`).join(', ')}`)
  expect(shown).toEqual({
    server_encoding: 'UTF8',
    timezone: 'UTC',
    jit: 'off',
    listen_addresses: '',
    client_connection_check_interval: '1s',
    fsync: 'off',
    lc_messages: 'C',
  })
  const socket = new URL(server.url).searchParams.get('host')!
  expect(statSync(socket).mode & 0o777).toBe(0o700)
  expect(socket.length).toBeLessThan(40)
  // Refused statements, which may hold what nobody should read, are not in the log.
  await expect(ask(server.url, `select 'word-of-honour'::int`)).rejects.toThrow()
  expect(readFileSync(join(folder, 'postgresql.log'), 'utf8')).not.toContain('word-of-honour')
})

test('data of another version is refused in words', async () => {
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/PG_VERSION'), '9.6\n')
  await expect(start()).rejects.toThrow(/was made by PostgreSQL 9.6, and this is 18.*esi-server upgrade-database/)
})

test('a server that cannot start says why', async () => {
  mkdirSync(join(folder, 'data'), { mode: 0o700 })
  writeFileSync(join(folder, 'data/PG_VERSION'), '18\n')
  await expect(start()).rejects.toThrow(/does not start.*postgresql\.log, ends with/s)
})

describe.runIf(root)('as root', () => {
  test('the server runs as a user without rights', async () => {
    const server = await start()
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Uid:\t65534\t/m)
    expect(readFileSync(`/proc/${server.pid}/status`, 'utf8')).toMatch(/^Groups:\t *$/m)
  })

  test('in a folder that is closed to others it keeps its data elsewhere, and a removed folder starts afresh', async () => {
    chmodSync(folder, 0o700)
    const places: string[] = []
    try {
      const server = await start()
      places.push(readFileSync(join(folder, 'moved-to'), 'utf8').trim())
      expect(existsSync(join(places[0]!, 'data/PG_VERSION'))).toBe(true)
      await ask(server.url, 'create table kept (n int)')
      await server.stop()
      const again = await start()
      expect(again.url).toBe(server.url)
      await ask(again.url, 'select from kept')
      await again.stop()
      rmSync(folder, { recursive: true })
      mkdirSync(folder, { mode: 0o700 })
      const fresh = await start()
      places.push(readFileSync(join(folder, 'moved-to'), 'utf8').trim())
      expect(places[0]).not.toBe(places[1])
      expect(await ask(fresh.url, `select to_regclass('kept') as it`)).toEqual({ it: null })
      await fresh.stop()
    } finally {
      for (const place of places) rmSync(place, { recursive: true, force: true })
    }
  })
})

import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { run, useSite } from '../../commands/test/run.ts'
import { silent } from '../../kit/testing/silent-log.ts'
import { type Site, startSite } from '../../main.ts'
import { givenSite } from '../given.ts'
import { TAKEN } from './live.ts'
import { type Made, makePair, put } from './test/pairs.ts'

const own = useSite()
const file = () => join(own.folder, 'tls.yaml')
const certificate = () => join(own.folder, 'fullchain.pem')
const key = () => join(own.folder, 'privkey.pem')
const reload = (...words: string[]) => run('reload', '--config', file(), ...words)

let site: Site
let old: Made
const said: string[] = []
const log = { ...silent, error: (_: object, text: string) => void said.push(text), warn: (_: object, text: string) => void said.push(text) }
const listening = { ...log, child: () => listening } as typeof silent

const configure = (listen: string) =>
  writeFileSync(
    file(),
    stringify({
      listen,
      state: join(own.folder, 'state'),
      services: ['identity'],
      database: { url: own.connections.url },
      tls: { certificate: certificate(), key: key() },
    }),
    { mode: 0o600 },
  )

beforeAll(async () => {
  old = await makePair('old')
  put(certificate(), old.cert)
  put(key(), old.key)
  configure('127.0.0.1:0')
  site = await startSite(givenSite({ config: file() }).config, listening)
  configure(`127.0.0.1:${port()}`)
})
afterAll(() => site?.stop())

const port = () => Number(new URL(site.url).port)

/** Asks over TLS; gives the status and what certificate the connection showed when it was made. */
const ask = async (agent: Agent | false, path = '/healthz') => {
  const request = get({ host: '127.0.0.1', port: port(), path, rejectUnauthorized: false, agent })
  const [response] = await once(request, 'response')
  const socket = response.socket as TLSSocket
  if (!subjects.has(socket)) subjects.set(socket, socket.getPeerX509Certificate()!.subject)
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode as number, subject: subjects.get(socket)!, port: socket.localPort, text }
}
const subjects = new WeakMap<TLSSocket, string>()

const shown = async () => (await ask(false)).subject
const told = async (type: string) =>
  (await own.connections.pool.query('select data from kit.event where type = $1 order by id', [type])).rows.map(r => r.data)

test('a renewed certificate is shown to new connections, and open ones go on', async () => {
  expect(site.url).toMatch(/^https:/)
  expect(await shown()).toBe('CN=old')
  expect(await reload()).toMatchObject({ status: 0, out: expect.stringMatching(/shows it already\.$/m) })
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const first = await ask(kept)
  expect(first).toMatchObject({ status: 200, subject: 'CN=old' })

  const next = await makePair('next')
  put(certificate(), next.cert)
  put(key(), next.key)
  await vi.waitFor(async () => expect(await shown()).toBe('CN=next'), { timeout: 20_000 })
  expect(await ask(kept)).toMatchObject({ status: 200, subject: 'CN=old', port: first.port })
  kept.destroy()
  await vi.waitFor(async () => expect(await told(TAKEN)).toEqual([expect.objectContaining({ subject: 'CN=next', names: ['localhost'] })]), {
    timeout: 20_000,
  })
  const { text } = await ask(false, '/metrics')
  const until = Number(/^esi_tls_certificate_expiry_timestamp_seconds (\S+)$/m.exec(text)?.[1])
  expect(Math.round((until * 1000 - Date.now()) / 86_400_000)).toBe(90)
  expect(text).toMatch(/^esi_tls_certificate_changes_total\{outcome="taken"\} 1$/m)
})

test('the command says what would change, and waits until it has', async () => {
  const third = await makePair('third')
  put(certificate(), third.cert)
  // Renewed by half: whoever renews was stopped between the two files.
  expect(await reload('--dry-run')).toMatchObject({ status: 1, err: expect.stringMatching(/privkey\.pem does not belong to .*CN=third/) })
  await vi.waitFor(() => expect(said.join()).toMatch(/does not belong to .*CN=third.* The one before is shown still/), { timeout: 20_000 })
  expect(await shown()).toBe('CN=next')
  put(key(), third.key)
  const { status, out } = await reload()
  expect(out).toMatch(/is good: CN=third, until .*Z\.$/m)
  expect([status, await shown()]).toEqual([0, 'CN=third'])
  expect(await reload('--dry-run')).toMatchObject({ status: 0, out: expect.stringMatching(/shows it already/) })
})

test.each([
  ['expired', async () => makePair('expired', { since: 100, days: -1 }), /expired at/],
  ['not valid yet', async () => makePair('early', { since: -2 }), /is not valid before/],
  ['of another key', async () => ({ cert: (await makePair('stranger')).cert, key: (await makePair('other')).key }), /does not belong/],
  ['no certificate', async () => ({ cert: 'once upon a time', key: (await makePair('other')).key }), /has no certificate/],
  ['no key', async () => ({ cert: (await makePair('keyless')).cert, key: 'x' }), /has no private key/],
])('a pair that is %s is refused aloud, once, and the one before is shown', async (_, make, why) => {
  const before = await shown()
  const refused = (await told('site.certificate.refused')).length
  const bad = await make()
  put(certificate(), bad.cert)
  put(key(), bad.key)
  expect(await reload()).toMatchObject({ status: 1, err: expect.stringMatching(why) })
  await vi.waitFor(async () => expect((await told('site.certificate.refused')).at(-1)?.why).toMatch(why), { timeout: 20_000 })
  expect(await site.reload()).toBe('refused')
  expect((await told('site.certificate.refused')).length).toBe(refused + 1)
  expect(said.at(-1)).toMatch(why)
  expect(await shown()).toBe(before)
})

test('a folder that is turned by a link is followed, and one that is due soon is warned about', async () => {
  const soon = await makePair('soon', { days: 10 })
  const mounted = join(own.folder, 'mounted')
  mkdirSync(mounted)
  writeFileSync(join(mounted, 'c'), soon.cert)
  writeFileSync(join(mounted, 'k'), soon.key)
  for (const [target, name] of [
    ['c', certificate()],
    ['k', key()],
  ] as const) {
    symlinkSync(join(mounted, target), `${name}.link`)
    renameSync(`${name}.link`, name)
  }
  await vi.waitFor(async () => expect(await shown()).toBe('CN=soon'), { timeout: 20_000 })
  await vi.waitFor(() => expect(said.at(-1)).toMatch(/expires in 9 days/), { timeout: 20_000 })
  rmSync(mounted, { recursive: true })
  await vi.waitFor(async () => expect((await told('site.certificate.refused')).at(-1)?.why).toMatch(/cannot be read/), { timeout: 20_000 })
  expect(await shown()).toBe('CN=soon')
})

test('a site does not start with half a pair', async () => {
  const start = async (tls: object) => startSite({ ...givenSite({ config: file() }).config, tls } as never, silent)
  await expect(start({ certificate: certificate() })).rejects.toThrow(/tls\.key is missing/)
  await expect(start({ certificate: certificate(), key: key() })).rejects.toThrow(/cannot be read/)
})

import { constants } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redfish } from '../redfish.ts'
import { TestBmc } from './test/bmc.ts'
import { type Certificate, certificate } from './test/certificate.ts'

const driver = redfish()
const seek = driver.seek!
const ends: (() => Promise<unknown>)[] = []
let shown: Certificate
beforeAll(async () => {
  shown = await certificate()
})
afterAll(async () => {
  await driver.close?.()
  for (const end of ends) await end()
})

const at = (port: number, signal = new AbortController().signal) => seek.at('127.0.0.1', port, signal)
const portOf = (bmc: TestBmc) => Number(new URL(bmc.origin).port)
const started = async (tls: TlsOptions) => {
  const bmc = await new TestBmc().start(tls)
  ends.push(() => bmc.stop())
  return bmc
}
const call = { signal: new AbortController().signal, before: async () => undefined }

it('finds a BMC by what is open to everybody, and keeps the certificate that it shows', async () => {
  const bmc = await started(shown)
  const sighting = await at(portOf(bmc))
  expect(sighting).toEqual({
    settings: { redfish_address: bmc.origin, redfish_verify_ca: `sha256:${shown.sha256}` },
    certificate: `sha256:${shown.sha256}`,
    weak: [],
  })
  expect(bmc.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /redfish/v1/'])
  expect(bmc.seen[0]!.headers.authorization).toBeUndefined()
  const identity = await driver.open(seek.as(sighting!.settings, bmc.user, bmc.password)).identify(call)
  expect(identity).toMatchObject({ serial: 'S-0001', bmcMacs: ['aa:bb:cc:00:00:ff'] })
})

it('finds one that speaks only old TLS, says so, and reaches it', async () => {
  const old = {
    ...shown,
    minVersion: 'TLSv1' as const,
    maxVersion: 'TLSv1.1' as const,
    ciphers: 'ALL:@SECLEVEL=0',
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  }
  const bmc = await started(old)
  const sighting = await at(portOf(bmc))
  expect(sighting).toMatchObject({ settings: { redfish_tls: 'legacy' }, weak: [expect.stringContaining('no longer safe')] })
  expect(await driver.open(seek.as(sighting!.settings, bmc.user, bmc.password)).power(call)).toBe('off')
})

it('finds nothing where something else answers, nobody does, or nobody waits for it', async () => {
  const plain = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
  ends.push(async () => plain.close())
  await new Promise(resolve => plain.once('listening', resolve))
  expect(await at((plain.address() as AddressInfo).port)).toBeNull()
  expect(await at(1)).toBeNull()
  const other = await started(shown)
  for (const answer of [{ status: 200, body: '<html>' }, { status: 200, body: { hello: 'world' } }, { status: 404 }, 'drop'] as const) {
    other.instead = () => answer
    expect(await at(portOf(other)), JSON.stringify(answer)).toBeNull()
  }
  expect(await at(portOf(other), AbortSignal.abort())).toBeNull()
})

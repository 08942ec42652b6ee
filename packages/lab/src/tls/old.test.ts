import { type ConnectionOptions, connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabProcess, startLabProcess } from '../testing/process.ts'

let lab: LabProcess
beforeAll(async () => {
  lab = await startLabProcess({ rack: { machines: [{ name: 'old', tls: 'old' }, { name: 'new' }] } })
})
afterAll(() => lab?.stop())

/** The version that was agreed on, and whether the certificate was signed by itself. */
const shake = (name: string, more: ConnectionOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host } = lab.machine(name)
    const socket = connect({ host, port: lab.file.port, rejectUnauthorized: false, ...more }, () => {
      const { issuer, subject } = socket.getPeerCertificate()
      resolve(`${socket.getProtocol()} ${JSON.stringify(issuer) === JSON.stringify(subject) ? 'own' : 'signed'}`)
      socket.destroy()
    })
    socket.on('error', reject)
  })
const WEAK: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }

test('an old BMC speaks only what is no longer safe, and vouches for itself', async () => {
  expect(await shake('old', WEAK)).toBe('TLSv1.1 own')
  expect(await shake('old', { ...WEAK, maxVersion: 'TLSv1' })).toBe('TLSv1 own')
  await expect(shake('old', { minVersion: 'TLSv1.2' })).rejects.toThrow()
})

test('the others do not', async () => {
  expect(await shake('new', {})).toBe('TLSv1.3 signed')
  await expect(shake('new', WEAK)).rejects.toThrow()
})

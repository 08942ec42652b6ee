import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificate } from './certificate.ts'

// Signed by itself, for a hundred years.
const CERT = `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUEJsK5477svSgSKQdxBPAeLrWZmMwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGZG9jdG9yMCAXDTI2MTEyNTAzNDYxNFoYDzIxMjYxMTAxMDM0
NjE0WjARMQ8wDQYDVQQDDAZkb2N0b3IwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQd2JfN6rH8qMHoRuFs5+Sf+wIliDwjDz0uyu8UoJ/nFYFM/jVhmCE7iAHPa3LH
yIaVUfaO2ILDkP9TpH+EIFKlo1MwUTAdBgNVHQ4EFgQUUlvZNp0qoMX7G17Q6Yfe
mEbVP20wHwYDVR0jBBgwFoAUUlvZNp0qoMX7G17Q6YfemEbVP20wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAofUBggIHG8roDXdAiObcvq3B0s12
b2aUIQRBrbIyEBICIQD0T1Ryomld2ISPLRdt+QqpXgsKm1GKmwvlDAK0RUV/pA==
-----END CERTIFICATE-----
`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKEixIWchefi0rzyc
uxCW2rqseR6ygxuq1mLdwlDE/HKhRANCAAQd2JfN6rH8qMHoRuFs5+Sf+wIliDwj
Dz0uyu8UoJ/nFYFM/jVhmCE7iAHPa3LHyIaVUfaO2ILDkP9TpH+EIFKl
-----END PRIVATE KEY-----
`
const server = createServer({ cert: CERT, key: KEY })
const url = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}/identity`
const END = Date.parse('2126-11-01T03:46:14Z')
const DAY = 24 * 60 * 60 * 1000

beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

test('a certificate is told by the days that are left, and found wanting two weeks before its end', async () => {
  expect(await certificate(url(), () => END - 14.5 * DAY)).toEqual([{ what: 'certificate', is: 'good for 14 days more' }])
  expect(await certificate(url(), () => END - 13.5 * DAY)).toEqual([
    { what: 'certificate', is: 'good for 13 days more', advice: expect.stringMatching(/operator of the site renews it/) },
  ])
  expect(await certificate(url(), () => END + DAY)).toEqual([
    { what: 'certificate', is: expect.stringMatching(/^expired \d{4}-/), advice: expect.any(String) },
  ])
})

test('where HTTP is spoken, or nothing answers, nothing is found', async () => {
  expect(await certificate('http://127.0.0.1:1/identity', Date.now)).toEqual([])
  expect(await certificate('https://127.0.0.1:1/identity', Date.now)).toEqual([])
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { redfish } from '../redfish.ts'
import { TestBmc } from './test/bmc.ts'
import { certificate } from './test/certificate.ts'

const SERVICE = '/redfish/v1/AccountService'
const ACCOUNTS = `${SERVICE}/Accounts`
const call = { signal: new AbortController().signal, before: async () => undefined }

let bmc: TestBmc
let settings: Record<string, string>
const driver = redfish({ wait: async () => undefined, limits: { rest: 0 } })
beforeAll(async () => {
  const shown = await certificate()
  bmc = await new TestBmc().start(shown)
  bmc.root['AccountService'] = { '@odata.id': SERVICE }
  bmc.resources[SERVICE] = { MinPasswordLength: 8, MaxPasswordLength: 20, Accounts: { '@odata.id': ACCOUNTS } }
  bmc.resources[ACCOUNTS] = { Members: [1, 2].map(n => ({ '@odata.id': `${ACCOUNTS}/${n}` })) }
  bmc.resources[`${ACCOUNTS}/1`] = { UserName: '', Password: null }
  bmc.resources[`${ACCOUNTS}/2`] = { UserName: bmc.user, Password: null }
  settings = {
    redfish_address: bmc.origin,
    redfish_username: bmc.user,
    redfish_password: bmc.password,
    redfish_verify_ca: `sha256:${shown.sha256}`,
  }
})
afterAll(async () => {
  await driver.close?.()
  await bmc?.stop()
})

it('writes the password of its own account, and no other', async () => {
  await driver.open(settings).setPassword!('another-password', call)
  expect(bmc.resources[`${ACCOUNTS}/2`]).toEqual({ UserName: bmc.user, Password: 'another-password' })
  expect(bmc.resources[`${ACCOUNTS}/1`]!['Password']).toBeNull()
})

it('asks nothing of a BMC that says it would not take it', async () => {
  const before = bmc.seen.length
  await expect(driver.open(settings).setPassword!('short', call)).rejects.toMatchObject({ fault: 'settings', message: /at least 8/ })
  await expect(driver.open(settings).setPassword!('x'.repeat(21), call)).rejects.toMatchObject({ fault: 'settings', message: /at most 20/ })
  expect(bmc.seen.slice(before).filter(({ method }) => method === 'PATCH')).toEqual([])
})

it('says that it is not known whether it was done, where the answer was lost', async () => {
  bmc.instead = ({ method }) => (method === 'PATCH' ? 'lose' : undefined)
  await expect(driver.open(settings).setPassword!('third-password', call)).rejects.toMatchObject({ uncertain: true })
  bmc.instead = () => undefined
  expect(bmc.resources[`${ACCOUNTS}/2`]!['Password']).toBe('third-password')
})

it('says what to do where the account is not one of the BMC', async () => {
  bmc.resources[`${ACCOUNTS}/2`]!['UserName'] = 'somebody'
  await expect(driver.open(settings).setPassword!('third-password', call)).rejects.toMatchObject({ fault: 'unsupported' })
})

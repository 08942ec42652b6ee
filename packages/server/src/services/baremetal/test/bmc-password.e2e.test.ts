import { afterAll, beforeAll, expect, it } from 'vitest'
import { debian } from '../../../../../../tools/debian.ts'
import { PACKAGES, simulate } from '../../../drivers/bmc/ipmi/test/simulator.ts'
import { ipmi } from '../../../drivers/bmc/ipmi.ts'
import { type LabRig, labRig } from './lab-rig.ts'
import { rig } from './rig.ts'

// Real Redfish over HTTPS, with the habits of several vendors: whether a BMC really has the new password, and only that.

const FLAVOURS = ['plain', 'idrac', 'ilo', 'xcc', 'supermicro'] as const

let l: LabRig
beforeAll(async () => {
  const machines = FLAVOURS.map((flavour, i) => ({ name: flavour as string, flavour, address: `127.78.9.${i + 1}` }))
  l = await labRig([...machines, { name: 'lost', address: '127.78.9.8' }, { name: 'stubborn', address: '127.78.9.9' }])
}, 60_000)
afterAll(() => l?.stop())

const logsIn = async (name: string, password: string): Promise<number> => {
  const { address } = l.file.machines.find((m: any) => m.name === name)!
  const { request, Agent } = await import('undici')
  const connections = new Agent({ connect: { rejectUnauthorized: false } })
  const { statusCode, body } = await request(`${address}/redfish/v1/SessionService/Sessions`, {
    dispatcher: connections,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ UserName: l.secrets.machines[name].user, Password: password }),
  })
  await body.dump()
  await connections.close()
  return statusCode
}
const state = (uuid: string) => async () => {
  await l.conduct()
  await l.clock.advance(1000)
  return (await l.ask('owner', 'GET', `/v1/nodes/${uuid}/bmc/password`)).body.state
}

it.each(FLAVOURS)(
  'the password of %s is really another one',
  async name => {
    const uuid = await l.manageable(name)
    const old = l.secrets.machines[name].password
    expect(await logsIn(name, old)).toBe(201)
    const password = `chosen-for-${name}`.slice(0, 20)
    await l.ask('owner', 'POST', `/v1/nodes/${uuid}/bmc/password`, { password }, 202)
    await expect.poll(state(uuid), { timeout: 30_000, interval: 20 }).toBe('done')
    expect(await logsIn(name, old)).toBe(401)
    expect(await logsIn(name, password)).toBe(201)
    await l.power(uuid, 'power on')
    await l.until(uuid, n => n.power_state, 'power on')
  },
  60_000,
)

it('it is found out which one it is, where the answer was lost', async () => {
  const uuid = await l.manageable('lost')
  await l.fault('lost', 'lost-reply', { method: 'PATCH', count: 1 })
  const password = 'set-and-not-told'
  await l.ask('owner', 'POST', `/v1/nodes/${uuid}/bmc/password`, { password }, 202)
  await expect.poll(state(uuid), { timeout: 60_000, interval: 5 }).toBe('done')
  expect(await logsIn('lost', password)).toBe(201)
}, 90_000)

it('stays the old one where the BMC refuses the new one, and it is said why', async () => {
  const uuid = await l.manageable('stubborn')
  await l.fault('stubborn', 'error', { method: 'PATCH', status: 400 })
  await l.ask('owner', 'POST', `/v1/nodes/${uuid}/bmc/password`, {}, 202)
  await expect.poll(state(uuid), { timeout: 60_000, interval: 5 }).toBe('failed')
  expect((await l.ask('owner', 'GET', `/v1/nodes/${uuid}/bmc/password`)).body.error).toContain('400')
  expect(await logsIn('stubborn', l.secrets.machines['stubborn'].password)).toBe(201)
  await l.power(uuid, 'power on')
  await l.until(uuid, n => n.power_state, 'power on')
}, 90_000)

const { ready, why } = debian(...PACKAGES)
if (!ready) it.skip(`IPMI: ${why}`)
else
  it('IPMI: a BMC that takes 20 bytes and keeps 16 is logged in to all the same', async () => {
    const simulator = await simulate()
    const driver = ipmi({ limits: { lockout: 0 } })
    const r = await rig(driver)
    try {
      const { host, port, username, password } = simulator
      const driver_info = { ipmi_address: host, ipmi_port: port, ipmi_username: username, ipmi_password: password }
      const { uuid } = (await r.ask('admin', 'POST', '/v1/nodes', { driver: 'ipmi', driver_info, owner: r.owner }, 201)).body
      await r.provision(uuid, 'manage')
      await r.until(uuid, n => n.provision_state === 'manageable')
      await r.ask('owner', 'POST', `/v1/nodes/${uuid}/bmc/password`, { password: 'twenty-characters-20' }, 202)
      const look = async () => {
        await r.conduct()
        await r.clock.advance(1000)
        return (await r.ask('owner', 'GET', `/v1/nodes/${uuid}/bmc/password`)).body
      }
      await expect
        .poll(look, { timeout: 60_000, interval: 20 })
        .toMatchObject({ state: 'done', error: expect.stringContaining('first 16') })
      await r.ask('owner', 'POST', `/v1/nodes/${uuid}/bmc/password`, {}, 202)
      await expect.poll(look, { timeout: 60_000, interval: 20 }).toMatchObject({ state: 'done', error: null })
      await r.power(uuid, 'power on')
      await r.until(uuid, n => n.power_state === 'power on')
      expect(simulator.power()).toBe('on')
    } finally {
      await r.close()
      await simulator.stop()
    }
  }, 120_000)

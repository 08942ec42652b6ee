import { afterAll, beforeAll, expect, test } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { type Rig, rig } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
})
afterAll(() => r?.close())

test('what machines say differently is told, with the words of both; nothing is changed, on neither side', async () => {
  const [same, switched, dead, other] = await Promise.all([r.ready(), r.ready(), r.ready(), r.ready()])
  // Of this one nothing is known yet that could be compared.
  const fresh = await r.enroll()
  fresh.machine.power = 'on'
  expect(await r.running.differences!()).toEqual([])
  switched.machine.power = 'on'
  switched.machine.secure = true
  dead.machine.fault = new BmcError('unreachable', 'The BMC does not answer.')
  await r.connections.pool.query(
    `update baremetal.node set driver_internal_info = jsonb_set(driver_internal_info, '{identity,serial}', '"S-1"') where uuid = $1`,
    [other.uuid],
  )
  // Somebody put another machine in its place.
  const open = r.driver.open.bind(r.driver)
  const [address] = [...r.driver.machines].find(([, machine]) => machine === other.machine)!
  r.driver.open = settings => {
    const bmc = open(settings)
    return settings['address'] === address ? { ...bmc, identify: async call => ({ ...(await bmc.identify(call)), serial: 'S-2' }) } : bmc
  }
  const machines = [same, switched, dead, other].map(n => n.machine)
  const [logs, rows] = [machines.map(m => [...m.log]), await all()]
  const found = await r.running.differences!()
  expect(found.map(({ thing, field, database, machine }) => [thing, field, database, machine])).toEqual(
    expect.arrayContaining([
      [switched.uuid, 'power', 'power off', 'power on'],
      [switched.uuid, 'secure boot', 'off', 'on'],
      [dead.uuid, 'power', 'power off', 'could not be read: The BMC does not answer.'],
    ]),
  )
  expect(found.filter(d => d.thing === same.uuid || d.thing === fresh.uuid)).toEqual([])
  expect(found.filter(d => d.thing === other.uuid).map(d => [d.field, d.database, d.machine])).toEqual([['serial number', 'S-1', 'S-2']])
  expect(found.every(d => d.name?.startsWith('m'))).toBe(true)
  expect(machines.map(m => m.log)).toEqual(logs)
  expect(await all()).toEqual(rows)
})

const all = async () => (await r.connections.pool.query('select * from baremetal.node order by uuid')).rows

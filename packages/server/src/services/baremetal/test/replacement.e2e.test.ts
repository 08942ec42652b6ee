import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabRig, labRig } from './lab-rig.ts'

// Two machines of the lab: what is left of the one is put into a node that is reached at the other from now on.

let l: LabRig
beforeAll(async () => {
  const disks = [{ gb: 10, os: 'linux' }]
  l = await labRig([
    { name: 'before', flavour: 'idrac', address: '127.78.10.1', disks },
    { name: 'after', flavour: 'idrac', address: '127.78.10.2', disks },
  ])
}, 60_000)
afterAll(() => l?.stop())

const macsOf = async (uuid: string): Promise<string[]> => (await l.node(uuid)).driver_internal_info.identity.macs

it('a board, its network card and a disk are looked for by real Redfish until they are there', async () => {
  const uuid = await l.manageable('before')
  const before = (await l.node(uuid)).driver_internal_info.identity
  const port = (await l.ask('admin', 'POST', '/v1/ports', { node_uuid: uuid, address: before.macs[0], physical_network: 'lab' }, 201)).body
  // What the new board will say is found out from a node of its own, which is deleted again.
  const other = await l.manageable('after')
  const { serial, macs } = (await l.node(other)).driver_internal_info.identity
  await l.ask('admin', 'DELETE', `/v1/nodes/${other}`, undefined, 204)
  const at = l.file.machines.find((m: any) => m.name === 'after')!
  const { user, password } = l.secrets.machines['after']
  const gone = await l.fault('after', 'refuse')
  await l.ask(
    'owner',
    'POST',
    `/v1/nodes/${uuid}/replace`,
    {
      nics: [{ old: before.macs[0], new: macs[0] }],
      disks: [{ old: `${before.serial}D0`, new: `${serial}D0` }],
      board: {
        address: at.address,
        serial,
        driver_info: { redfish_system_id: at.system, redfish_username: user, redfish_password: password },
      },
    },
    202,
  )
  const look = async () => {
    await l.conduct()
    await l.clock.advance(30_000)
    return (await l.ask('owner', 'GET', `/v1/nodes/${uuid}/replace`, undefined, 200)).body
  }
  // Nobody has plugged it in yet.
  expect(await look()).toMatchObject({ state: 'looking', why: expect.stringContaining(at.address) })
  expect(await macsOf(uuid)).toEqual(before.macs)
  await gone()
  await expect.poll(async () => (await look()).state, { timeout: 60_000, interval: 20 }).toBe('done')
  const { parts } = await look()
  expect(parts.map((part: any) => [part.kind, part.seen])).toEqual([
    ['nic', 'there'],
    ['board', 'there'],
    ['disk', 'there'],
  ])
  expect(await macsOf(uuid)).toEqual(macs)
  expect((await l.ask('owner', 'GET', `/v1/ports/${port.uuid}`)).body).toMatchObject({ address: macs[0], physical_network: 'lab' })
  await l.power(uuid, 'power on')
  await l.until(uuid, n => n.power_state, 'power on')
  expect((await l.truth('after')).power).toBe('On')
  expect((await l.truth('before')).power).toBe('Off')
}, 120_000)

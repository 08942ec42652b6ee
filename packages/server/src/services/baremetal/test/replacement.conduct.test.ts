import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { interruptEverywhere } from '../../../kit/testing/interrupt.ts'
import { replacementConductor } from '../conductors/replacement.ts'
import { LESSEE, OWNER, type Rig, rig, worldOf } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

let count = 0
const mac = () => `52:54:00:02:${(++count >> 8).toString(16).padStart(2, '0')}:${(count & 255).toString(16).padStart(2, '0')}`
const path = (uuid: string) => `/v1/nodes/${uuid}/replace`
const replace = (uuid: string, body: object, who = 'owner', status = 202) => r.ask(who, 'POST', path(uuid), body, status)
const row = async (uuid: string) => (await r.ask('owner', 'GET', path(uuid), undefined, 200)).body
const ended = async (uuid: string, seconds = 900) => {
  for (let s = 0; s <= seconds; s += 10) {
    await r.conduct()
    const is = await row(uuid)
    if (is.state !== 'looking') return is
    await r.clock.advance(10_000)
  }
  return row(uuid)
}
/** A node with one card that a cable is known of. */
const made = async () => {
  const node = await r.ready()
  const old = mac()
  node.machine.macs = [old]
  const cable = { switch_info: 'tor-1', port_id: 'Ethernet1/7', switch_id: '00:00:00:00:00:01' }
  await r.ask('admin', 'PUT', `/v1/nodes/${node.uuid}/maintenance`, {}, 202)
  const body = { node_uuid: node.uuid, address: old, physical_network: 'datacentre', local_link_connection: cable }
  const port = (await r.ask('admin', 'POST', '/v1/ports', body, 201)).body
  await r.ask('admin', 'DELETE', `/v1/nodes/${node.uuid}/maintenance`, undefined, 202)
  return { ...node, old, port, cable }
}
const history = async (uuid: string): Promise<string> =>
  (await r.ask('owner', 'GET', `/v1/nodes/${uuid}/history?detail=true`)).body.history.map((entry: any) => entry.event).join('\n')

describe('a network card that is replaced', () => {
  it('keeps its port, cable and network; the new one is looked for until it is there', async () => {
    const { uuid, machine, old, port, cable } = await made()
    const next = mac()
    const { body } = await replace(uuid, { nics: [{ old: old.toUpperCase(), new: next }] })
    expect(body.does[0]).toBe(`gives the port ${old} the address ${next}; its UUID, cable and network stay`)
    expect((await r.ask('owner', 'GET', `/v1/ports/${port.uuid}`)).body).toMatchObject({
      address: next,
      physical_network: 'datacentre',
      local_link_connection: cable,
    })
    // Nobody has put it in yet.
    await r.conduct()
    expect(await row(uuid)).toMatchObject({ state: 'looking', why: `The BMC shows no network card ${next}.` })
    expect((await r.node(uuid)).clean_proof).toBeNull()
    machine.macs = [next]
    expect(await ended(uuid)).toMatchObject({ state: 'done', why: null, parts: [{ kind: 'nic', old, new: next, seen: 'there' }] })
    expect(await history(uuid)).toContain(`Replaced: nic ${old} by ${next}.`)
    expect(await history(uuid)).toContain(`The new parts are there: nic ${next}.`)
    expect((await r.node(uuid)).driver_internal_info.identity.macs).toEqual([next])
    expect((await r.ask('owner', 'GET', `/v1/nodes/${uuid}/inventory`)).body.inventory.interfaces).toEqual([
      { name: 'nic0', mac_address: next },
    ])
    expect(machine.log).toEqual([])
    expect(await r.events(uuid, 'baremetal.node.replaced')).toHaveLength(1)
  })

  it('is refused where it cannot be, and nothing is changed then', async () => {
    const { uuid, old, port } = await made()
    const other = await made()
    const next = mac()
    const refused = async (body: object, status: number, says: string) => {
      expect((await replace(uuid, body, 'owner', status)).body.error_message).toContain(says)
      expect((await r.ask('owner', 'GET', `/v1/ports/${port.uuid}`)).body.address).toBe(old)
      expect((await row(uuid)).state).toBe('never')
    }
    await refused({}, 400, 'Say what was replaced')
    await refused({ nics: [{ old: mac(), new: next }] }, 400, 'has no port with the address')
    await refused({ nics: [{ old, new: 'nonsense' }] }, 400, 'must be a MAC address')
    await refused({ nics: [{ old, new: old }] }, 400, 'is both')
    await refused({ nics: [{ old, new: other.old }] }, 409, `A port with MAC address ${other.old} already exists`)
    // The first of two is not kept without the second.
    const two = [
      { old, new: next },
      { old: mac(), new: mac() },
    ]
    await refused({ nics: two }, 400, 'has no port')
    await r.connections.pool.query(`update baremetal.port set internal_info = '{"tenant_vif_port_id": "net-1"}' where uuid = $1`, [
      port.uuid,
    ])
    await refused({ nics: [{ old, new: next }] }, 409, 'has the network net-1 attached')
    await replace(uuid, { nics: [{ old, new: next }] }, 'stranger', 404)
  })

  it('waits for maintenance while somebody leases the node, and stays replaced when the lease ends', async () => {
    const { uuid, machine, old, port } = await made()
    const lease = crypto.randomUUID()
    expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
    const next = mac()
    expect((await replace(uuid, { nics: [{ old, new: next }] }, 'owner', 409)).body.error_message).toContain(
      'Set it into maintenance first',
    )
    await r.ask('owner', 'PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'a card is replaced' }, 202)
    const { body } = await replace(uuid, { nics: [{ old, new: next }] })
    expect(body.affects.map(({ project }: { project: string }) => project)).toEqual([OWNER, LESSEE])
    machine.macs = [next]
    expect((await ended(uuid)).state).toBe('done')
    await r.door.release(uuid, lease)
    await r.conduct()
    expect((await r.ask('owner', 'GET', `/v1/ports/${port.uuid}`)).body.address).toBe(next)
  })

  it('is only tried in a dry run', async () => {
    const { uuid, old, port } = await made()
    const { body } = await r.ask('owner', 'POST', `${path(uuid)}?dry_run=true`, { nics: [{ old, new: mac() }] }, 200)
    expect(body.dry_run.rolled_back).toBe(true)
    expect((await r.ask('owner', 'GET', `/v1/ports/${port.uuid}`)).body.address).toBe(old)
  })

  it('is given up after a day, with what was missing', async () => {
    const { uuid, old } = await made()
    const next = mac()
    await replace(uuid, { nics: [{ old, new: next }] })
    await r.conduct()
    await r.clock.advance(86_400_000)
    expect(await ended(uuid)).toMatchObject({ state: 'failed', why: `The BMC shows no network card ${next}.` })
    expect(await history(uuid)).toContain('did not appear within a day')
    expect(await r.events(uuid, 'baremetal.node.replacement_failed')).toHaveLength(1)
  })
})

describe('a board that is replaced', () => {
  it('is reached at its own address by its own account, and must say that it is another', async () => {
    const { uuid, machine, old } = await made()
    machine.serial = 'S-OLD'
    await r.connections.pool.query(
      `update baremetal.node set driver_internal_info = '{"identity": {"serial": "S-OLD"}}', extra = '{"discovered": {"serial": "S-OLD", "address": "x"}}' where uuid = $1`,
      [uuid],
    )
    const address = `new-board-${++count}`
    const board = r.driver.machine(address)
    board.serial = 'S-OLD'
    board.password = 'of-the-new-one'
    board.fault = new BmcError('unreachable', 'It has no power yet.')
    await replace(uuid, { board: { address, driver_info: { username: 'esi', password: 'of-the-new-one' } } })
    expect((await r.node(uuid)).driver_info).toEqual({ address, username: 'esi', password: '******' })
    await r.conduct()
    expect(await row(uuid)).toMatchObject({ state: 'looking', why: 'It has no power yet.' })
    board.fault = undefined
    await r.clock.advance(300_000)
    await r.conduct()
    expect((await row(uuid)).why).toBe('The BMC says what it said before: S-OLD.')
    board.serial = 'S-NEW'
    board.macs = [old]
    const end = await ended(uuid)
    expect(end).toMatchObject({ state: 'done', parts: [{ kind: 'board', seen: 'there', new: address }] })
    expect(end.parts[0].old).toContain('serial S-OLD')
    expect((await r.node(uuid)).extra.discovered).toEqual({ serial: 'S-NEW', uuid: null, address: 'x' })
    expect(JSON.stringify([end, await history(uuid)])).not.toContain('of-the-new-one')
  })

  it('is refused with settings that cannot be', async () => {
    const { uuid } = await made()
    await replace(uuid, { board: { driver_info: { address: 5 } } }, 'owner', 400)
    await replace(uuid, { board: { adress: 'x' } }, 'owner', 400)
    expect((await row(uuid)).state).toBe('never')
  })
})

it('disks are noted, and it is said that the BMC tells nothing of them', async () => {
  const { uuid } = await made()
  await replace(uuid, { disks: [{ old: 'D1', new: 'D2' }] })
  expect(await ended(uuid)).toMatchObject({ state: 'done', parts: [{ kind: 'disk', old: 'D1', new: 'D2', seen: 'not told' }] })
  expect(await history(uuid)).toContain('Of disk D2 its BMC says nothing.')
})

it('new parts are taken down once, wherever the conductor is killed', async () => {
  const effects = await interruptEverywhere({
    async start(tap) {
      const { uuid, machine, old } = await made()
      const next = mac()
      await replace(uuid, { nics: [{ old, new: next }] })
      const world = await worldOf(r, tap)
      return { conductor: replacementConductor(world), database: world.database, clock: r.clock, key: uuid, machine, next }
    },
    // The first look finds nothing; then somebody puts it in.
    goOn: async ({ machine, next, clock }, outcome) => {
      machine.macs = [next]
      if (outcome.is === 'again') await clock.advance(outcome.after)
      return true
    },
    async invariant({ key, machine }, moment) {
      const is = await row(key)
      expect(await r.events(key, 'baremetal.node.replaced')).toHaveLength(is.state === 'done' ? 1 : 0)
      if (moment === 'finished') expect(is.state).toBe('done')
      expect(machine.log).toEqual([])
    },
  })
  expect(effects).toEqual(['commit', 'commit'])
})

import { plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import { interruptEverywhere } from '../../../kit/testing/interrupt.ts'
import { retirementConductor } from '../conductors/retirement.ts'
import { LESSEE, OWNER, type Rig, rig, worldOf } from './rig.ts'

let r: Rig
beforeAll(async () => {
  r = await rig()
}, 60_000)
afterAll(async () => r?.close())

const path = (uuid: string) => `/v1/nodes/${uuid}/retire`
const retire = (uuid: string, body: object = {}, who = 'owner', status = 202) => r.ask(who, 'POST', path(uuid), body, status)
const records = async (uuid: string, who = 'owner'): Promise<any[]> =>
  (await r.ask(who, 'GET', `/v1/retired_nodes?node_uuid=${uuid}`, undefined, 200)).body.retired_nodes
const state = async (uuid: string) => (await records(uuid))[0]?.state
const until = async (uuid: string, is: string, seconds = 600) => {
  for (let s = 0; s <= seconds; s += 5) {
    await r.conduct()
    if ((await state(uuid)) === is) return
    await r.clock.advance(5000)
  }
  throw new Error(`it did not come to that: ${JSON.stringify(await records(uuid))}`)
}

describe('a node that is retired', () => {
  it('is cleaned, leased to nobody, and leaves a record that stays when it is deleted', async () => {
    const { uuid, machine } = await r.ready({ name: 'worn-out' })
    machine.power = 'on'
    machine.images.add('http://somewhere/x.iso')
    const { body } = await retire(uuid, { reason: 'five years old' })
    expect(body.does[0]).toContain('takes it out of the pool now')
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toMatchObject({ is: 'waiting' })
    await until(uuid, 'retired')
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'manageable', retired: true, retired_reason: 'five years old' })
    expect(machine).toMatchObject({ power: 'off' })
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toEqual({ is: 'waiting', why: 'it is retired' })
    expect((await r.events(uuid)).map(e => e.type)).toEqual(expect.arrayContaining(['baremetal.node.retiring', 'baremetal.node.retired']))
    await r.ask('admin', 'DELETE', `/v1/nodes/${uuid}`, undefined, 204)
    const [record] = await records(uuid)
    expect(record).toMatchObject({ name: 'worn-out', owner: OWNER, state: 'deleted', reason: 'five years old' })
    for (const time of ['retired_at', 'cleaned_at', 'deleted_at']) expect(record[time]).toMatch(/^2030/)
    expect(record.document).toMatchObject({
      node: { uuid, owner: OWNER, identity: { vendor: 'Pretend' } },
      retired: { reason: 'five years old', project: OWNER },
      cleaning: { proof: { power: 'off', media: 'none' } },
    })
    expect(record.document.history.map((entry: any) => entry.event).join('\n')).toContain('It leaves the pool: five years old.')
    // How its BMC was reached is nobody's business any more.
    expect(JSON.stringify(record)).not.toContain('driver_info')
    expect((await r.ask('owner', 'GET', `/v1/retired_nodes/${record.uuid}`)).body.uuid).toBe(record.uuid)
    await r.ask('stranger', 'GET', `/v1/retired_nodes/${record.uuid}`, undefined, 404)
    expect(await records(uuid, 'stranger')).toEqual([])
    expect(await records(uuid, 'admin')).toHaveLength(1)
  })

  it('is deleted as soon as it is proven clean, where that was asked for by one who may', async () => {
    const { uuid } = await r.ready()
    await retire(uuid, { delete: true }, 'owner', 403)
    await retire(uuid, { delete: true }, 'admin')
    await until(uuid, 'deleted')
    await r.ask('admin', 'GET', `/v1/nodes/${uuid}`, undefined, 404)
    expect((await r.events(uuid, 'baremetal.node.deleted'))[0].projects).toEqual([OWNER])
  })

  it('stays, with the reason, while it cannot be proven clean, and goes on when it can', async () => {
    const { uuid, machine } = await r.ready()
    machine.fault = new BmcError('refused', 'Its BMC will not.')
    await retire(uuid, { delete: true }, 'admin')
    await until(uuid, 'not clean')
    expect((await records(uuid))[0].why).toContain('Its BMC will not.')
    machine.fault = undefined
    expect(await r.node(uuid)).toMatchObject({ provision_state: 'clean failed', maintenance: true })
    await retire(uuid, { delete: true }, 'admin')
    await until(uuid, 'deleted')
  })

  it('may be taken back until it is deleted', async () => {
    const { uuid } = await r.ready()
    await r.ask('owner', 'DELETE', path(uuid), undefined, 409)
    await retire(uuid)
    await until(uuid, 'retired')
    await r.ask('owner', 'DELETE', path(uuid), undefined, 204)
    expect(await records(uuid)).toEqual([])
    await r.provision(uuid, 'provide')
    await r.until(uuid, n => n.provision_state === 'available')
    expect(await r.door.assign(uuid, LESSEE, crypto.randomUUID())).toEqual({ is: 'assigned' })
  })

  it('is refused while it is booked or runs something, until when being said', async () => {
    const { uuid } = await r.ready()
    const end = plus(r.clock.now(), 3_600_000)
    const lease = crypto.randomUUID()
    await r.door.assign(uuid, LESSEE, lease, end)
    const refused = (await retire(uuid, {}, 'owner', 409)).body.error_message
    expect(refused).toContain(`it is booked until ${end.slice(0, 19)}Z.`)
    expect(refused).toContain(`--as-of ${end.slice(0, 19)}Z`)
    await retire(uuid, { as_of: plus(r.clock.now(), 60_000) }, 'owner', 409)
    // From then on it may be.
    await retire(uuid, { as_of: end })
    expect(await state(uuid)).toBe('planned')
    expect(await r.node(uuid)).toMatchObject({ retired: false, lease })
    await r.clock.set(end)
    await r.conduct()
    expect((await records(uuid))[0]).toMatchObject({ state: 'planned', why: 'its last lease is just ending' })
    await r.door.release(uuid, lease)
    await until(uuid, 'retired')
    expect((await records(uuid))[0].document.leases).toEqual([expect.objectContaining({ lease, outcome: 'clean' })])
    const other = await r.ready()
    await r.connections.pool.query(`update baremetal.node set provision_state = 'active' where uuid = $1`, [other.uuid])
    expect((await retire(other.uuid, {}, 'owner', 409)).body.error_message).toContain('undeploy it first')
    const given = await r.ready()
    await r.ask('admin', 'PATCH', `/v1/nodes/${given.uuid}`, [{ op: 'add', path: '/lessee', value: LESSEE }], 200)
    expect((await retire(given.uuid, {}, 'owner', 409)).body.error_message).toContain('a project has it')
  })

  it('is only tried in a dry run', async () => {
    const { uuid } = await r.ready()
    const { body } = await r.ask('owner', 'POST', `${path(uuid)}?dry_run=true`, { reason: 'x' }, 200)
    expect(body.does).toContain('cleans it, and proves that')
    expect(await records(uuid)).toEqual([])
    expect(await r.node(uuid)).toMatchObject({ retired: false, provision_state: 'available' })
  })

  it('leaves a record also where only its field was set, and where its BMC was never reached', async () => {
    const byHand = await r.ready()
    await r.provision(byHand.uuid, 'manage')
    await r.until(byHand.uuid, n => n.provision_state === 'manageable')
    await r.ask('owner', 'PATCH', `/v1/nodes/${byHand.uuid}`, [{ op: 'add', path: '/retired', value: true }], 200)
    await r.ask('admin', 'DELETE', `/v1/nodes/${byHand.uuid}`, undefined, 204)
    expect(await state(byHand.uuid)).toBe('deleted')
    const { uuid } = await r.enroll()
    await retire(uuid)
    await until(uuid, 'retired')
    expect((await records(uuid))[0]).toMatchObject({ cleaned_at: null, why: 'its BMC was never verified, so it was not cleaned' })
  })
})

it('is retired and deleted wherever its conductor is killed; its record is there from the beginning on', async () => {
  const effects = await interruptEverywhere({
    async start(tap) {
      const { uuid } = await r.enroll()
      const world = await worldOf(r, tap)
      await retire(uuid, { delete: true, as_of: plus(r.clock.now(), 1000) }, 'admin')
      await r.clock.advance(1000)
      return { conductor: retirementConductor(world), database: world.database, clock: r.clock, key: uuid }
    },
    async invariant({ key }, moment) {
      const all = await records(key, 'admin')
      expect(all).toHaveLength(1)
      const node = await r.node(key)
      expect(node === undefined).toBe(all[0].state === 'deleted')
      if (node) expect(node.retired).toBe(all[0].state !== 'planned')
      expect(await r.events(key, 'baremetal.node.deleted')).toHaveLength(node ? 0 : 1)
      if (moment === 'finished') expect(node).toBeUndefined()
    },
  })
  expect(effects).toEqual(['commit', 'commit', 'commit'])
})

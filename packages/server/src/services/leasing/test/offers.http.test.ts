import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { at, DAY, HOUR, type LeasingWorld, leasingWorld, projectOf } from './world.ts'

let world: LeasingWorld
const ask = (...args: Parameters<LeasingWorld['request']>) => world.request(...args)

beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())

const NODE = '11111111-0000-4000-8000-00000000000'

describe('offers, claims and leases', () => {
  it('an owner offers, a lessee claims, the lease begins and ends', async () => {
    world.things.add({ id: `${NODE}1`, name: 'node1', owner: projectOf('owner'), class: 'gpu' })
    const offer = await ask('owner', 'POST', '/v1/offers', { resource_uuid: 'node1', end_time: at(30 * DAY) })
    expect(offer.body).toMatchObject({ resource: 'node1', status: 'available' })
    expect(offer.status).toBe(201)
    const lease = await ask('lessee', 'POST', `/v1/offers/${offer.body.uuid}/claim`, { end_time: at(DAY) })
    expect(lease.body).toMatchObject({ status: 'created', offer_uuid: offer.body.uuid })
    await world.conduct()
    const active = await ask('lessee', 'GET', `/v1/leases/${lease.body.uuid}`)
    expect(active.body).toMatchObject({ status: 'active' })
    expect(world.things.machine(`${NODE}1`).lessee).toBe(projectOf('lessee'))
    await world.go(DAY)
    expect((await ask('lessee', 'GET', `/v1/leases/${lease.body.uuid}`)).body).toMatchObject({ status: 'expired' })
    expect(world.things.machine(`${NODE}1`).lessee).toBe(null)
    expect(HOUR).toBe(3_600_000)
  })
})

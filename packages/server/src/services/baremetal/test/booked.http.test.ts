import { FOREVER, plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBmcDriver } from '../../../drivers/load.ts'
import { LESSEE, type Site, said, site } from './site.ts'

// A node that is booked stays: whoever would remove it is told until when, and what to do.

const until = new Map<string, string>()
let s: Site
beforeAll(async () => {
  s = await site({
    needs: { drivers: { load: loadBmcDriver }, bookings: () => ({ until: async (node: string) => until.get(node) }) },
  })
}, 60_000)
afterAll(() => s?.close())

describe('deleting a booked node', () => {
  it('is refused, before its first lease has begun too, and says until when and what to do', async () => {
    const { uuid } = await s.enroll()
    until.set(uuid, plus(s.clock.now(), 3_600_000))
    const refused = await s.call('admin', 'DELETE', `/v1/nodes/${uuid}`)
    expect(refused.status).toBe(409)
    expect(said(refused)).toBe(
      `Node ${uuid} cannot be deleted now: it is booked until ${until.get(uuid)!.slice(0, 19)}Z. Wait until then, or have its leases deleted: "esi lease list --resource-uuid" shows them.`,
    )
    until.set(uuid, FOREVER)
    expect(said(await s.call('admin', 'DELETE', `/v1/nodes/${uuid}`))).toContain('it is booked without end.')
    expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).status).toBe(200)
  })

  it('is done once nothing is booked any more', async () => {
    const { uuid } = await s.enroll()
    until.set(uuid, plus(s.clock.now(), -1000))
    expect((await s.call('admin', 'DELETE', `/v1/nodes/${uuid}`)).status).toBe(204)
  })

  it('is refused by what the node itself knows, where nobody knows of bookings', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { lessee: LESSEE, lessee_by: 'lease', lease: crypto.randomUUID(), lease_end: '2031-01-01T00:00:00Z' })
    expect(said(await s.call('admin', 'DELETE', `/v1/nodes/${uuid}`))).toContain('it is booked until 2031-01-01T00:00:00Z.')
  })
})

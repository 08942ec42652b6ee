import { plus } from '@esi/api/time'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBmcDriver } from '../../../drivers/load.ts'
import { ASKERS, callersOf } from '../../../kit/testing/matrix.ts'
import { idOf } from '../../../kit/testing/personas.ts'
import { LESSEE, OWNER, type Site, said, site } from './site.ts'

const NEXT = idOf('project stranger')
const until = new Map<string, string>()
let s: Site
beforeAll(async () => {
  const known = [{ id: NEXT, name: 'stranger' }]
  s = await site({
    callers: callersOf(ASKERS),
    needs: {
      drivers: { load: loadBmcDriver },
      bookings: () => ({ until: async (node: string) => until.get(node) }),
      projects: { find: async (ident: string) => known.find(({ id, name }) => id === ident || name === ident) },
    },
  })
}, 60_000)
afterAll(() => s?.close())

const give = (who: string, node: string, to: string, query = '') => s.call(who, 'POST', `/v1/nodes/${node}/transfer${query}`, { to })
const events = async (node: string): Promise<any[]> =>
  (
    await s.connections.pool.query(
      `select projects, data from kit.event where object_id = $1 and type = 'baremetal.node.transferred' order by id`,
      [node],
    )
  ).rows

describe('a node that is given to another owner', () => {
  it('may be that of a project that is gone: an administrator gives it', async () => {
    const { uuid } = await s.enroll({ name: 'left-behind' })
    await s.put(uuid, { owner: 'a-project-that-is-gone' })
    expect((await give('x.adm', uuid, 'stranger')).status).toBe(404)
    const answer = await give('admin', uuid, 'stranger')
    expect([answer.status, answer.body.does[0]]).toEqual([202, `makes project stranger (${NEXT}) its owner`])
    expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).body).toMatchObject({ owner: NEXT })
  })

  it('is the new one’s at once, and nothing of the old one’s; both are told', async () => {
    const { uuid } = await s.enroll({ name: 'given' })
    await s.put(uuid, { clean_proof: JSON.stringify({ power: 'off' }), clean_at: '2030-01-01T00:00:00Z' })
    const answer = await give('o.mgr', uuid, 'stranger')
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({
      node: { uuid, name: 'given' },
      does: expect.arrayContaining([`makes project stranger (${NEXT}) its owner`, 'nothing is leased']),
      affects: [
        { project: OWNER, as: 'owner', how: expect.any(String) },
        { project: NEXT, as: 'new owner', how: expect.any(String) },
      ],
    })
    expect((await s.call('o.mgr', 'GET', `/v1/nodes/${uuid}`)).status).toBe(404)
    expect((await s.call('x.adm', 'GET', `/v1/nodes/${uuid}`)).body).toMatchObject({ owner: NEXT })
    expect(await events(uuid)).toEqual([{ projects: expect.arrayContaining([OWNER, NEXT]), data: { from: OWNER, to: NEXT } }])
    const { rows } = await s.connections.pool.query('select clean_proof from baremetal.node where uuid = $1', [uuid])
    expect(rows).toEqual([{ clean_proof: null }])
    // To give it once more is not the old owner's.
    expect((await give('o.mgr', uuid, OWNER)).status).toBe(404)
  })

  it('stays whose lessee’s it is, until when that has it', async () => {
    const { uuid } = await s.enroll()
    const lease = crypto.randomUUID()
    await s.put(uuid, { lessee: LESSEE, lessee_by: 'lease', lease, provision_state: 'active' })
    until.set(uuid, plus(s.clock.now(), 3_600_000))
    const { status, body } = await give('admin', uuid, NEXT)
    expect(status).toBe(202)
    expect(body.does).toContainEqual(expect.stringMatching(/^leaves its leases as they are, until 20/))
    expect(body.affects.map(({ as }: { as: string }) => as)).toEqual(['owner', 'lessee', 'new owner'])
    expect((await s.call('l.mem', 'GET', `/v1/nodes/${uuid}`)).body).toMatchObject({ owner: NEXT, lessee: LESSEE })
  })

  it('is only tried in a dry run', async () => {
    const { uuid } = await s.enroll()
    const { status, body } = await give('o.mgr', uuid, NEXT, '?dry_run=true')
    expect(status).toBe(200)
    expect(body.dry_run).toMatchObject({ rolled_back: true, would_tell: expect.arrayContaining(['baremetal.node.transferred']) })
    expect((await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).body.owner).toBe(OWNER)
  })

  it('is not given to nobody, nor to its owner; what is not there has one answer, by name and by id', async () => {
    const { uuid } = await s.enroll()
    for (const to of ['nobody', crypto.randomUUID()]) {
      const answer = await give('o.mgr', uuid, to)
      expect([answer.status, said(answer)]).toEqual([400, `Project ${to} could not be found.`])
    }
    await give('o.mgr', uuid, NEXT)
    expect((await give('x.adm', uuid, NEXT)).status).toBe(409)
  })

  it('is not given while its owner’s system runs, while it is made ready after a lease, or where the new owner has that name', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { provision_state: 'active' })
    expect(said(await give('admin', uuid, NEXT))).toContain('its owner uses it (active); undeploy it first.')
    const release = { lease: crypto.randomUUID(), project: LESSEE, began_at: s.clock.now(), doing: 'cleaning' }
    await s.put(uuid, { provision_state: 'cleaning', release: JSON.stringify(release) })
    expect(said(await give('admin', uuid, NEXT))).toContain('the end of its last lease is not over')
    await s.enroll({ name: 'twice', owner: NEXT })
    const twice = await s.enroll({ name: 'twice' })
    expect((await give('admin', twice['uuid'], NEXT)).status).toBe(409)
    expect((await s.call('admin', 'GET', `/v1/nodes/${twice['uuid']}`)).body.owner).toBe(OWNER)
  })

  it('is given once by the same request sent twice', async () => {
    const { uuid } = await s.enroll()
    const ask = () => s.call('admin', 'POST', `/v1/nodes/${uuid}/transfer`, { to: NEXT }, { 'idempotency-key': 'one' })
    expect([(await ask()).status, (await ask()).status]).toEqual([202, 202])
    expect(await events(uuid)).toHaveLength(1)
  })
})

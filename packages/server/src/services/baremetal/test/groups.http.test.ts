import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presence } from '../presence.ts'
import { type Site, said, site } from './site.ts'

// Two processes once served a group each; one of them is gone.

let s: Site
let lost: string
let kept: string
beforeAll(async () => {
  s = await site({ config: { drivers: ['fake-hardware', 'redfish'], host: 'west-1', groups: ['', 'East'] } })
  kept = (await s.enroll())['uuid']
  lost = (await s.enroll({ conductor_group: 'EAST', name: 'lost' }))['uuid']
  await s.connections.pool.query("delete from baremetal.conductor where conductor_group = 'east'")
}, 60_000)
afterAll(() => s?.close())

const REASON =
  /No valid host was found\. Reason: No conductor service registered which supports driver fake-hardware for conductor group "east"\./

describe('a node whose group no conductor serves', () => {
  it('says so', async () => {
    expect((await s.call('admin', 'GET', `/v1/nodes/${lost}`)).body).toMatchObject({ conductor: null, conductor_group: 'east' })
    expect((await s.call('admin', 'GET', `/v1/nodes/${kept}`)).body).toMatchObject({ conductor: 'west-1' })
    const { status, body } = await s.call('admin', 'GET', '/v1/conductor_groups')
    expect([status, body]).toEqual([
      200,
      {
        conductor_groups: [
          { conductor_group: '', nodes: 1, unserved_nodes: 0, unserved_drivers: [], conductors: ['west-1'] },
          { conductor_group: 'east', nodes: 1, unserved_nodes: 1, unserved_drivers: ['fake-hardware'], conductors: [] },
        ],
      },
    ])
    expect((await s.call('owner', 'GET', '/v1/conductor_groups')).status).toBe(403)
  })

  it('is counted for the operator', async () => {
    const [unserved] = await s.running.measures!()
    expect(unserved).toMatchObject({
      name: 'esi_baremetal_unserved_nodes',
      values: [
        { of: { conductor_group: '' }, value: 0 },
        { of: { conductor_group: 'east' }, value: 1 },
      ],
    })
  })

  it.each([
    ['PUT', 'states/power', { target: 'power on' }, 404],
    ['PUT', 'states/provision', { target: 'manage' }, 404],
    ['PUT', 'states/boot_mode', { target: 'uefi' }, 404],
    ['PUT', 'states/secure_boot', { target: true }, 404],
    ['POST', 'bmc/password', {}, 404],
    ['GET', 'management/boot_device', undefined, 400],
    ['PUT', 'management/inject_nmi', {}, 400],
  ])('is asked nothing that nobody would do: %s %s', async (method, path, body, status) => {
    const before = (await s.connections.pool.query('select * from baremetal.node where uuid = $1', [lost])).rows
    const answer = await s.call('admin', method, `/v1/nodes/${lost}/${path}`, body)
    expect([answer.status, said(answer)]).toEqual([status, expect.stringMatching(REASON)])
    expect((await s.connections.pool.query('select * from baremetal.node where uuid = $1', [lost])).rows).toEqual(before)
  })

  it('may be mended all the same, and moved to a group that is served, but no node comes into one that is not', async () => {
    const patch = (node: string, path: string, value: unknown) =>
      s.call('admin', 'PATCH', `/v1/nodes/${node}`, [{ op: 'add', path, value }])
    expect((await patch(lost, '/extra/note', 'x')).status).toBe(200)
    const refused = await patch(kept, '/conductor_group', 'east')
    expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(REASON)])
    const made = await s.call('admin', 'POST', '/v1/nodes', { driver: 'fake-hardware', conductor_group: 'nowhere' })
    expect([made.status, said(made)]).toEqual([400, expect.stringContaining('for conductor group "nowhere"')])
    expect((await patch(lost, '/conductor_group', '')).status).toBe(200)
    expect((await s.call('admin', 'PUT', `/v1/nodes/${lost}/states/power`, { target: 'power on' })).status).toBe(202)
  })
})

it('where nobody was seen for a minute nobody is alive, and what is asked is written down all the same', async () => {
  await s.connections.pool.query(`update baremetal.conductor set seen_at = seen_at - interval '5 minutes'`)
  const { conductors } = (await s.call('admin', 'GET', '/v1/conductors')).body
  expect(conductors.map((c: any) => [c.hostname, c.alive])).toEqual([['west-1', false]])
  const { conductor_groups } = (await s.call('admin', 'GET', '/v1/conductor_groups')).body
  expect(conductor_groups).toMatchObject([{ conductor_group: '', unserved_nodes: 2, conductors: [] }])
  expect((await s.call('admin', 'PUT', `/v1/nodes/${kept}/states/power`, { target: 'power on' })).status).toBe(202)
})

it('a process that only answers requests serves no group', async () => {
  const hosts = async () =>
    (await s.connections.pool.query('select hostname from baremetal.conductor order by 1')).rows.map(row => row.hostname)
  const before = await hosts()
  const world = { database: s.database, config: { groups: ['', 'idle'] }, drivers: { names: ['redfish'] }, host: 'idle' }
  const idle = presence({ ...world, kit: { ...s.kit, conducts: false } } as never)
  await idle.start()
  expect(await hosts()).toEqual(before)
  await idle.stop()
  const busy = presence({ ...world, kit: s.kit } as never)
  await busy.start()
  expect(await hosts()).toEqual(['idle', 'idle-idle', ...before])
  await busy.stop()
  expect(await hosts()).toEqual(before)
})

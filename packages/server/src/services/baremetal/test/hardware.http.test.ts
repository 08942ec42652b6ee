import { HARDWARE_DONE } from '@esi/api/baremetal/hardware'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BmcDriver } from '../../../drivers/bmc/driver.ts'
import { loadBmcDriver } from '../../../drivers/load.ts'
import { persona } from '../../../kit/testing/personas.ts'
import type { Answer } from '../../../kit/testing/serve.ts'
import { at, LESSEE, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site({ callers: { 'owner-manager': persona('owner-manager', 'manager', 'owner') } })
}, 60_000)
afterAll(() => s?.close())

/** Until a request has written its call down. */
const written = async (site: Site, node: string, calls = 1): Promise<void> => {
  for (;;) {
    const { rows } = await site.connections.pool.query('select count(*)::int as n from baremetal.hardware_call where node = $1', [node])
    if (rows[0].n >= calls) return
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** A request that the hardware answers: the conductor runs while it waits. */
const ask = async (who: string, method: string, node: string, path: string, body?: unknown): Promise<Answer> => {
  const { rows } = await s.connections.pool.query('select count(*)::int as n from baremetal.hardware_call where node = $1', [node])
  const answer = s.call(who, method, `/v1/nodes/${node}/${path}`, body)
  await written(s, node, rows[0].n + 1)
  await s.conduct()
  return answer
}

describe('what the hardware answers', () => {
  it('is waited for', async () => {
    const { uuid } = await s.enroll({ lessee: LESSEE })
    const device = () => ask('lessee', 'GET', uuid, 'management/boot_device')
    expect((await device()).body).toEqual({ boot_device: 'pxe', persistent: false })
    const supported = await ask('lessee', 'GET', uuid, 'management/boot_device/supported')
    expect(supported.body.supported_boot_devices).toContain('disk')
    expect((await ask('lessee', 'PUT', uuid, 'management/boot_device', { boot_device: 'disk', persistent: true })).status).toBe(204)
    expect((await device()).body).toEqual({ boot_device: 'disk', persistent: true })
    expect((await ask('owner-manager', 'PUT', uuid, 'management/indicators/led@system', { state: 'blinking' })).status).toBe(204)
    expect((await ask('lessee', 'GET', uuid, 'management/indicators/led@system')).body).toEqual({ state: 'blinking' })
    expect((await ask('lessee', 'POST', uuid, 'vmedia', { device_type: 'cdrom', image_url: 'http://10.0.0.9/x.iso' })).status).toBe(204)
    expect((await ask('lessee', 'GET', uuid, 'vmedia')).body).toContainEqual(
      expect.objectContaining({ inserted: true, image: 'http://10.0.0.9/x.iso' }),
    )
    expect((await ask('lessee', 'DELETE', uuid, 'vmedia?device_types=cdrom')).status).toBe(204)
    expect((await ask('lessee', 'GET', uuid, 'vmedia')).body.every((slot: any) => !slot.inserted)).toBe(true)
  })
  it('by two requests at once, each its own', async () => {
    const [a, b] = [await s.enroll(), await s.enroll()]
    await ask('owner', 'PUT', b['uuid'], 'management/boot_device', { boot_device: 'cdrom' })
    const both = [a, b].map(node => s.call('owner', 'GET', `/v1/nodes/${node['uuid']}/management/boot_device`))
    await written(s, a['uuid'], 1)
    await written(s, b['uuid'], 2)
    await s.conduct()
    expect((await Promise.all(both)).map(answer => answer.body.boot_device)).toEqual(['pxe', 'cdrom'])
  })
  it('and for 30 seconds only; what is late is not done any more', async () => {
    const { uuid } = await s.enroll()
    const waiting = s.call('owner', 'PUT', `/v1/nodes/${uuid}/management/boot_device`, { boot_device: 'disk' })
    await written(s, uuid)
    let over = false
    void waiting.then(() => {
      over = true
    })
    await s.clock.advance(29_000)
    expect(over).toBe(false)
    await s.clock.advance(1_000)
    const late = await waiting
    expect([late.status, said(late)]).toEqual([504, 'The hardware did not answer within 30 seconds.'])
    await s.conduct()
    expect((await ask('owner', 'GET', uuid, 'management/boot_device')).body.boot_device).toBe('pxe')
  })
  it('in whatever process the conductor runs', async () => {
    const { uuid } = await s.enroll()
    const beside = await site({ beside: s, config: { drivers: ['fake-hardware', 'redfish'], host: 'conductor-2' } })
    try {
      const answer = s.call('owner', 'GET', `/v1/nodes/${uuid}/management/boot_device`)
      await written(s, uuid)
      await beside.conduct()
      expect((await answer).body.boot_device).toBe('pxe')
    } finally {
      await beside.close()
    }
  })
  it('is told to those who have the node, without the answer', async () => {
    const { uuid } = await s.enroll()
    await ask('owner', 'GET', uuid, 'management/boot_device')
    const { rows } = await s.connections.pool.query('select projects, data from kit.event where type = $1 order by id desc limit 1', [
      HARDWARE_DONE,
    ])
    expect(rows[0].projects).toEqual([(await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.owner])
    expect(JSON.stringify(rows[0].data)).not.toContain('pxe')
  })
  it.each<[string, string, unknown, number, RegExp]>([
    ['PUT', 'management/boot_device', {}, 400, /'boot_device' is a required property/],
    ['PUT', 'management/boot_device', { boot_device: 'tape' }, 400, /Invalid boot device tape/],
    ['PUT', 'management/boot_device', { boot_device: 'disk', persistent: 'perhaps' }, 400, /true or false/],
    ['GET', 'management/indicators/led', undefined, 400, /Malformed indicator name/],
    ['GET', 'management/indicators/fan@chassis', undefined, 404, /could not be found/],
    ['PUT', 'management/indicators/led@system', { state: 'red' }, 400, /Invalid indicator state/],
    ['POST', 'vmedia', { device_type: 'tape', image_url: 'http://x/' }, 400, /one of cdrom/],
    ['POST', 'vmedia', { device_type: 'cdrom', image_url: 'file:///etc/passwd' }, 400, /URL scheme: file/],
    ['DELETE', 'vmedia?device_types=tape', undefined, 400, /Invalid device type/],
  ])('%s %s %j is refused before anybody is asked', async (method, path, body, status, words) => {
    const { uuid } = await s.enroll()
    const refused = await s.call('owner-manager', method, `/v1/nodes/${uuid}/${path}`, body)
    expect(refused.status).toBe(status)
    expect(said(refused)).toMatch(words)
    const { rows } = await s.connections.pool.query('select 1 from baremetal.hardware_call where node = $1', [uuid])
    expect(rows).toEqual([])
  })
  it('is not asked for by who may not, of a node that is held, or by an old client', async () => {
    const { uuid } = await s.enroll()
    expect((await s.call('auditor', 'GET', `/v1/nodes/${uuid}/management/boot_device`)).status).toBe(403)
    expect((await s.call('owner', 'PUT', `/v1/nodes/${uuid}/management/inject_nmi`)).status).toBe(403)
    await s.put(uuid, { reservation: 'conductor-1' })
    expect((await s.call('owner', 'PUT', `/v1/nodes/${uuid}/management/boot_device`, { boot_device: 'disk' })).status).toBe(409)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/vmedia`, undefined, at(92))).status).toBe(404)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/management/indicators`, undefined, at(62))).status).toBe(406)
  })
})

describe('a driver that cannot', () => {
  it('is said so at once', async () => {
    const plain: BmcDriver = { ...(await loadBmcDriver('fake-hardware')), name: 'plain', can: [] }
    const bare = await site({ needs: { drivers: { load: async () => plain } }, config: { drivers: ['fake-hardware'], host: 'c' } })
    try {
      const { uuid } = await bare.enroll()
      for (const [method, path, body] of [
        ['GET', 'management/boot_device'],
        ['GET', 'vmedia'],
        ['GET', 'management/indicators/led@system'],
        ['PUT', 'management/inject_nmi'],
        ['PUT', 'states/secure_boot', { target: true }],
      ] as const) {
        const refused = await bare.call('admin', method, `/v1/nodes/${uuid}/${path}`, body)
        expect([path, refused.status]).toEqual([path, 400])
        expect(said(refused)).toMatch(/^Driver fake-hardware does not support/)
      }
      expect((await bare.call('admin', 'GET', `/v1/nodes/${uuid}/management/indicators`)).body).toEqual({ indicators: [] })
    } finally {
      await bare.close()
    }
  })
})

describe('validation', () => {
  it('asks the driver about the settings, secrets and all, and says what is not there', async () => {
    const { uuid } = await s.enroll({ driver: 'redfish', driver_info: { redfish_address: 'nowhere at all' } })
    const bad = await s.call('owner', 'GET', `/v1/nodes/${uuid}/validate`)
    expect(bad.body.power.result).toBe(false)
    expect(bad.body.power.reason).toMatch(/redfish/)
    await s.call('owner', 'PATCH', `/v1/nodes/${uuid}`, [
      {
        op: 'add',
        path: '/driver_info',
        value: {
          redfish_address: 'https://10.0.0.1',
          redfish_username: 'u',
          redfish_password: 'hunter2',
          redfish_system_id: '/redfish/v1/Systems/1',
        },
      },
    ])
    const good = await s.call('owner', 'GET', `/v1/nodes/${uuid}/validate`)
    expect(good.body).toMatchObject({
      power: { result: true },
      management: { result: true },
      network: { result: true },
      deploy: { result: false },
    })
  })
})

describe('traits', () => {
  it('are set, added and taken away by who manages the node', async () => {
    const { uuid } = await s.enroll({ lessee: LESSEE })
    const call = (method: string, tail = '', body?: unknown) => s.call('owner-manager', method, `/v1/nodes/${uuid}/traits${tail}`, body)
    expect((await call('PUT', '', { traits: ['CUSTOM_B', 'HW_CPU_X86_VMX', 'CUSTOM_B'] })).status).toBe(204)
    const added = await call('PUT', '/CUSTOM_A')
    expect([added.status, added.headers['location']]).toEqual([204, `http://localhost:80/baremetal/v1/nodes/${uuid}/traits/CUSTOM_A`])
    expect((await s.call('lessee', 'GET', `/v1/nodes/${uuid}/traits`)).body).toEqual({ traits: ['CUSTOM_A', 'CUSTOM_B', 'HW_CPU_X86_VMX'] })
    expect((await call('DELETE', '/CUSTOM_B')).status).toBe(204)
    const gone = await call('DELETE', '/CUSTOM_B')
    expect([gone.status, said(gone)]).toEqual([404, `Node ${uuid} doesn't have a trait 'CUSTOM_B'`])
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body.traits).toEqual(['CUSTOM_A', 'HW_CPU_X86_VMX'])
    expect((await call('DELETE')).status).toBe(204)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}?fields=traits`)).body.traits).toEqual([])
  })
  it('must be traits, and not too many', async () => {
    const { uuid } = await s.enroll()
    const put = (body: unknown, tail = '') => s.call('owner-manager', 'PUT', `/v1/nodes/${uuid}/traits${tail}`, body)
    for (const body of [{ traits: ['x'] }, { traits: 'CUSTOM_A' }, {}, { traits: [1] }, { colour: [] }])
      expect((await put(body)).status).toBe(400)
    expect((await put(undefined, '/fast')).status).toBe(400)
    expect((await put({ traits: ['CUSTOM_A'] }, '/CUSTOM_A')).status).toBe(400)
    const many = Array.from({ length: 51 }, (_, i) => `CUSTOM_${i}`)
    expect((await put({ traits: many })).status).toBe(400)
    expect((await put({ traits: many.slice(1) })).status).toBe(204)
    expect((await put(undefined, '/CUSTOM_0')).status).toBe(400)
    expect((await s.call('owner', 'PUT', `/v1/nodes/${uuid}/traits/CUSTOM_1`)).status).toBe(403)
    const old = async (method: string, tail = '', body?: unknown) =>
      (await s.call('owner-manager', method, `/v1/nodes/${uuid}/traits${tail}`, body, at(36))).status
    expect([await old('GET'), await old('PUT', '', { traits: [] }), await old('PUT', '/CUSTOM_A'), await old('DELETE')]).toEqual([
      406, 405, 405, 404,
    ])
  })
})

describe('without a network service', () => {
  it('a node attaches nothing, and one that should attach says that it cannot', async () => {
    const { uuid } = await s.enroll()
    const vif = { id: '11111111-2222-4333-8444-555555555555' }
    expect((await s.call('owner', 'POST', `/v1/nodes/${uuid}/vifs`, vif)).status).toBe(204)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/vifs`)).body).toEqual({ vifs: [] })
    expect((await s.call('owner', 'DELETE', `/v1/nodes/${uuid}/vifs/${vif.id}`)).status).toBe(204)
    expect((await s.call('owner', 'POST', `/v1/nodes/${uuid}/vifs`, {})).status).toBe(400)
    expect((await s.call('owner', 'DELETE', `/v1/nodes/${uuid}/vifs/`)).status).toBe(400)
    const wired = await s.enroll({ driver: 'redfish', network_interface: 'neutron' })
    const refused = await s.call('owner', 'POST', `/v1/nodes/${wired['uuid']}/vifs`, vif)
    expect([refused.status, said(refused)]).toEqual([501, '"network interface neutron" is not available on this installation yet.'])
  })
})

describe('drivers and conductors', () => {
  it('are shown to administrators', async () => {
    const list = await s.call('admin', 'GET', '/v1/drivers')
    expect(list.body.drivers.map((d: any) => [d.name, d.hosts, d.type])).toEqual([
      ['fake-hardware', ['conductor-1'], 'dynamic'],
      ['redfish', ['conductor-1'], 'dynamic'],
    ])
    expect((await s.call('admin', 'GET', '/v1/drivers?type=classic')).body.drivers).toEqual([])
    const one = await s.call('admin', 'GET', '/v1/drivers/redfish')
    expect(one.body).toMatchObject({ default_power_interface: 'redfish', default_network_interface: 'noop' })
    expect((await s.call('admin', 'GET', '/v1/drivers/redfish', undefined, at(29))).body).not.toHaveProperty('default_power_interface')
    expect((await s.call('admin', 'GET', '/v1/drivers/redfish/properties')).body).toHaveProperty('redfish_address')
    expect(said(await s.call('admin', 'GET', '/v1/drivers/ilo'))).toContain('ilo')
    expect((await s.call('admin', 'GET', '/v1/conductors')).body.conductors).toMatchObject([
      { hostname: 'conductor-1', conductor_group: '', alive: true },
    ])
    expect((await s.call('admin', 'GET', '/v1/conductors/conductor-1')).body.drivers).toEqual(['fake-hardware', 'redfish'])
    expect((await s.call('admin', 'GET', '/v1/conductors/none')).status).toBe(404)
    for (const path of ['/v1/drivers', '/v1/drivers/redfish', '/v1/conductors', '/v1/conductors/conductor-1'])
      expect([path, (await s.call('owner', 'GET', path)).status]).toEqual([path, 403])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persona } from '../../../kit/testing/personas.ts'
import { at, LESSEE, OWNER, type Site, said, site } from './site.ts'

// What the original's fake interfaces do, which is nothing, so that everything about it can be tried: deploy, rescue, service, steps.

let s: Site
beforeAll(async () => {
  s = await site({ callers: { manager: persona('manager', 'manager', 'owner') } })
}, 60_000)
afterAll(() => s?.close())

const show = async (uuid: string) => (await s.call('admin', 'GET', `/v1/nodes/${uuid}`)).body
const ask = (who: string, uuid: string, target: string, more: object = {}, version = 115) =>
  s.call(who, 'PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more }, at(version))
const go = async (uuid: string, target: string, more: object = {}, who = 'owner') => {
  const answer = await ask(who, uuid, target, more)
  expect([target, answer.status, answer.body]).toEqual([target, 202, undefined])
  await s.conduct()
  return show(uuid)
}
const ready = async (fields: object = {}) => {
  const { uuid } = await s.enroll({ properties: { erase: 'none' }, ...fields })
  await go(uuid, 'manage')
  expect(await go(uuid, 'provide')).toMatchObject({ provision_state: 'available' })
  return uuid as string
}
const row = async (uuid: string) => (await s.connections.pool.query('select * from baremetal.node where uuid = $1', [uuid])).rows[0]

describe('a fake machine', () => {
  it('is deployed, rebuilt, rescued, brought back, serviced, and undeployed', async () => {
    const uuid = await ready()
    expect((await row(uuid)).clean_proof).not.toBeNull()
    expect(await go(uuid, 'active', { configdrive: 'bm90aGluZw==' })).toMatchObject({
      provision_state: 'active',
      target_provision_state: null,
      last_error: null,
      instance_info: { configdrive: '******' },
    })
    expect((await row(uuid)).clean_proof).toBeNull()
    expect(await go(uuid, 'rebuild')).toMatchObject({ provision_state: 'active' })
    expect(await go(uuid, 'rescue', { rescue_password: 'only for now' })).toMatchObject({ provision_state: 'rescue' })
    expect(JSON.stringify(await row(uuid))).not.toContain('only for now')
    expect(await go(uuid, 'unrescue')).toMatchObject({ provision_state: 'active' })
    expect(await go(uuid, 'service', { service_steps: [{ interface: 'management', step: 'baseline' }] })).toMatchObject({
      provision_state: 'active',
    })
    expect(await go(uuid, 'deleted')).toMatchObject({ provision_state: 'available', instance_info: {}, power_state: 'power off' })
    expect((await row(uuid)).clean_proof).not.toBeNull()
  })

  it('frees what was allocated and attached when it is undeployed', async () => {
    const uuid = await ready({ resource_class: 'to-free', network_interface: 'flat' })
    const { body: allocation } = await s.call('owner', 'POST', '/v1/allocations', { resource_class: 'to-free' })
    const { body: port } = await s.call('manager', 'POST', '/v1/ports', { node_uuid: uuid, address: '52:54:00:aa:00:01' })
    await s.conduct()
    expect((await s.call('owner', 'POST', `/v1/nodes/${uuid}/vifs`, { id: 'net-1' })).status).toBe(204)
    await go(uuid, 'active')
    expect(await go(uuid, 'deleted')).toMatchObject({ instance_uuid: null, allocation_uuid: null })
    expect((await s.call('owner', 'GET', `/v1/allocations/${allocation.uuid}`)).status).toBe(404)
    expect((await s.call('owner', 'GET', `/v1/ports/${port.uuid}`)).body.internal_info).toEqual({})
  })

  it('does the steps of a deployment in the order of their priority, and stops at one that it does not know', async () => {
    const uuid = await ready()
    const settings = [{ name: 'Virtualization', value: 'on' }]
    const deploy_steps = [
      { interface: 'bios', step: 'factory_reset', args: {}, priority: 90 },
      { interface: 'bios', step: 'apply_configuration', args: { settings }, priority: 80 },
      { interface: 'raid', step: 'create_configuration', args: {}, priority: 0 },
    ]
    expect(await go(uuid, 'active', { deploy_steps })).toMatchObject({ provision_state: 'active' })
    const bios = (await s.call('owner', 'GET', `/v1/nodes/${uuid}/bios`)).body.bios
    expect(bios).toMatchObject([{ name: 'Virtualization', value: 'on' }])
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/bios/Virtualization`)).body.Virtualization.value).toBe('on')
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/bios/None`)).status).toBe(404)

    const bad = [{ interface: 'deploy', step: 'write_image', args: {}, priority: 1 }]
    expect(await go(uuid, 'rebuild', { deploy_steps: bad })).toMatchObject({
      provision_state: 'deploy failed',
      last_error: expect.stringMatching(/does not support the deploy steps deploy.write_image/),
    })
    expect(said(await ask('owner', uuid, 'active', { deploy_steps: [{ interface: 'bios', step: 'x', priority: 1 }] }))).toMatch(
      /"args" in every step/,
    )
    expect(await go(uuid, 'active')).toMatchObject({ provision_state: 'active' })
  })

  it('is held between steps until it is told to go on, waits, is switched, and each step is done once', async () => {
    const uuid = await ready()
    await go(uuid, 'manage')
    const clean_steps = [
      { interface: 'power', step: 'power_on' },
      { interface: 'deploy', step: 'hold' },
      { interface: 'deploy', step: 'wait', args: { seconds: 60 } },
      { interface: 'power', step: 'power_off' },
    ]
    expect(await go(uuid, 'clean', { clean_steps })).toMatchObject({
      provision_state: 'clean hold',
      target_provision_state: 'manageable',
      power_state: 'power on',
    })
    // Nothing happens while it is held, and the rest of the steps is not forgotten.
    await s.clock.advance(600_000)
    await s.conduct()
    expect(await show(uuid)).toMatchObject({ provision_state: 'clean hold' })
    expect(await go(uuid, 'unhold')).toMatchObject({ provision_state: 'cleaning', clean_step: { step: 'wait' }, power_state: 'power on' })
    await s.clock.advance(60_000)
    await s.conduct()
    const cleaned = await show(uuid)
    expect(cleaned).toMatchObject({ provision_state: 'manageable', power_state: 'power off' })
    expect(cleaned.clean_step).toEqual({})

    expect(await go(uuid, 'clean', { clean_steps })).toMatchObject({ provision_state: 'clean hold' })
    expect(await go(uuid, 'abort')).toMatchObject({ provision_state: 'clean failed', last_error: expect.stringMatching(/aborted/) })
  })

  it('that is serviced with a step that it does not know says so, and can be given up', async () => {
    const uuid = await ready()
    await go(uuid, 'active')
    const service_steps = [{ interface: 'deploy', step: 'burn_in' }]
    expect(await go(uuid, 'service', { service_steps })).toMatchObject({
      provision_state: 'service failed',
      fault: 'service failure',
      last_error: expect.stringMatching(/does not support the service steps deploy.burn_in/),
    })
    expect(await go(uuid, 'abort')).toMatchObject({ provision_state: 'active' })
    expect(await go(uuid, 'service', { service_steps: [{ interface: 'deploy', step: 'hold' }] })).toMatchObject({
      provision_state: 'service hold',
    })
    expect(await go(uuid, 'unhold')).toMatchObject({ provision_state: 'active', fault: null })
  })

  it('is not deployed with settings that cannot be right', async () => {
    const uuid = await ready()
    await s.put(uuid, { driver_info: { fake_id: 7 } })
    const refused = await ask('owner', uuid, 'active')
    expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(/Failed to validate deploy or power info .*fake_id/)])
    expect((await show(uuid)).provision_state).toBe('available')
  })
})

describe('a runbook', () => {
  const make = async (more: object = {}, traits: readonly string[] = ['CUSTOM_OK']) => {
    const { body } = await s.call('admin', 'POST', '/v1/runbooks', {
      name: `CUSTOM_RB_${Math.random().toString(36).slice(2).toUpperCase()}`,
      owner: OWNER,
      steps: [
        { interface: 'power', step: 'power_off', order: 2 },
        { interface: 'management', step: 'baseline', order: 1 },
      ],
      ...more,
    })
    if (traits.length > 0) await s.call('admin', 'PUT', `/v1/runbooks/${body.uuid}/traits`, { traits })
    return body
  }

  it('does its steps on a node that has one of its traits, for its owner’s managers and, when public, for everybody', async () => {
    const uuid = await ready()
    await go(uuid, 'manage')
    const own = await make()
    expect(said(await ask('manager', uuid, 'clean', { runbook: own.uuid }))).toMatch(/has not been approved for use on this node/)
    await s.call('admin', 'PUT', `/v1/nodes/${uuid}/traits`, { traits: ['CUSTOM_OK'] })
    expect((await ask('owner', uuid, 'clean', { runbook: own.uuid })).status).toBe(403)
    expect(await go(uuid, 'clean', { runbook: own.uuid }, 'manager')).toMatchObject({ provision_state: 'manageable' })
    const { rows } = await s.connections.pool.query("select event from baremetal.node_history where node = $1 and event like 'Did%'", [
      uuid,
    ])
    expect(rows).toEqual([{ event: 'Did management.baseline, power.power_off.' }])
    const open = await make({ public: true, owner: null })
    expect(await go(uuid, 'clean', { runbook: open.name }, 'owner')).toMatchObject({ provision_state: 'manageable' })
    expect((await ask('stranger', uuid, 'clean', { runbook: open.uuid })).status).toBe(404)
    expect(said(await ask('manager', uuid, 'clean', { runbook: (await make({}, [])).uuid }))).toMatch(/no traits configured/)
    expect(
      said(await ask('manager', uuid, 'clean', { runbook: own.uuid, clean_steps: [{ interface: 'power', step: 'power_off' }] })),
    ).toMatch(/not both/)
    expect((await ask('manager', uuid, 'clean', { runbook: own.uuid }, 91)).status).toBe(406)
    // For older clients its name is the trait.
    const old = await make({ name: 'CUSTOM_OLD' }, [])
    await s.call('admin', 'PUT', `/v1/nodes/${uuid}/traits/CUSTOM_OLD`)
    expect((await ask('manager', uuid, 'clean', { runbook: old.uuid }, 111)).status).toBe(202)
    await s.conduct()
  })
})

describe('who deploys', () => {
  it('has the node for as long as that lasts, where instance_info says whose it is and nobody has it', async () => {
    const uuid = await ready({ instance_info: { project_id: LESSEE } })
    expect(await go(uuid, 'active')).toMatchObject({ lessee: LESSEE })
    expect((await s.call('lessee', 'GET', `/v1/nodes/${uuid}`)).status).toBe(200)
    expect((await s.call('owner', 'PATCH', `/v1/nodes/${uuid}`, [{ op: 'replace', path: '/lessee', value: 'somebody' }])).status).toBe(409)
    expect(await go(uuid, 'deleted')).toMatchObject({ lessee: null })

    const had = await ready({ instance_info: { project_id: LESSEE }, lessee: 'somebody' })
    expect(await go(had, 'active')).toMatchObject({ lessee: 'somebody' })
    expect(await go(had, 'deleted')).toMatchObject({ lessee: 'somebody' })
  })
})

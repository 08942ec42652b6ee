import { type ProvisionState, transitions, verbs } from '@esi/api/baremetal/states'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asks, locked, machine } from './machine.ts'
import { at, LESSEE, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site()
}, 60_000)
afterAll(() => s?.close())

const row = async (uuid: string): Promise<any> =>
  (await s.connections.db.selectFrom('baremetal.node').selectAll().where('uuid', '=', uuid).executeTakeFirst())!
const due = async (uuid: string): Promise<number> => {
  const { rows } = await s.connections.pool.query("select want from kit.work where conductor = 'node' and key = $1", [uuid])
  return Number(rows[0]?.want ?? 0)
}

describe('power', () => {
  const power = (who: string, node: string, body: object, version = 115) =>
    s.call(who, 'PUT', `/v1/nodes/${node}/states/power`, body, at(version))

  it('is asked for, and left to the conductor', async () => {
    const { uuid } = await s.enroll({ name: 'p1', lessee: LESSEE })
    const before = await due(uuid)
    for (const [who, target, action, leads] of [
      ['owner', 'power on', 'on', 'power on'],
      ['lessee', 'power off', 'off', 'power off'],
      ['lessee', 'rebooting', 'reboot', 'power on'],
      ['owner', 'soft power off', 'soft off', 'power off'],
      ['admin', 'soft rebooting', 'soft reboot', 'power on'],
    ] as const) {
      const asked = await power(who, 'p1', { target, timeout: 60 })
      expect([asked.status, asked.headers['location']]).toEqual([202, 'http://localhost:80/baremetal/v1/nodes/p1/states'])
      const now = await row(uuid)
      expect(now.target_power_state).toBe(leads)
      expect(now.wanted.power).toEqual({ action, timeout: 60, intent: now.intent })
    }
    expect((await row(uuid)).intent).toBe(5)
    expect(await due(uuid)).toBe(before + 5)
    expect((await s.call('lessee', 'GET', '/v1/nodes/p1/states')).body).toMatchObject({ power_state: null, target_power_state: 'power on' })
  })
  it.each<[object, number, number, RegExp]>([
    [{ target: 'on' }, 115, 400, /The requested action "on" can not be performed on node/],
    [{}, 115, 400, /'target' is a required property/],
    [{ target: 'power on', timeout: 0 }, 115, 400, /positive integer/],
    [{ target: 'power on', timeout: 'x' }, 115, 400, /whole number/],
    [{ target: 'power on', colour: 'x' }, 115, 400, /colour/],
    [{ target: 'soft power off' }, 26, 406, /acceptable/],
    [{ target: 'power on', timeout: 5 }, 26, 406, /1\.27/],
  ])('%j at 1.%i is refused', async (body, version, status, words) => {
    const { uuid } = await s.enroll()
    const refused = await power('owner', uuid, body, version)
    expect(refused.status).toBe(status)
    expect(said(refused)).toMatch(words)
    expect(await row(uuid)).toMatchObject({ wanted: {}, intent: 0, target_power_state: null })
  })
  it('rests while the node is cleaned, is held, must stay on, or is made ready after a lease', async () => {
    const { uuid } = await s.enroll()
    const ask = () => power('owner', uuid, { target: 'power off' })
    await s.put(uuid, { provision_state: 'cleaning' })
    expect(said(await ask())).toContain('while it is in state "cleaning"')
    await s.put(uuid, { provision_state: 'available', reservation: 'conductor-1' })
    expect((await ask()).status).toBe(409)
    await s.put(uuid, { reservation: null, disable_power_off: true })
    expect(said(await ask())).toBe('Failed to set node power state to power off.')
    const release = { lease: uuid, project: LESSEE, began_at: '2030-01-01T00:00:00Z', doing: 'wiping its disks' }
    await s.put(uuid, { disable_power_off: false, release: JSON.stringify(release) })
    expect(said(await ask())).toContain('the end of its last lease is not over')
    // Whoever repairs it has to switch it.
    await s.put(uuid, { release: JSON.stringify({ ...release, quarantined: 'the BMC does not answer' }) })
    expect((await ask()).status).toBe(202)
  })
  it('is refused as the original does it in each state: while it is cleaned, and while a conductor is at work on it', async () => {
    const { uuid } = await s.enroll()
    for (const state of Object.keys(machine)) {
      await s.put(uuid, { provision_state: state, wanted: '{}' })
      for (const target of ['power on', 'power off', 'rebooting', 'soft power off', 'soft rebooting']) {
        const answer = await power('owner', uuid, { target })
        // What waits here goes on at once, so it is as good as at work; the original takes it there and cuts off what it waits for.
        const busy = locked.includes(state) || ['service wait', 'wait call-back', 'inspect wait', 'rescue wait'].includes(state)
        const want = state === 'cleaning' || state === 'clean wait' ? 400 : busy ? 409 : 202
        expect([state, target, answer.status]).toEqual([state, target, want])
        if (want === 400)
          expect(said(answer)).toBe(
            `The requested action "${target}" can not be performed on node "${uuid}" while it is in state "${state}".`,
          )
        if (want === 409)
          expect(said(answer)).toBe(`Node ${uuid} is locked by host conductor-1, please retry after the current operation is completed.`)
        expect((await row(uuid)).wanted.power === undefined).toBe(want !== 202)
      }
    }
  })
  it('is nobody’s who only reads', async () => {
    const { uuid } = await s.enroll()
    expect((await power('auditor', uuid, { target: 'power on' })).status).toBe(403)
  })
})

describe('provision', () => {
  const ask = (node: string, target: string, more: object = {}, version = 115) =>
    s.call('owner', 'PUT', `/v1/nodes/${node}/states/provision`, { target, ...more }, at(version))
  const needs: Record<string, object> = {
    clean: { clean_steps: [{ interface: 'deploy', step: 'erase_devices' }] },
    service: { service_steps: [{ interface: 'deploy', step: 'x' }] },
    rescue: { rescue_password: 'pw' },
  }

  it('every verb in every state is what the table says', async () => {
    const { uuid } = await s.enroll()
    for (const state of Object.keys(transitions) as ProvisionState[])
      for (const verb of Object.keys(verbs)) {
        await s.put(uuid, { provision_state: state, target_provision_state: null, wanted: '{}', reservation: null })
        const answer = await ask(uuid, verb, needs[verb])
        const to = asks({ state, target: null }, verb)
        const now = await row(uuid)
        const want = locked.includes(state) ? 409 : to === undefined ? 400 : 202
        expect([state, verb, answer.status, now.provision_state]).toEqual([state, verb, want, want === 202 ? to!.state : state])
        if (want === 409)
          expect(said(answer)).toBe(`Node ${uuid} is locked by host conductor-1, please retry after the current operation is completed.`)
        if (want === 202) expect(now.target_provision_state).toBe(to!.target)
        if (want === 400) {
          expect(said(answer)).toBe(
            `The requested action "${verb}" can not be performed on node "${uuid}" while it is in state "${state}".`,
          )
          await s.put(uuid, { reservation: 'conductor-1' })
          expect((await ask(uuid, verb, needs[verb])).status).toBe(409)
        }
        if (want !== 202) expect(now.wanted).toEqual({})
      }
  })
  it('what a node says of its verbs is what becomes of them, also in maintenance, retired, or protected', async () => {
    const { uuid } = await s.enroll()
    const standings = [{ maintenance: true }, { retired: true }, { protected: true }, {}]
    for (const standing of standings)
      for (const state of Object.keys(transitions)) {
        const put = { maintenance: false, retired: false, protected: false, ...standing }
        await s.put(uuid, { ...put, provision_state: state, wanted: '{}' })
        const { verbs: told } = (await s.call('owner', 'GET', `/v1/nodes/${uuid}/release`)).body
        expect(Object.keys(told).sort()).toEqual(Object.keys(verbs).sort())
        for (const verb of Object.keys(verbs)) {
          await s.put(uuid, { ...put, provision_state: state, wanted: '{}' })
          const answer = await ask(uuid, verb, needs[verb])
          expect([standing, state, verb, answer.status === 202, told[verb]]).toEqual([
            standing,
            state,
            verb,
            told[verb] === true,
            told[verb],
          ])
        }
      }
  })
  it.each([
    ['manageable', 'clean', 'cleaning'],
    ['active', 'service', 'service'],
    ['active', 'rescue', 'rescuing'],
    ['rescue', 'unrescue', 'unrescuing'],
    ['available', 'active', 'provisioning'],
    ['active', 'rebuild', 'provisioning'],
  ])('in %s, %s rests in maintenance, as the original has it', async (state, verb, op) => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { provision_state: state, maintenance: true })
    const refused = await ask(uuid, verb, needs[verb])
    expect([refused.status, said(refused)]).toEqual([
      400,
      `The ${op} operation can't be performed on node ${uuid} because it's in maintenance mode.`,
    ])
  })
  it.each([
    ['available', 'active'],
    ['active', 'rebuild'],
    ['active', 'rescue'],
    ['rescue', 'unrescue'],
  ])('what nothing here carries out is refused and changes nothing: in %s, %s of a real machine', async (state, verb) => {
    const { uuid } = await s.enroll({ driver: 'redfish', driver_info: { redfish_address: 'https://10.0.0.1' } })
    await s.put(uuid, { provision_state: state })
    const refused = await ask(uuid, verb, needs[verb])
    expect([refused.status, said(refused)]).toEqual([501, `"${verb}" is not available on this installation yet.`])
    expect(await row(uuid)).toMatchObject({ provision_state: state, wanted: {} })
  })
  it('managing an enrolled node has it verified; a managed one is at once what it is to be', async () => {
    const { uuid } = await s.enroll()
    expect((await ask(uuid, 'manage')).status).toBe(202)
    expect(await row(uuid)).toMatchObject({
      provision_state: 'verifying',
      target_provision_state: 'manageable',
      wanted: { provision: { verb: 'manage', intent: 1 } },
      provision_updated_at: s.clock.now(),
    })
    await s.put(uuid, { provision_state: 'available', target_provision_state: null })
    expect((await ask(uuid, 'manage')).status).toBe(202)
    expect(await row(uuid)).toMatchObject({ provision_state: 'manageable', target_provision_state: null, wanted: {} })
  })
  it('cleaning by hand keeps its steps and leads back', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { provision_state: 'manageable' })
    const steps = [{ interface: 'deploy', step: 'erase_devices', args: { x: 1 } }]
    expect((await ask(uuid, 'clean', { clean_steps: steps, disable_ramdisk: true })).status).toBe(202)
    expect(await row(uuid)).toMatchObject({
      provision_state: 'cleaning',
      target_provision_state: 'manageable',
      wanted: { provision: { verb: 'clean', clean_steps: steps, disable_ramdisk: true } },
    })
    // A conductor is at work.
    expect((await ask(uuid, 'manage')).status).toBe(409)
    // Aborted, it still goes where it was to go.
    await s.put(uuid, { provision_state: 'clean wait' })
    expect((await ask(uuid, 'abort')).status).toBe(202)
    expect(await row(uuid)).toMatchObject({ provision_state: 'clean failed', target_provision_state: 'manageable', wanted: {} })
    expect((await row(uuid)).last_error).toBe('By request, the clean operation was aborted')
  })
  it('a service that is stopped leaves the node in use, and its fault ends; not in maintenance', async () => {
    const { uuid } = await s.enroll()
    for (const state of ['service hold', 'service wait', 'service failed']) {
      const fault = state === 'service failed' ? 'service failure' : null
      await s.put(uuid, { provision_state: state, target_provision_state: 'active', fault, service_step: JSON.stringify({ step: 'x' }) })
      expect((await ask(uuid, 'abort')).status).toBe(202)
      expect(await row(uuid)).toMatchObject({
        provision_state: 'active',
        target_provision_state: null,
        service_step: null,
        fault: null,
        last_error: 'By request, the service operation was aborted',
        wanted: {},
      })
    }
    await s.put(uuid, { provision_state: 'service failed', maintenance: true })
    const refused = await ask(uuid, 'abort')
    expect([refused.status, said(refused)]).toEqual([409, expect.stringContaining('while it is in maintenance mode')])
  })
  it.each<[string, string, object, number, number, RegExp]>([
    ['manageable', 'clean', {}, 115, 400, /"clean_steps" is required/],
    ['manageable', 'clean', { clean_steps: [] }, 115, 400, /"clean_steps" is required/],
    ['manageable', 'clean', { clean_steps: [{ step: 'x' }] }, 115, 400, /Invalid clean_steps: "interface"/],
    ['manageable', 'clean', { clean_steps: [{ interface: 'deploy', step: 'x', colour: 1 }] }, 115, 400, /colour/],
    ['manageable', 'provide', { clean_steps: [{ interface: 'deploy', step: 'x' }] }, 115, 400, /only valid when setting/],
    ['manageable', 'provide', { configdrive: 'x' }, 115, 400, /config drive/],
    ['manageable', 'provide', { rescue_password: 'x' }, 115, 400, /"rescue_password" is only valid/],
    ['manageable', 'provide', { disable_ramdisk: true }, 115, 406, /acceptable/],
    ['manageable', 'provide', { colour: 'x' }, 115, 400, /colour/],
    ['manageable', 'fly', {}, 115, 400, /The requested action "fly"/],
    ['manageable', 'constructor', {}, 115, 400, /The requested action "constructor"/],
    ['enroll', 'manage', {}, 3, 406, /acceptable/],
    ['clean wait', 'abort', {}, 12, 406, /acceptable/],
    ['inspect wait', 'abort', {}, 40, 406, /acceptable/],
    ['manageable', 'adopt', {}, 16, 406, /acceptable/],
    ['active', 'rescue', { rescue_password: ' ' }, 115, 400, /non-empty "rescue_password"/],
  ])('in %s, %s with %j at 1.%i is refused', async (state, verb, more, version, status, words) => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { provision_state: state })
    const refused = await ask(uuid, verb, more, version)
    expect(refused.status).toBe(status)
    expect(said(refused)).toMatch(words)
    expect(await row(uuid)).toMatchObject({ provision_state: state, wanted: {}, intent: 0 })
  })
  it('rests in maintenance, for retired nodes, and until the end of a lease is over', async () => {
    const { uuid } = await s.enroll()
    await s.put(uuid, { provision_state: 'manageable', maintenance: true })
    expect(said(await ask(uuid, 'provide'))).toBe(
      `The providing operation can't be performed on node ${uuid} because it's in maintenance mode.`,
    )
    await s.put(uuid, { maintenance: false, retired: true })
    expect(said(await ask(uuid, 'provide'))).toBe(`The providing operation can't be performed on node ${uuid} because it is retired.`)
    const release = { lease: uuid, project: LESSEE, began_at: '2030-01-01T00:00:00Z', doing: 'cleaning', quarantined: 'dead' }
    await s.put(uuid, { retired: false, release: JSON.stringify(release) })
    expect(said(await ask(uuid, 'adopt'))).toContain('not proven clean since its last lease: dead')
    expect((await ask(uuid, 'provide')).status).toBe(202)
  })
  it('is written down, with who asked', async () => {
    const { uuid } = await s.enroll()
    await ask(uuid, 'manage')
    await s.clock.advance(5000)
    await s.put(uuid, { provision_state: 'manageable' })
    await ask(uuid, 'provide')
    const history = await s.call('owner', 'GET', `/v1/nodes/${uuid}/history?detail=true`)
    expect(history.body.history.map((h: any) => [h.state, h.target_provision_state, h.severity, h.user !== null])).toEqual([
      ['verifying', 'manageable', 'INFO', true],
      ['cleaning', 'available', 'INFO', true],
    ])
    const first = await s.call('owner', 'GET', `/v1/nodes/${uuid}/history?limit=1`)
    expect(first.body.history).toHaveLength(1)
    const second = await s.call('owner', 'GET', first.body.next.replace('http://localhost:80/baremetal', ''))
    expect(second.body.history[0].event).toContain('provide')
    expect(second.body).not.toHaveProperty('next')
    const { uuid: entry } = first.body.history[0]
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/history/${entry}`, undefined, at(112))).body).not.toHaveProperty('project')
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/history/${uuid}`)).status).toBe(404)
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}/history`, undefined, at(77))).status).toBe(404)
  })
})

describe('maintenance', () => {
  it('is set with a reason, and ended with its fault', async () => {
    const { uuid } = await s.enroll({ lessee: LESSEE })
    expect((await s.call('lessee', 'PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'a fan' })).status).toBe(202)
    await s.put(uuid, { fault: 'power failure' })
    expect((await s.call('owner', 'GET', `/v1/nodes/${uuid}`)).body).toMatchObject({ maintenance: true, maintenance_reason: 'a fan' })
    expect((await s.call('lessee', 'DELETE', `/v1/nodes/${uuid}/maintenance`)).status).toBe(202)
    expect(await row(uuid)).toMatchObject({ maintenance: false, maintenance_reason: null, fault: null })
    await s.call('owner', 'PUT', `/v1/nodes/${uuid}/maintenance`)
    expect(await row(uuid)).toMatchObject({ maintenance: true, maintenance_reason: null })
    expect((await s.call('auditor', 'DELETE', `/v1/nodes/${uuid}/maintenance`)).status).toBe(403)
  })
})

describe('boot mode and secure boot', () => {
  it('are wishes too, from 1.76 on', async () => {
    const { uuid } = await s.enroll()
    const put = (what: string, target: unknown, version = 115) =>
      s.call('owner', 'PUT', `/v1/nodes/${uuid}/states/${what}`, { target }, at(version))
    expect((await put('boot_mode', 'bios')).status).toBe(202)
    expect((await put('secure_boot', true)).status).toBe(202)
    expect((await row(uuid)).wanted).toEqual({ boot_mode: { to: 'bios', intent: 1 }, secure_boot: { to: true, intent: 2 } })
    expect(said(await put('boot_mode', 'dos'))).toContain('Invalid boot mode dos')
    expect((await put('secure_boot', 'perhaps')).status).toBe(400)
    expect((await put('boot_mode', 'uefi', 75)).status).toBe(404)
    await s.put(uuid, { provision_state: 'verifying' })
    expect((await put('boot_mode', 'uefi')).status).toBe(409)
  })
})

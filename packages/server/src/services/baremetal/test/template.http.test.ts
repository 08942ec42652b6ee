import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { persona } from '../../../kit/testing/personas.ts'
import { at, OWNER, type Site, said, site } from './site.ts'

let s: Site
beforeAll(async () => {
  s = await site({ callers: { manager: persona('manager', 'manager', 'owner'), rival: persona('rival', 'manager', 'stranger') } })
}, 60_000)
afterAll(() => s?.close())

let count = 0
const step = (more: object = {}) => ({ interface: 'bios', step: 'apply_configuration', args: {}, priority: 10, ...more })
const order = (more: object = {}) => ({ interface: 'power', step: 'power_off', order: 1, ...more })

describe('deploy templates', () => {
  const make = (more: object = {}) =>
    s.call('admin', 'POST', '/v1/deploy_templates', { name: `CUSTOM_T${++count}`, steps: [step()], ...more })

  it('are the administrators’, found by UUID and name', async () => {
    const made = await make({ name: 'CUSTOM_A', steps: [step({ priority: '7', args: { password: 'hidden', a: 1 } })] })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ name: 'CUSTOM_A', steps: [step({ priority: 7, args: { password: '******', a: 1 } })], extra: {} })
    expect((await s.call('admin', 'GET', '/v1/deploy_templates/CUSTOM_A')).body).toEqual(made.body)
    expect((await s.call('admin', 'GET', '/v1/deploy_templates')).body.deploy_templates[0]).toEqual({
      uuid: made.body.uuid,
      name: 'CUSTOM_A',
      links: made.body.links,
    })
    expect((await s.call('admin', 'GET', '/v1/deploy_templates?detail=true')).body.deploy_templates[0].steps).toEqual(made.body.steps)
    for (const [method, path] of [
      ['GET', '/v1/deploy_templates'],
      ['GET', '/v1/deploy_templates/CUSTOM_A'],
      ['GET', '/v1/deploy_templates/CUSTOM_NONE'],
      ['DELETE', '/v1/deploy_templates/CUSTOM_A'],
    ] as const)
      expect([method, path, (await s.call('owner', method, path)).status]).toEqual([method, path, method === 'DELETE' ? 403 : 403])
    expect((await s.call('admin', 'GET', '/v1/deploy_templates', undefined, at(54))).status).toBe(404)
  })

  it('are changed by JSON Patch on any path, and stay whole', async () => {
    const { uuid } = (await make()).body
    const path = `/v1/deploy_templates/${uuid}`
    const added = [step({ step: 'factory_reset', priority: 20 }), step({ step: 'cache_bios_settings', priority: 30 })]
    const patched = await s.call('admin', 'PATCH', path, [
      { op: 'add', path: '/steps/1', value: added[0] },
      { op: 'add', path: '/steps/-', value: added[1] },
    ])
    expect(patched.body.steps).toEqual([step(), ...added])
    for (const [body, words] of [
      [[{ op: 'remove', path: '/steps' }], /mandatory/],
      [[{ op: 'remove', path: '/name' }], /mandatory/],
      [[{ op: 'replace', path: '/name', value: '' }], /trait/],
      [[{ op: 'add', path: '/steps/-', value: step() }], /twice/],
      [[{ op: 'replace', path: '/steps', value: [] }], /not empty/],
      [[{ op: 'replace', path: '/steps/0/interface', value: 'network' }], /vendor, power/],
    ] as const) {
      const refused = await s.call('admin', 'PATCH', path, body)
      expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(words)])
    }
    expect((await s.call('admin', 'GET', path)).body.steps).toHaveLength(3)
    expect((await make({ uuid })).status).toBe(409)
    const { name } = (await s.call('admin', 'GET', path)).body
    expect(said(await make({ name }))).toBe(`A deploy template with name ${name} already exists.`)
  })
})

describe('runbooks', () => {
  const make = (who: string, more: object = {}, version = 115) =>
    s.call(who, 'POST', '/v1/runbooks', { name: `CUSTOM_R${++count}`, steps: [order()], ...more }, at(version))

  it('are made by a project’s managers for their project, seen by its readers, and by others only when they are public', async () => {
    const made = await make('manager', { name: 'night' })
    expect([made.status, made.body.owner]).toEqual([201, OWNER])
    expect((await make('owner')).status).toBe(403)
    const open = (await make('admin', { public: true })).body
    expect(open).toMatchObject({ public: true, owner: null })
    expect((await s.call('auditor', 'GET', '/v1/runbooks/night')).body).toEqual(made.body)
    expect((await s.call('stranger', 'GET', `/v1/runbooks/${made.body.uuid}`)).status).toBe(404)
    expect((await s.call('stranger', 'GET', `/v1/runbooks/${open.uuid}`)).status).toBe(200)
    expect((await s.call('stranger', 'GET', '/v1/runbooks')).body.runbooks.map((r: any) => r.uuid)).toEqual([open.uuid])
    expect((await s.call('auditor', 'GET', '/v1/runbooks')).body.runbooks.map((r: any) => r.uuid).sort()).toEqual(
      [made.body.uuid, open.uuid].sort(),
    )
    // The same name is another project's as well.
    expect((await make('rival', { name: 'night' })).status).toBe(201)
    expect((await make('manager', { name: 'night' })).status).toBe(409)

    expect(said(await make('manager', { public: true }))).toMatch(/public runbook as a project scoped admin/)
    expect(said(await make('manager', { owner: 'somebody' }))).toMatch(/other than your own project/)
    const path = `/v1/runbooks/${made.body.uuid}`
    expect((await s.call('manager', 'PATCH', path, [{ op: 'replace', path: '/public', value: true }])).status).toBe(403)
    expect((await s.call('rival', 'DELETE', path)).status).toBe(404)
    expect((await s.call('owner', 'PATCH', path, [{ op: 'add', path: '/extra/a', value: 1 }])).status).toBe(403)
    expect((await s.call('manager', 'PATCH', path, [{ op: 'add', path: '/extra/a', value: 1 }])).body.extra).toEqual({ a: 1 })
    expect((await s.call('admin', 'PATCH', path, [{ op: 'replace', path: '/public', value: true }])).body).toMatchObject({
      public: true,
      owner: null,
    })
  })

  it('have traits of their own, and names that are traits for older clients', async () => {
    const { uuid } = (await make('manager', { name: 'with-traits' })).body
    const path = `/v1/runbooks/${uuid}/traits`
    expect((await s.call('manager', 'PUT', path, { traits: ['CUSTOM_B', 'CUSTOM_A', 'CUSTOM_A'] })).status).toBe(204)
    expect((await s.call('manager', 'PUT', `${path}/CUSTOM_C`)).status).toBe(204)
    expect((await s.call('auditor', 'GET', path)).body).toEqual({ traits: ['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C'] })
    expect((await s.call('manager', 'DELETE', `${path}/CUSTOM_B`)).status).toBe(204)
    expect((await s.call('manager', 'DELETE', `${path}/CUSTOM_B`)).status).toBe(204)
    expect((await s.call('auditor', 'DELETE', path)).status).toBe(403)
    expect((await s.call('auditor', 'GET', `/v1/runbooks/${uuid}`)).body.traits).toEqual(['CUSTOM_A', 'CUSTOM_C'])
    expect((await s.call('manager', 'DELETE', path)).status).toBe(204)
    expect((await s.call('manager', 'PUT', `${path}/low`)).status).toBe(400)
    expect((await s.call('auditor', 'GET', path, undefined, at(111))).status).toBe(404)
    expect((await s.call('auditor', 'GET', `/v1/runbooks/${uuid}`, undefined, at(111))).body).not.toHaveProperty('traits')
    expect((await make('manager', { name: 'no-trait' }, 111)).status).toBe(400)
    expect((await s.call('auditor', 'GET', '/v1/runbooks', undefined, at(91))).status).toBe(404)
  })
})

describe('inspection rules', () => {
  const rule = (more: object = {}) => ({ actions: [{ op: 'set-attribute', args: { path: '/extra/a', value: '1' } }], ...more })
  const make = (more: object = {}) => s.call('admin', 'POST', '/v1/inspection_rules', rule(more))

  it('are the administrators’; arguments in order are named', async () => {
    const made = await make({
      description: 'x',
      priority: 5,
      conditions: [{ op: '!eq', args: [['{inventory[cpu][count]}', 4]] }],
      actions: [{ op: 'fail', args: ['no'] }],
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      phase: 'main',
      sensitive: false,
      conditions: [{ op: '!eq', args: { values: ['{inventory[cpu][count]}', 4] } }],
      actions: [{ op: 'fail', args: { msg: 'no' } }],
    })
    const path = `/v1/inspection_rules/${made.body.uuid}`
    expect((await s.call('admin', 'PATCH', path, [{ op: 'replace', path: '/priority', value: 6 }])).body.priority).toBe(6)
    expect((await s.call('owner', 'GET', path)).status).toBe(403)
    expect((await s.call('admin', 'DELETE', path)).status).toBe(204)
    expect((await s.call('admin', 'GET', '/v1/inspection_rules', undefined, at(95))).status).toBe(404)
  })
  it('show nothing of what is sensitive, for good', async () => {
    const made = await make({ sensitive: true })
    expect(made.body).toMatchObject({ conditions: null, actions: null })
    const refused = await s.call('admin', 'PATCH', `/v1/inspection_rules/${made.body.uuid}`, [
      { op: 'replace', path: '/sensitive', value: false },
    ])
    expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(/sensitive flag unset/)])
    expect((await s.call('admin', 'GET', '/v1/inspection_rules?detail=true')).body.inspection_rules.at(-1)).toMatchObject({ actions: null })
  })
  it.each<[object, RegExp]>([
    [{ actions: [] }, /not empty/],
    [{ actions: [{ op: 'api-call', args: { url: 'http://x' } }] }, /api-call/],
    [{ actions: [{ op: 'fail', args: {} }] }, /misses msg/],
    [{ actions: [{ op: 'fail', args: { msg: 'x', colour: 1 } }] }, /colour/],
    [{ conditions: [{ op: 'matches', args: { value: 'x', regex: '(' } }] }, /regular expression/],
    [{ conditions: [{ op: 'eq', args: { values: [] }, multiple: 'some' }] }, /any, all/],
    [{ phase: 'early' }, /Invalid phase/],
    [{ priority: 10_000 }, /9999/],
  ])('are refused: %j', async (more, words) => {
    const refused = await make(more)
    expect([refused.status, said(refused)]).toEqual([400, expect.stringMatching(words)])
  })
})

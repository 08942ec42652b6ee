import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Asking, ask, type LabProcess, startLabProcess, until } from '../testing/process.ts'

const FLAVOURS = ['plain', 'idrac', 'ilo', 'xcc', 'supermicro']
let lab: LabProcess

beforeAll(async () => {
  lab = await startLabProcess({ rack: { password: 'calvin-1', machines: FLAVOURS.map(f => ({ name: f, flavour: f })), count: 2 } })
})
afterAll(() => lab?.stop())

const get = (name: string, path: string, more: Asking = {}) => ask(lab, name, path, more)
const sys = (name: string) => lab.machine(name).system
const patch = async (name: string, path: string, body: unknown) => {
  const { headers } = await get(name, path)
  return ask(lab, name, path, { method: 'PATCH', body, headers: { 'If-Match': headers['etag'] as string } })
}
const id = (said: { body: any }) => said.body.error['@Message.ExtendedInfo'][0].MessageId.split('.').at(-1)

describe.each(FLAVOURS)('%s', name => {
  test('every link that it shows leads somewhere', async () => {
    const seen = new Set<string>()
    const todo = ['/redfish/v1/']
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (seen.has(path)) continue
      seen.add(path)
      const said = await get(name, path)
      expect(said.status, path).toBe(200)
      expect(said.headers['odata-version']).toBe('4.0')
      const links = [...said.text.matchAll(/"@odata\.id":"([^"#]+)"/g)].map(m => m[1]!)
      todo.push(...links)
    }
    expect(seen.size).toBeGreaterThan(30)
  })

  test('a one-time boot override is used at the next start', async () => {
    const set = await patch(name, sys(name), { Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' } })
    expect(set.status).toBe(200)
    const reset = await ask(lab, name, `${sys(name)}/Actions/ComputerSystem.Reset`, { body: { ResetType: 'On' } })
    expect([200, 202, 204]).toContain(reset.status)
    const { body } = await until(
      () => get(name, sys(name)),
      s => s.body.PowerState === 'On',
    )
    expect(body.Boot.BootSourceOverrideEnabled).toBe('Disabled')
    expect(await lab.control.machine(name)).toMatchObject({ power: 'On', lastBoot: { device: 'Pxe', why: 'once' } })
  })
})

describe('logging in', () => {
  const sessions = '/redfish/v1/SessionService/Sessions'
  const login = (name: string, Password: string) => ask(lab, name, sessions, { auth: null, body: { UserName: 'root', Password } })

  test('only the root is open', async () => {
    expect((await get('dell6', '/redfish', { auth: null })).body).toEqual({ v1: '/redfish/v1/' })
    expect((await get('dell6', '/redfish/v1', { auth: null })).status).toBe(200)
    const said = await get('dell6', '/redfish/v1/Systems', { auth: null })
    expect([said.status, said.headers['www-authenticate']]).toEqual([401, 'Basic realm="Redfish"'])
    expect((await get('dell6', '/redfish/v1/Systems', { auth: 'root:wrong' })).status).toBe(401)
    expect((await get('dell6', '/redfish/v1/nothing', { auth: null })).status).toBe(401)
  })

  test('a session is good until it is closed', async () => {
    const said = await login('dell6', 'calvin-1')
    expect(said.status).toBe(201)
    const headers = { 'X-Auth-Token': said.headers['x-auth-token'] as string }
    const at = said.headers['location'] as string
    expect((await get('dell6', sys('dell6'), { headers })).status).toBe(200)
    expect((await get('dell7', sys('dell7'), { headers })).status).toBe(401)
    expect((await get('dell6', at, { method: 'DELETE', headers })).status).toBe(204)
    expect((await get('dell6', sys('dell6'), { headers })).status).toBe(401)
    expect((await login('dell6', 'wrong')).status).toBe(401)
  })

  test('there are only so many sessions', async () => {
    for (let i = 0; i < 8; i++) expect((await login('dell7', 'calvin-1')).status).toBe(201)
    const said = await login('dell7', 'calvin-1')
    expect([said.status, id(said)]).toEqual([503, 'SessionLimitExceeded'])
    expect(await lab.control.machine('dell7')).toMatchObject({ sessions: 8 })
  })

  test('a changed password counts at once, and a reader may not write', async () => {
    const accounts = '/redfish/v1/AccountService/Accounts'
    const made = await ask(lab, 'plain', accounts, { body: { UserName: 'eve', Password: 'first-1', RoleId: 'ReadOnly' } })
    expect(made.status).toBe(201)
    const at = made.headers['location'] as string
    const change = (auth: string, body: unknown) => ask(lab, 'plain', at, { method: 'PATCH', auth, body })
    expect((await change('eve:first-1', { Password: 'second-2' })).status).toBe(200)
    expect((await get('plain', sys('plain'), { auth: 'eve:first-1' })).status).toBe(401)
    expect((await get('plain', sys('plain'), { auth: 'eve:second-2' })).status).toBe(200)
    expect((await change('eve:second-2', { RoleId: 'Administrator' })).status).toBe(403)
    const reset = await ask(lab, 'plain', `${sys('plain')}/Actions/ComputerSystem.Reset`, {
      auth: 'eve:second-2',
      body: { ResetType: 'ForceOff' },
    })
    expect([reset.status, (await lab.control.machine('plain')).power]).toEqual([403, 'On'])
    expect((await get('plain', at, { method: 'DELETE' })).status).toBe(204)
  })
})

describe('what is wrong is refused and changes nothing', () => {
  const boot = (target: unknown) => ({ Boot: { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: 'Once' } })
  test.each([
    ['no JSON', 'PATCH', '', '{"Boot":', 400, 'MalformedJSON'],
    ['a list', 'PATCH', '', [], 400, 'MalformedJSON'],
    ['an unknown target', 'PATCH', '', boot('Moon'), 400, 'PropertyValueNotInList'],
    ['a target of a wrong type', 'PATCH', '', boot(7), 400, 'PropertyValueTypeError'],
    ['a good and a bad one', 'PATCH', '', { AssetTag: 'changed', UUID: 'x' }, 400, 'PropertyNotWritable'],
    ['an unknown property', 'PATCH', '', { AssetTag: 'changed', Colour: 'red' }, 400, 'PropertyUnknown'],
    ['nothing to change', 'PATCH', '', {}, 400, 'EmptyJSON'],
    ['an unknown reset', 'POST', '/Actions/ComputerSystem.Reset', { ResetType: 'Explode' }, 400, 'ActionParameterValueNotInList'],
    ['an unknown parameter', 'POST', '/Actions/ComputerSystem.Reset', { ResetType: 'ForceOff', Now: true }, 400, 'ActionParameterUnknown'],
    ['a method that is not there', 'DELETE', '', undefined, 405, 'OperationNotAllowed'],
    ['a path that is not there', 'PATCH', '/Nothing', { a: 1 }, 404, 'ResourceMissingAtURI'],
    ['$expand', 'GET', '?$expand=*', undefined, 501, 'QueryParameterUnsupported'],
  ])('%s', async (_, method, path, body, status, message) => {
    const before = (await get('plain', sys('plain'))).body
    const said = await ask(lab, 'plain', `${sys('plain')}${path}`, { method, ...(body !== undefined && { body }) })
    expect([said.status, id(said)]).toEqual([status, message])
    expect((await get('plain', sys('plain'))).body).toEqual(before)
  })

  test('an old ETag, and none where one is needed', async () => {
    const at = sys('supermicro')
    const old = (await get('supermicro', at)).headers['etag'] as string
    const write = (body: unknown, tag?: string) =>
      ask(lab, 'supermicro', at, { method: 'PATCH', body, headers: tag === undefined ? {} : { 'If-Match': tag } })
    expect((await write({ AssetTag: 'one' })).status).toBe(428)
    expect((await write({ AssetTag: 'one' }, old)).status).toBe(200)
    expect((await write({ AssetTag: 'two' }, old)).status).toBe(412)
    const now = await get('supermicro', at)
    expect(now.body.AssetTag).toBe('one')
    expect((await get('supermicro', at, { headers: { 'If-None-Match': now.headers['etag'] as string } })).status).toBe(304)
  })

  test('a redundant reset, where the flavour minds', async () => {
    const again = (name: string) => ask(lab, name, `${sys(name)}/Actions/ComputerSystem.Reset`, { body: { ResetType: 'On' } })
    expect([(await again('idrac')).status, (await again('ilo')).status, (await again('plain')).status]).toEqual([409, 400, 204])
  })
})

test('a task is over after a while', async () => {
  const at = `${sys('supermicro')}/Actions/ComputerSystem.Reset`
  const said = await ask(lab, 'supermicro', at, { body: { ResetType: 'ForceRestart' } })
  expect(said.status).toBe(202)
  const monitor = said.headers['location'] as string
  const end = await until(
    () => get('supermicro', monitor),
    s => s.status !== 202,
  )
  expect(end.body.TaskState).toBe('Completed')
  expect((await get('supermicro', monitor)).status).toBe(404)
})

test('media is seen by the machine until it is ejected', async () => {
  const at = '/redfish/v1/Managers/1/VirtualMedia/Cd'
  const act = (what: string, body: unknown) => ask(lab, 'plain', `${at}/Actions/VirtualMedia.${what}`, { body })
  expect((await act('InsertMedia', { Image: 'file:///etc/passwd' })).status).toBe(400)
  expect((await act('InsertMedia', { Image: 'http://127.0.0.1/a.iso' })).status).toBe(204)
  expect((await act('InsertMedia', { Image: 'http://127.0.0.1/b.iso' })).status).toBe(409)
  await patch('plain', sys('plain'), { Boot: { BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once' } })
  const { boots } = await lab.control.machine('plain')
  await ask(lab, 'plain', `${sys('plain')}/Actions/ComputerSystem.Reset`, { body: { ResetType: 'ForceRestart' } })
  const now = await until(
    () => lab.control.machine('plain'),
    m => m.boots > boots,
  )
  expect(now).toMatchObject({ runs: 'http://127.0.0.1/a.iso', lastBoot: { device: 'Cd', why: 'once' } })
  expect((await act('EjectMedia', {})).status).toBe(204)
  expect((await get('plain', at)).body).toMatchObject({ Inserted: false, Image: null })
})

test('the event log tells what happened', async () => {
  await lab.control.press('dell6', 'short')
  await until(
    () => lab.control.machine('dell6'),
    m => m.power === 'On',
  )
  const { body } = await get('dell6', '/redfish/v1/Managers/iDRAC.Embedded.1/LogServices/Sel/Entries')
  const texts = body.Members.map((m: any) => m.Message).toReversed()
  expect(texts).toEqual(['The power button was pressed.', 'The system is powering on.', 'The system started from Pxe (boot order).'])
})

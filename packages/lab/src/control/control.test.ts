import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, BIN, type LabProcess, startLabProcess, until } from '../testing/process.ts'

let lab: LabProcess
beforeAll(async () => {
  lab = await startLabProcess()
})
afterAll(() => lab?.stop())

const system = (name: string) => lab.machine(name).system
const reset = (name: string, ResetType: string) => ask(lab, name, `${system(name)}/Actions/ComputerSystem.Reset`, { body: { ResetType } })
const esiLab = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' })

describe('faults reach who asks', () => {
  const struck = async (order: Record<string, unknown>, what: () => Promise<unknown>) => {
    await lab.control.fault({ machine: 'dell1', ...order } as never)
    try {
      return await what()
    } finally {
      await lab.control.clearFaults()
    }
  }
  const read = () => ask(lab, 'dell1', system('dell1'))

  test('refuse', () => struck({ kind: 'refuse' }, () => expect(read()).rejects.toThrow(/ECONNRESET|socket/)))
  test('busy, only the next call', async () => {
    await lab.control.fault({ kind: 'busy', machine: 'dell1', count: 1, seconds: 7 })
    const said = await read()
    expect([said.status, said.headers['retry-after']]).toEqual([503, '7'])
    expect((await read()).status).toBe(200)
  })
  test('wrong password', async () => {
    await struck({ kind: 'wrong-password' }, async () => expect((await read()).status).toBe(401))
    expect((await read()).status).toBe(200)
  })
  test('garbled', () =>
    struck({ kind: 'garbled' }, async () => {
      const said = await read()
      expect([said.status, said.body]).toEqual([200, undefined])
    }))
  test('error', () =>
    struck({ kind: 'error', status: 500 }, async () => {
      expect((await reset('dell1', 'On')).status).toBe(500)
      expect((await lab.control.machine('dell1')).power).toBe('Off')
    }))
  test('a lie about a reset', () =>
    struck({ kind: 'power-ignored' }, async () => {
      expect((await reset('dell1', 'On')).status).toBe(204)
      expect((await lab.control.machine('dell1')).power).toBe('Off')
      const { calls } = await lab.control.calls({ machine: 'dell1', changes: true })
      expect(calls.at(-1)).toMatchObject({ status: 204, done: false, fault: 'power-ignored' })
    }))
  test('a lie about the state', () =>
    struck({ kind: 'power-opposite' }, async () => {
      expect((await read()).body.PowerState).toBe('On')
      expect((await lab.control.machine('dell1')).power).toBe('Off')
    }))
  test('a lost reply: done, and nobody was told', () =>
    struck({ kind: 'lost-reply', method: 'POST' }, async () => {
      await expect(reset('dell2', 'On')).resolves.toMatchObject({ status: 204 })
      await expect(reset('dell1', 'On')).rejects.toThrow(/hang up|ECONNRESET/)
      await until(
        () => lab.control.machine('dell1'),
        m => m.power === 'On',
      )
      const { calls } = await lab.control.calls({ machine: 'dell1', changes: true })
      expect(calls.at(-1)).toMatchObject({ status: null, outcome: 'cut', done: true })
    }))
  test('lost sessions', async () => {
    const { user, password } = lab.secrets.machines['dell1']!
    const body = { UserName: user, Password: password }
    const { headers } = await ask(lab, 'dell1', '/redfish/v1/SessionService/Sessions', { auth: null, body })
    const mine = { headers: { 'X-Auth-Token': headers['x-auth-token'] as string } }
    expect((await ask(lab, 'dell1', system('dell1'), mine)).status).toBe(200)
    await struck({ kind: 'lost-sessions', count: 1 }, async () => expect((await ask(lab, 'dell1', system('dell1'), mine)).status).toBe(401))
  })
  test('hang, and the log says so', () =>
    struck({ kind: 'hang', path: '/Chassis' }, async () => {
      const { last } = await lab.control.calls()
      const never = ask(lab, 'dell1', '/redfish/v1/Chassis').catch(() => 'cut')
      const { calls } = await lab.control.calls({ path: '/Chassis', after: last, waitMs: 10_000 })
      expect(calls[0]).toMatchObject({ status: null, done: false })
      await lab.control.restartBmc('dell1', 0)
      expect(await never).toBe('cut')
      await until(
        () => lab.control.machine('dell1'),
        m => !m.bmcAway,
      )
    }))
  test('the controller restarts in the middle, the machine runs on', () =>
    struck({ kind: 'bmc-restart', count: 1, seconds: 1 }, async () => {
      await expect(read()).rejects.toThrow()
      expect((await lab.control.machine('dell1')).power).toBe('On')
      await until(
        () => lab.control.machine('dell1'),
        m => !m.bmcAway,
      )
      expect((await read()).status).toBe(200)
    }))
  test('a new certificate is another one', async () => {
    const before = await read()
    expect((await read()).fingerprint).toBe(before.fingerprint)
    await lab.control.change('dell1', { certificate: 'new' })
    await expect(read()).rejects.toThrow(/self-signed|certificate/)
    const after = await ask(lab, 'dell1', system('dell1'), { blind: true })
    expect(after.fingerprint).not.toBe(before.fingerprint)
  })
})

test('the log has everything that was asked, without passwords', async () => {
  const { last } = await lab.control.calls()
  await ask(lab, 'dell3', '/redfish/v1/SessionService/Sessions', { auth: null, body: { UserName: 'root', Password: 'hunter2' } })
  await ask(lab, 'dell3', system('dell3'))
  await reset('dell3', 'GracefulShutdown')
  const { calls, dropped } = await lab.control.calls({ machine: 'dell3', after: last })
  expect(calls.map(c => [c.method, c.status, c.changes])).toEqual([
    ['POST', 401, false],
    ['GET', 200, false],
    ['POST', 409, true],
  ])
  expect(calls[0]!.body).toEqual({ UserName: 'root', Password: '***' })
  expect(dropped).toBe(0)
  expect((await lab.control.calls({ machine: 'dell4', changes: true })).calls).toEqual([])
})

test('what is no loopback is dropped', async () => {
  const outer = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    .find(a => a.family === 'IPv4' && !a.internal)
  for (const host of ['127.9.9.9', ...(outer ? [outer.address] : [])]) {
    const ended = await new Promise(resolve => {
      const socket = connect(lab.file.port, host)
      socket.once('error', e => resolve((e as NodeJS.ErrnoException).code))
      socket.once('close', () => resolve('closed'))
    })
    expect(ended, host).toMatch(/ECONNRESET|closed/)
  }
})

test('the control API wants its token, and refuses nonsense', async () => {
  expect((await fetch(`${lab.file.control}/machines`)).status).toBe(401)
  expect((await fetch(`${lab.file.control}/machines`, { headers: { Authorization: 'Bearer x' } })).status).toBe(401)
  await expect(lab.control.machine('nobody')).rejects.toThrow(/no machine called nobody/)
  await expect(lab.control.fault({ kind: 'busy', machine: 'nobody' })).rejects.toThrow(/no machine/)
  await expect(lab.control.fault({ kind: 'fire' as never, machine: '*' })).rejects.toThrow(/no fault 'fire'/)
  await expect(lab.control.add({ name: 'dell1' })).rejects.toThrow(/already/)
  await expect(lab.control.add({ nmae: 'x' })).rejects.toThrow(/not known/)
  expect(statSync(join(lab.folder, 'secrets.json')).mode & 0o077).toBe(0)
  expect(statSync(lab.folder).mode & 0o077).toBe(0)
  const open = readFileSync(join(lab.folder, 'lab.json'), 'utf8')
  for (const { password } of Object.values(lab.secrets.machines)) expect(open).not.toContain(password)
})

test('the words of esi-lab', async () => {
  const at = ['--folder', lab.folder]
  expect(esiLab('power', 'dell5', 'on', ...at)).toMatchObject({ status: 0, stdout: 'dell5 is PoweringOn\n' })
  await until(
    () => lab.control.machine('dell5'),
    m => m.power === 'On',
  )
  expect(esiLab('list', ...at).stdout).toMatch(/^dell5 .*idrac/m)
  expect(esiLab('add', 'extra', '--flavour', 'xcc', ...at).stdout).toMatch(/^extra at https:\/\/127\.1\.0\.6:/)
  expect(esiLab('fault', 'set', 'slow', '*', '--ms', '1', ...at).stdout).toMatch(/slow at \*/)
  expect(esiLab('fault', 'clear', ...at).stdout).toBe('1 switched off\n')
  expect(
    esiLab('log', 'dell3', '--json', ...at)
      .stdout.trim()
      .split('\n')
      .map(l => JSON.parse(l).machine),
  ).toContain('dell3')
  expect(esiLab('explode')).toMatchObject({ status: 2 })
  expect(esiLab('start')).toMatchObject({ status: 2, stderr: 'esi-lab: --folder is needed\n' })
  expect(esiLab('fault', '--help').stdout).toContain('lost-reply')
  const again = esiLab('start', ...at)
  expect([again.status, JSON.parse(again.stdout)]).toMatchObject([
    0,
    { ready: true, already: true, pid: lab.file.pid, port: lab.file.port },
  ])
})

test('what it remembers survives a hard end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-lab-'))
  try {
    const first = await startLabProcess({ folder })
    const before = await ask(first, 'dell1', first.machine('dell1').system)
    await ask(first, 'dell1', first.machine('dell1').system, {
      method: 'PATCH',
      body: { Boot: { BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Continuous' } },
    })
    await ask(first, 'dell1', '/redfish/v1/AccountService/Accounts/2', { method: 'PATCH', body: { Password: 'other-1' } })
    await first.control.change('dell2', { power: 'On' })
    await first.control.add({ name: 'extra', flavour: 'plain' })
    first.child.kill('SIGKILL')
    await first.ended
    const second = await startLabProcess({ folder })
    try {
      expect(second.file.port).toBe(first.file.port)
      expect((await ask(second, 'dell1', second.machine('dell1').system)).status).toBe(401)
      const said = await ask(second, 'dell1', second.machine('dell1').system, { auth: 'root:other-1' })
      expect(said.fingerprint).toBe(before.fingerprint)
      expect(said.body.Boot).toMatchObject({ BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Cd' })
      expect(await second.control.machine('dell2')).toMatchObject({ power: 'On', boots: 1 })
      expect((await ask(second, 'extra', '/redfish/v1/Systems/1')).status).toBe(200)
    } finally {
      await second.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('it ends with the last of its users', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'esi-lab-'))
  const user = () => spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const [one, two] = [user(), user()]
  try {
    const child = spawn(process.execPath, [BIN, 'start', '--folder', folder, '--parent', String(one.pid)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise(resolve => child.once('exit', resolve))
    await new Promise(resolve => child.stdout.once('data', resolve))
    expect(esiLab('start', '--folder', folder, '--parent', String(two.pid)).status).toBe(0)
    one.kill()
    await new Promise(resolve => one.once('exit', resolve))
    const { LabControl } = await import('./client.ts')
    await until(
      () => LabControl.of(folder).about(),
      a => a.users.length === 1,
    )
    two.kill()
    expect(await ended).toBe(0)
  } finally {
    one.kill()
    two.kill()
    rmSync(folder, { recursive: true, force: true })
  }
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientEnvironment, debian, PYTHON } from '../../../../tools/debian.ts'
import { type LabProcess, startLabProcess, until } from './process.ts'

const run = promisify(execFile)
const FLAVOURS = ['plain', 'idrac', 'ilo', 'xcc', 'supermicro']
const clients = debian('redfishtool', 'python3-sushy')
let lab: LabProcess

describe.skipIf(!clients.ready)(`other people's clients ${clients.why}`, () => {
  beforeAll(async () => {
    lab = await startLabProcess({ rack: { machines: FLAVOURS.map(f => ({ name: f, flavour: f })) } })
  })
  afterAll(() => lab?.stop())

  const account = (name: string) => lab.secrets.machines[name]!

  test.each(FLAVOURS)('sushy manages %s', async name => {
    const { user, password } = account(name)
    const script = fileURLToPath(new URL('sushy-client.py', import.meta.url))
    const kind = name === 'ilo' ? 'session' : 'basic'
    const { stdout } = await run(PYTHON, [script, lab.machine(name).address, user, password, lab.file.ca, kind], {
      env: clientEnvironment(),
    })
    const machine = lab.machine(name)
    expect(JSON.parse(stdout)).toMatchObject({
      memory: machine.memoryMb / 1024,
      macs: machine.nics.map(n => n.mac),
      override: ['Pxe', 'Once'],
      after: 'Disabled',
      inserted: [true, 'http://127.0.0.1/boot.iso'],
      ejected: false,
      drives: Math.max(...machine.disks.map(d => d.gb)) * 1e9,
      inlet: 'Inlet Temp',
      pending: true,
      firmware: '9.9.9',
    })
    expect(await lab.control.machine(name)).toMatchObject({ power: 'Off', boots: 1, lastBoot: { device: 'Pxe', why: 'once' } })
  })

  const redfishtool = async (name: string, ...words: string[]) => {
    const { user, password } = account(name)
    const { host } = lab.machine(name)
    const args = ['-r', `${host}:${lab.file.port}`, '-u', user, '-p', password, '-S', 'Always', ...words]
    return (await run('redfishtool', args, { env: clientEnvironment() })).stdout
  }

  test.each(FLAVOURS)('redfishtool manages %s', async name => {
    const { sessions } = await lab.control.machine(name)
    await redfishtool(name, '-A', 'Session', 'Systems', 'setBootOverride', 'Once', 'Pxe')
    expect(await lab.control.machine(name)).toMatchObject({ override: { enabled: 'Once', target: 'Pxe' } })
    await redfishtool(name, '-A', 'Basic', 'Systems', 'reset', 'On')
    const now = await until(
      () => lab.control.machine(name),
      m => m.power === 'On',
    )
    expect(now).toMatchObject({ lastBoot: { device: 'Pxe', why: 'once' }, sessions })
    expect(JSON.parse(await redfishtool(name, 'Systems', 'get')).PowerState).toBe('On')
    expect(JSON.parse(await redfishtool(name, 'Chassis', 'Thermal')).Temperatures).toHaveLength(2)
    await redfishtool(name, 'SessionService', 'setSessionTimeout', '900')
  })

  test('redfishtool manages accounts', async () => {
    await redfishtool('plain', 'AccountService', 'adduser', 'bob', 'secret-12', 'Operator')
    await redfishtool('plain', 'AccountService', 'setpassword', 'bob', 'secret-34')
    expect(await redfishtool('plain', 'AccountService', 'Accounts', '-mUserName:bob')).toContain('"UserName": "bob"')
    await redfishtool('plain', 'AccountService', 'deleteuser', 'bob')
    await expect(redfishtool('plain', 'AccountService', 'Accounts', '-mUserName:bob')).rejects.toThrow()
  })
})

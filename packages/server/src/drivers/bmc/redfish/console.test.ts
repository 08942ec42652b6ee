import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BmcDriver, BmcError, type Call, type Settings } from '../driver.ts'
import { redfish } from '../redfish.ts'
import { TestBmc } from './test/bmc.ts'
import { type Certificate, certificate } from './test/certificate.ts'
import { sshBmc } from './test/ssh.ts'

let shown: Certificate
let bmc: TestBmc
let ssh: Awaited<ReturnType<typeof sshBmc>> | undefined
let driver: BmcDriver
let fences = 0
beforeAll(async () => {
  shown = await certificate()
})
afterEach(async () => {
  await driver.close!()
  await bmc.stop()
  await ssh?.stop()
})
afterAll(() => undefined)

const call = (more: Partial<Call> = {}): Call => ({ signal: new AbortController().signal, before: async () => void fences++, ...more })

/** A BMC of that vendor, whose service says so much of its console. */
const start = async (vendor: string, system: object, manager: object, how: { command: string | null; typed?: boolean }) => {
  fences = 0
  bmc = await new TestBmc().start(shown)
  driver = redfish({ limits: { idle: 1000 } })
  ssh = await sshBmc({ user: bmc.user, password: bmc.password, ...how })
  bmc.system['Manufacturer'] = vendor
  Object.assign(bmc.system, JSON.parse(JSON.stringify(system).replaceAll('"PORT"', String(ssh.port))))
  bmc.resources['/redfish/v1/Managers/bmc'] = { ...bmc.resources['/redfish/v1/Managers/bmc'], ...manager }
  return (more: Settings = {}) =>
    driver.open({
      redfish_address: bmc.origin,
      redfish_username: bmc.user,
      redfish_password: bmc.password,
      redfish_verify_ca: `sha256:${shown.sha256}`,
      redfish_ssh_fingerprint: ssh!.hostKey,
      ...more,
    })
}

const says = async (stream: Duplex, words: string): Promise<void> => {
  let heard = ''
  for await (const part of stream.iterator({ destroyOnReturn: false })) {
    heard += part
    if (heard.includes(words)) return
  }
  throw new Error(`it said only ${JSON.stringify(heard)}`)
}
const failure = async (work: Promise<unknown>): Promise<BmcError> => {
  const error = await work.then(
    () => new Error('it worked'),
    e => e,
  )
  expect(error).toBeInstanceOf(BmcError)
  expect(error.message).not.toMatch(/correct horse|battery staple/)
  return error
}
const usable = async (stream: Duplex) => {
  await says(stream, 'login: ')
  stream.write('root\r')
  await says(stream, 'root')
  expect(ssh!.state.sessions).toBe(1)
  stream.destroy()
  await expect.poll(() => ssh!.state.sessions).toBe(0)
}

const AT_MANAGER = { SerialConsole: { ServiceEnabled: true, MaxConcurrentSessions: 1, ConnectTypesSupported: ['SSH', 'IPMI'] } }
const OF_SYSTEM = (more: object = {}) => ({ SerialConsole: { SSH: { ServiceEnabled: true, Port: 'PORT', ...more } } })

describe('the serial console over SSH', () => {
  it.each([
    ['Dell Inc.', 'console com2', false],
    ['HPE', 'vsp', false],
    ['Lenovo', 'console 1', false],
    ['Supermicro', 'start /system1/sol1', true],
  ])('of %s is led to by "%s"', async (vendor, command, typed) => {
    const open = await start(vendor, {}, AT_MANAGER, { command, typed })
    await usable(await open({ redfish_ssh_port: ssh!.port }).console!(call()))
    expect(ssh!.state.commands).toEqual([command])
    expect(fences).toBe(1)
  })

  it.each([
    ['a command that the service names', { ConsoleEntryCommand: 'obmc-console' }, 'obmc-console'],
    ['no command where the port is the console', { SharedWithManagerCLI: false }, null],
  ])('is reached by %s, whoever made it', async (_, more, command) => {
    const open = await start('Contoso', OF_SYSTEM(more), {}, { command })
    await usable(await open().console!(call()))
  })

  it('of a Supermicro that names two commands in one is typed as the one that does both', async () => {
    // What an X13 tells: its shell takes no command with the login, though it names one.
    const told = OF_SYSTEM({ SharedWithManagerCLI: true, ConsoleEntryCommand: 'cd system1/sol1; start' })
    const open = await start('Supermicro', told, {}, { command: 'start /system1/sol1', typed: true })
    await usable(await open().console!(call()))
    expect(ssh!.state.commands).toEqual(['start /system1/sol1'])
  })

  it('shows nobody the password who is not known, and says what to do', async () => {
    const open = await start('Contoso', OF_SYSTEM({ ConsoleEntryCommand: 'go' }), {}, { command: 'go' })
    const unknown = await failure(open({ redfish_ssh_fingerprint: undefined }).console!(call()))
    expect([unknown.fault, unknown.message]).toEqual(['certificate', expect.stringContaining(`set redfish_ssh_fingerprint to it`)])
    expect(unknown.message).toContain(ssh!.hostKey)
    const other = await failure(open({ redfish_ssh_fingerprint: `SHA256:${'A'.repeat(43)}` }).console!(call()))
    expect([other.fault, other.message]).toEqual(['certificate', expect.stringContaining('not the one of redfish_ssh_fingerprint')])
    expect(ssh!.state.passwords).toBe(0)
    // Who trusts anybody, trusts anybody.
    await usable(await open({ redfish_ssh_fingerprint: undefined, redfish_verify_ca: false }).console!(call()))
  })

  it('says what is wrong: the account, the port, the service, the console itself', async () => {
    const open = await start('Contoso', OF_SYSTEM({ ConsoleEntryCommand: 'go' }), {}, { command: 'go' })
    ssh!.state.refuse = true
    expect(await failure(open().console!(call()))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('Somebody else may have it'),
    })
    expect(await failure(open({ redfish_ssh_port: 1 }).console!(call()))).toMatchObject({ fault: 'unreachable' })
    bmc.system['SerialConsole'].SSH.ServiceEnabled = false
    expect((await failure(open().console!(call()))).message).toContain('switched off')
    delete bmc.system['SerialConsole']
    expect(await failure(open().console!(call()))).toMatchObject({ fault: 'unsupported' })
  })

  it('that the account may not open over SSH says so', async () => {
    const open = await start('Contoso', OF_SYSTEM({ ConsoleEntryCommand: 'go' }), {}, { command: 'go' })
    await ssh!.stop()
    const { port } = ssh!
    ssh = await sshBmc({ user: 'other', password: 'x', command: 'go' })
    bmc.system['SerialConsole'].SSH.Port = ssh.port
    expect(port).not.toBe(ssh.port)
    expect(await failure(open({ redfish_ssh_fingerprint: ssh.hostKey }).console!(call()))).toMatchObject({ fault: 'credentials' })
  })

  it('is not opened where the fence is closed, or nobody waits', async () => {
    const open = await start('Contoso', OF_SYSTEM({ ConsoleEntryCommand: 'go' }), {}, { command: 'go' })
    const closed = call({ before: () => Promise.reject(new Error('no longer yours')) })
    await expect(open().console!(closed)).rejects.toThrow('no longer yours')
    const stop = new AbortController()
    const late = call({ signal: stop.signal, before: async () => stop.abort() })
    await expect(open().console!(late)).rejects.toMatchObject({ name: 'AbortError' })
    expect(ssh!.state.commands).toEqual([])
  })

  it('ends when the BMC ends it', async () => {
    const open = await start('Contoso', OF_SYSTEM({ ConsoleEntryCommand: 'stop' }), {}, { command: 'go' })
    const stream = await open().console!(call())
    stream.resume()
    await once(stream, 'end')
    stream.destroy()
  })
})

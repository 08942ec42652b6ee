import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Bmc, BmcDriver, BmcError, Call, Settings } from '../driver.ts'
import { redfish } from '../redfish.ts'
import { CD, message, ref, SESSIONS, type Seen, SYSTEM, TestBmc } from './test/bmc.ts'
import { type Certificate, certificate } from './test/certificate.ts'

const RESET = `${SYSTEM}/Actions/ComputerSystem.Reset`

let shown: Certificate
let bmc: TestBmc
let driver: BmcDriver
let settings: Settings
let now = 0
let waits: number[] = []
let fences = 0
const others: { stop(): Promise<void> }[] = []

const call = (more: Partial<Call> = {}): Call => ({
  signal: new AbortController().signal,
  before: async () => {
    fences += 1
  },
  ...more,
})
const open = (more: Settings = {}): Bmc => driver.open({ ...settings, ...more })
const failure = async (work: Promise<unknown>): Promise<BmcError> =>
  await work.then(
    () => Promise.reject(new Error('it did not fail')),
    e => e,
  )
const paths = (asks: readonly Seen[]) => asks.map(({ method, path }) => `${method} ${path}`)

beforeAll(async () => {
  shown = await certificate()
})
beforeEach(async () => {
  now = 0
  waits = []
  fences = 0
  bmc = await new TestBmc().start(shown)
  driver = redfish({
    millis: () => now,
    wait: async millis => {
      waits.push(millis)
      now += millis
    },
  })
  settings = {
    redfish_address: bmc.origin,
    redfish_username: 'admin',
    redfish_password: 'correct horse',
    redfish_verify_ca: `sha256:${shown.sha256}`,
  }
})
afterEach(async () => {
  await driver.close!()
  await bmc.stop()
  for (const other of others.splice(0)) await other.stop()
})

describe('sessions', () => {
  it('makes one for all handles over one connection, and ends it at the close', async () => {
    await Promise.all([open().power(call()), open().identify(call()), open().bootDevice(call())])
    expect(bmc.logins).toBe(1)
    expect(bmc.opened).toBe(1)
    expect(bmc.tokens.size).toBe(1)
    await driver.close!()
    expect(bmc.tokens.size).toBe(0)
    await expect.poll(() => bmc.sockets.size).toBe(0)
    expect(await open().power(call())).toBe('off')
    expect(bmc.logins).toBe(2)
  })

  it('serves who comes while the session is being ended, with a new one', async () => {
    await open().power(call())
    let late: Promise<string> | undefined
    bmc.instead = ({ method }) => {
      if (method === 'DELETE') late ??= open().power(call())
      return undefined
    }
    await driver.close!()
    expect(await late).toBe('off')
    expect(bmc.logins).toBe(2)
    expect(bmc.opened).toBe(2)
    await driver.close!()
    expect(bmc.tokens.size).toBe(0)
  })

  it('ends session and connection when idle', async () => {
    driver = redfish({ limits: { idle: 20 } })
    await open().power(call())
    await expect.poll(() => [bmc.tokens.size, bmc.sockets.size]).toEqual([0, 0])
    expect(bmc.seen.at(-1)!.method).toBe('DELETE')
  })

  it('logs in again, once, when the session is gone, also in the middle of a write', async () => {
    await open().power(call())
    bmc.instead = ({ method, path }) => {
      if (path === RESET) bmc.instead = () => undefined
      if (method === 'POST' && path === RESET) bmc.tokens.clear()
      return undefined
    }
    await open().setPower('on', call())
    expect(bmc.system['PowerState']).toBe('On')
    expect(bmc.logins).toBe(2)
    // The first was refused before it did anything; the fence is passed before each.
    expect(fences).toBe(2)
    bmc.tokens.clear()
    await Promise.all([open().power(call()), open().power(call()), open().power(call())])
    expect(bmc.logins).toBe(3)
  })

  it('does not ask again with a password that was refused, so that the account does not lock', async () => {
    const wrong = open({ redfish_password: 'battery staple' })
    const first = await failure(wrong.power(call()))
    expect(first).toMatchObject({ fault: 'credentials', retryable: false })
    expect(first.message).toContain('Bad login •••')
    expect(first.message).not.toContain('battery staple')
    expect((await failure(wrong.power(call()))).fault).toBe('credentials')
    expect(bmc.logins).toBe(1)
    // A corrected one is tried at once.
    expect(await open().power(call())).toBe('off')
    now += 60_001
    await failure(wrong.power(call()))
    expect(bmc.logins).toBe(3)
  })

  it('uses the password where there are no sessions, or none left, unless a session was asked for', async () => {
    bmc.instead = ({ path }) =>
      path === SESSIONS ? { status: 503, body: message('Base.1.8.SessionLimitExceeded', 'Too many sessions.') } : undefined
    expect(await open().power(call())).toBe('off')
    expect(bmc.seen.at(-1)!.headers.authorization).toMatch(/^Basic /)
    expect(await failure(open({ redfish_auth_type: 'session' }).power(call()))).toMatchObject({ fault: 'busy' })
    const before = bmc.logins
    expect(await open({ redfish_auth_type: 'basic' }).power(call())).toBe('off')
    expect(bmc.logins).toBe(before)
  })

  it('asks for none where the service tells of none, which may refuse the request like a wrong password', async () => {
    // OpenStack's emulator wants the password with every request but for the root, and knows no sessions.
    bmc.sessions = false
    bmc.instead = ({ path, headers }) => (path !== '/redfish/v1/' && headers.authorization === undefined ? { status: 401 } : undefined)
    expect(await open().power(call())).toBe('off')
    expect(bmc.logins).toBe(0)
    // Who says session gets one, or a reason.
    expect((await failure(open({ redfish_auth_type: 'session' }).power(call()))).fault).toBe('credentials')
    expect(bmc.logins).toBe(1)
  })

  it('asks for a new password where the BMC demands one', async () => {
    bmc.instead = ({ path }) =>
      path === SESSIONS ? { status: 403, body: message('Base.1.8.PasswordChangeRequired', 'Change it.') } : undefined
    const error = await failure(open().power(call()))
    expect(error.fault).toBe('credentials')
    expect(error.message).toContain('new password')
  })
})

describe('versions', () => {
  it('sends the version it read, and comes again with a new one after 412', async () => {
    let first = true
    bmc.instead = ({ method, path }) => {
      if (method === 'PATCH' && first) {
        first = false
        bmc.touch(path)
      }
      return undefined
    }
    await open().setBootDevice('pxe', false, call())
    const patches = bmc.seen.filter(({ method }) => method === 'PATCH')
    expect(patches.map(({ headers }) => headers['if-match'])).toEqual(['"1"', '"2"'])
    expect(bmc.system['Boot']).toMatchObject({ BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' })
    expect(fences).toBe(2)
  })

  it('gets along with weak versions that are compared strongly', async () => {
    bmc.version = () => 'W/"7"'
    const tried: unknown[] = []
    bmc.instead = ({ method, headers }) => {
      if (method !== 'PATCH') return undefined
      tried.push(headers['if-match'])
      return headers['if-match'] === '"7"' ? { status: 204 } : { status: 412 }
    }
    await open().setBootDevice('pxe', false, call())
    expect(tried).toEqual(['W/"7"', '"7"'])
  })

  it('does not go on for ever', async () => {
    bmc.instead = ({ method }) => (method === 'PATCH' ? { status: 412 } : undefined)
    expect((await failure(open().setBootDevice('pxe', false, call()))).fault).toBe('refused')
    expect(bmc.seen.filter(({ method }) => method === 'PATCH').length).toBeLessThanOrEqual(4)
  })

  it('shows none on actions, which some BMCs refuse', async () => {
    await open().setPower('on', call())
    expect(bmc.writes.find(({ path }) => path === RESET)!.headers['if-match']).toBeUndefined()
  })
})

describe('tasks', () => {
  const TASK = '/redfish/v1/TaskService/Tasks/7'
  const task = (state: string, more: object = {}) => ({ '@odata.type': '#Task.v1_4_0.Task', TaskState: state, ...more })
  const begin = (answers: { status: number; body?: unknown; headers?: Record<string, string> }[]) => {
    bmc.instead = ({ method, path }) => {
      if (method === 'POST' && path === RESET) return { status: 202, headers: { location: `https://10.9.9.9${TASK}`, 'retry-after': '3' } }
      return path === TASK ? answers.shift() : undefined
    }
  }

  it('waits until one is done, as long as the BMC asks between', async () => {
    begin([
      { status: 202, body: task('Running'), headers: { 'retry-after': '5' } },
      { status: 202 },
      { status: 200, body: task('Completed', { TaskStatus: 'OK' }) },
    ])
    await open().setPower('on', call())
    expect(bmc.seen.filter(({ path }) => path === TASK)).toHaveLength(3)
    expect(waits).toEqual([3000, 5000, 1000])
    expect(fences).toBe(1)
  })

  it('says why one failed', async () => {
    begin([{ status: 200, body: task('Exception', { Messages: [{ Message: 'Power budget exceeded.' }] }) }])
    const error = await failure(open().setPower('on', call()))
    expect(error.fault).toBe('refused')
    expect(error.message).toContain('Power budget exceeded.')
  })

  it('takes one that is gone for one that is over', async () => {
    begin([{ status: 404 }])
    await open().setPower('on', call())
  })

  it('gives up on one that never ends, and when the caller does', async () => {
    begin(Array.from({ length: 200 }, () => ({ status: 202 })))
    expect(await failure(open().setPower('on', call()))).toMatchObject({ fault: 'busy', uncertain: true })
    const stop = new AbortController()
    begin([{ status: 202 }])
    const inner = bmc.instead
    bmc.instead = ask => {
      if (ask.path === TASK) stop.abort()
      return inner(ask)
    }
    await expect(open().setPower('on', call({ signal: stop.signal }))).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('leaves a change that waits for the next start to the next start', async () => {
    bmc.instead = ({ method, path }) => {
      if (method === 'PATCH') return { status: 202, headers: { location: TASK } }
      return path === TASK ? { status: 200, body: task('Pending') } : undefined
    }
    await open().setSecureBoot!(true, call())
    expect(bmc.seen.filter(({ path }) => path === TASK)).toHaveLength(1)
  })
})

describe('lost replies', () => {
  it('takes a write whose effect is to be seen for done', async () => {
    bmc.instead = ({ path }) => (path === RESET ? 'lose' : undefined)
    await open().setPower('on', call())
    await open().setPower('reboot', call())
    expect(bmc.writes.filter(({ path }) => path === RESET)).toHaveLength(2)
  })

  it('asks nothing twice where nothing is to be seen, and says that it is not sure', async () => {
    bmc.instead = ({ path, method }) => (path === RESET || method === 'PATCH' ? 'drop' : undefined)
    const error = await failure(open().setPower('on', call()))
    expect(error).toMatchObject({ fault: 'unreachable', uncertain: true, retryable: true })
    expect(error.message).toContain('look before asking again')
    expect(await failure(open().setBootDevice('pxe', true, call()))).toMatchObject({ uncertain: true })
    expect(bmc.writes).toHaveLength(2)
  })

  it('repeats reads', async () => {
    let drops = 2
    bmc.instead = ({ path }) => (path === SYSTEM && drops-- > 0 ? 'drop' : undefined)
    expect(await open().power(call())).toBe('off')
    expect(waits).toEqual([500, 1000])
  })
})

describe('a BMC in trouble', () => {
  it('is left alone after some failures, and tried again by one after a rest', async () => {
    driver = redfish({ millis: () => now, wait: async () => undefined })
    bmc.instead = () => 'drop'
    await failure(open().power(call()))
    const asked = bmc.seen.length
    const error = await failure(open().power(call()))
    expect(error).toMatchObject({ fault: 'unreachable', retryable: true })
    expect(error.message).toMatch(/3 times in a row.* another 30 s/)
    expect(bmc.seen.length).toBe(asked)
    now += 30_001
    await Promise.all(Array.from({ length: 5 }, () => failure(open().power(call()))))
    expect(bmc.seen.length).toBe(asked + 1)
    bmc.instead = () => undefined
    now += 30_001
    expect(await open().power(call())).toBe('off')
    expect(await open().power(call())).toBe('off')
  })

  it('that is busy gets a little time for reads, and none for writes', async () => {
    let busy = 1
    bmc.instead = ({ path }) => (path === SYSTEM && busy-- > 0 ? { status: 503, headers: { 'retry-after': '2' } } : undefined)
    expect(await open().power(call())).toBe('off')
    expect(waits).toEqual([2000])
    bmc.instead = ({ path }) => (path === RESET ? { status: 503, headers: { 'retry-after': '90' } } : undefined)
    const error = await failure(open().setPower('on', call()))
    expect(error).toMatchObject({ fault: 'busy', retryable: true, uncertain: false })
    expect(error.message).toContain('Try again in 90 s')
    expect(bmc.writes).toHaveLength(1)
  })

  it('that sends nonsense is garbled', async () => {
    for (const body of ['<html>', '[]', '{"PowerState": "O', 'null']) {
      bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, body } : undefined)
      expect((await failure(open().power(call()))).fault).toBe('garbled')
    }
    bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, body: { PowerState: 'Sideways' } } : undefined)
    expect((await failure(open().power(call()))).message).toContain('Sideways')
  })

  it('that never stops sending is cut off', async () => {
    driver = redfish({ limits: { body: 10_000 } })
    bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, body: JSON.stringify({ x: 'a'.repeat(20_000) }) } : undefined)
    expect((await failure(open().power(call()))).message).toContain('more than 10000 bytes')
  })

  it('that packs its answer unasked is understood, whether it says so or not, and within the same limit', async () => {
    driver = redfish({ limits: { body: 10_000 } })
    const packed = (value: unknown) => gzipSync(typeof value === 'string' ? value : JSON.stringify(value))
    for (const headers of [{ 'content-encoding': 'gzip' }, {}]) {
      bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, headers, body: packed({ PowerState: 'On' }) } : undefined)
      expect(await open().power(call())).toBe('on')
    }
    // A kilobyte that would become a hundred of them.
    bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, body: packed({ x: 'a'.repeat(100_000) }) } : undefined)
    expect((await failure(open().power(call()))).message).toContain('more than 10000 bytes')
    bmc.instead = ({ path }) => (path === SYSTEM ? { status: 200, body: packed('{}').subarray(0, 12) } : undefined)
    expect(await failure(open().power(call()))).toMatchObject({ fault: 'garbled', message: expect.stringContaining('cannot be unpacked') })
  })

  it('that takes too long is unreachable, and the caller can leave before', async () => {
    const silent = createServer((socket: Socket) => void socket.on('error', () => undefined))
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const sockets = new Set<Socket>()
    silent.on('connection', socket => sockets.add(socket))
    others.push({
      stop: () =>
        new Promise(resolve => {
          for (const socket of sockets) socket.destroy()
          silent.close(() => resolve())
        }),
    })
    const redfish_address = `http://127.0.0.1:${(silent.address() as { port: number }).port}`
    driver = redfish({ limits: { request: 30 } })
    expect((await failure(open({ redfish_address }).power(call()))).message).toContain('no answer within 0.03 s')
    driver = redfish()
    const stop = new AbortController()
    silent.once('connection', () => stop.abort())
    await expect(open({ redfish_address }).power(call({ signal: stop.signal }))).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('trust', () => {
  it('sends nothing to who shows another certificate, and says which', async () => {
    const other = await certificate()
    const error = await failure(open({ redfish_verify_ca: `sha256:${other.sha256}` }).power(call()))
    expect(error).toMatchObject({ fault: 'certificate', retryable: false })
    expect(error.message).toContain(shown.sha256)
    expect(bmc.seen).toEqual([])
  })

  it('does not trust by default, and says what to set', async () => {
    const error = await failure(open({ redfish_verify_ca: true }).power(call()))
    expect(error.message).toContain(`sha256:${shown.sha256}`)
    expect(error.message).toContain('it signed it itself')
    expect(bmc.seen).toEqual([])
  })

  it('trusts certificates by PEM text, file, folder, and anybody when told so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'esi-ca-'))
    writeFileSync(join(folder, 'bmc.pem'), shown.cert)
    for (const redfish_verify_ca of [shown.cert, folder, join(folder, 'bmc.pem'), false, 'False'])
      expect(await open({ redfish_verify_ca }).power(call())).toBe('off')
  })

  it('minds the address in a certificate', async () => {
    const elsewhere = await certificate(['10.0.0.1'])
    const impostor = await new TestBmc().start(elsewhere)
    others.push(impostor)
    const error = await failure(open({ redfish_address: impostor.origin, redfish_verify_ca: elsewhere.cert }).power(call()))
    expect(error.message).toContain('for another name or address')
    expect(impostor.seen).toEqual([])
  })

  it('speaks old TLS only where it is told by name', async () => {
    const old = await new TestBmc().start({ ...shown, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' })
    others.push(old)
    const error = await failure(open({ redfish_address: old.origin }).power(call()))
    expect(error.fault).toBe('certificate')
    expect(error.message).toContain('redfish_tls')
    expect(await open({ redfish_address: old.origin, redfish_tls: 'legacy' }).power(call())).toBe('off')
  })

  it('knows when there is no TLS at all', async () => {
    const plain = await new TestBmc().start(null)
    others.push(plain)
    const error = await failure(open({ redfish_address: plain.origin.replace('http:', 'https:') }).power(call()))
    expect(error).toMatchObject({ fault: 'settings' })
    expect(await open({ redfish_address: plain.origin }).power(call())).toBe('off')
  })

  it('follows no redirect to another host, so no password goes there', async () => {
    const thief = await new TestBmc().start(shown)
    others.push(thief)
    for (const status of [301, 302, 307, 308])
      for (const where of [SYSTEM, RESET]) {
        bmc.instead = ({ path }) => (path === where ? { status, headers: { location: `${thief.origin}${where}` } } : undefined)
        const error = await failure(open().setPower('on', call()))
        expect(error.fault).toBe('refused')
        expect(error.message).toContain(thief.origin)
      }
    bmc.instead = ({ path }) => (path === SESSIONS ? { status: 308, headers: { location: `${thief.origin}${SESSIONS}` } } : undefined)
    await driver.close!()
    await open({ redfish_auth_type: 'session' })
      .power(call())
      .catch(() => undefined)
    expect(thief.seen).toEqual([])
    expect(thief.opened).toBe(0)
  })

  it('follows one within the BMC, and links to another host only by their path', async () => {
    bmc.instead = ({ path }) =>
      path === '/redfish/v1/Systems' ? { status: 308, headers: { location: '/redfish/v1/Systems/' } } : undefined
    bmc.resources['/redfish/v1/Systems/'] = { Members: [ref(`https://thief.example${SYSTEM}`)] }
    expect(await open().power(call())).toBe('off')
    bmc.instead = ({ path }) => (path.startsWith('/redfish/v1/Systems') ? { status: 308, headers: { location: path } } : undefined)
    expect((await failure(open().power(call()))).fault).toBe('garbled')
  })
})

describe('power', () => {
  const offer = (types: string[]) => {
    bmc.system['Actions']['#ComputerSystem.Reset']['ResetType@Redfish.AllowableValues'] = types
  }
  const resets = () => bmc.writes.filter(({ path }) => path === RESET).map(({ body }) => body.ResetType)

  it('chooses from what the BMC offers', async () => {
    bmc.system['PowerState'] = 'On'
    offer(['On', 'ForceOff', 'PowerCycle', 'PushPowerButton'])
    await open().setPower('reboot', call())
    expect(await failure(open().setPower('soft reboot', call()))).toMatchObject({ fault: 'unsupported' })
    await open().setPower('soft off', call())
    expect(resets()).toEqual(['PowerCycle', 'PushPowerButton'])
  })

  it('makes a reboot of two steps where it must, waiting for off between', async () => {
    bmc.system['PowerState'] = 'On'
    offer(['On', 'ForceOff', 'GracefulShutdown'])
    await open().setPower('reboot', call())
    await open().setPower('soft reboot', call())
    expect(resets()).toEqual(['ForceOff', 'On', 'GracefulShutdown', 'On'])
    expect(fences).toBe(4)
    expect(bmc.system['PowerState']).toBe('On')
  })

  it('finds what is offered where it is described elsewhere', async () => {
    const reset = bmc.system['Actions']['#ComputerSystem.Reset']
    delete reset['ResetType@Redfish.AllowableValues']
    reset['@Redfish.ActionInfo'] = '/redfish/v1/Systems/1/ResetActionInfo'
    bmc.resources['/redfish/v1/Systems/1/ResetActionInfo'] = {
      Parameters: [{ Name: 'ResetType', AllowableValues: ['ForceOn', 'ForceOff'] }],
    }
    bmc.instead = ({ path }) => (path === RESET ? { status: 204 } : undefined)
    await open().setPower('on', call())
    expect(resets()).toEqual(['ForceOn'])
  })

  it('does not call a machine off that is still going off', async () => {
    bmc.system['PowerState'] = 'PoweringOff'
    expect(await open().power(call())).toBe('on')
    expect(await failure(open().setPower('on', call()))).toMatchObject({ fault: 'busy' })
    await open().setPower('soft off', call())
    expect(resets()).toEqual([])
    await open().setPower('off', call())
    expect(resets()).toEqual(['ForceOff'])
    bmc.system['PowerState'] = 'PoweringOn'
    expect(await open().power(call())).toBe('on')
    bmc.system['PowerState'] = null
    expect(await failure(open().power(call()))).toMatchObject({ fault: 'busy' })
  })

  it('is content when the BMC refuses what another has just done', async () => {
    bmc.instead = ({ path }) => {
      if (path !== RESET) return undefined
      bmc.system['PowerState'] = 'On'
      return { status: 409, body: message('IDRAC.2.8.PSU501', 'Server is already powered ON.') }
    }
    await open().setPower('on', call())
  })

  it('passes on what the BMC says, without the password', async () => {
    bmc.instead = ({ path }) =>
      path === RESET ? { status: 400, body: message('iLO.2.14.InvalidLicenseKey', 'correct horse needs a license.\r\n') } : undefined
    const error = await failure(open().setPower('on', call()))
    expect(error.message).toContain('"••• needs a license."')
    bmc.instead = ({ path }) =>
      path === RESET ? { status: 400, body: message('iLO.2.14.UnableToModifyDuringSystemPOST', 'In POST.') } : undefined
    expect((await failure(open().setPower('on', call()))).fault).toBe('busy')
  })
})

describe('systems', () => {
  it('wants to know which where there are several', async () => {
    bmc.resources['/redfish/v1/Systems'] = { Members: [ref(SYSTEM), ref('/redfish/v1/Systems/2')] }
    const error = await failure(open().power(call()))
    expect(error).toMatchObject({ fault: 'settings' })
    expect(error.message).toContain('/redfish/v1/Systems/2')
    expect(await open({ redfish_system_id: SYSTEM }).power(call())).toBe('off')
    expect(await open({ redfish_system_id: '1' }).power(call())).toBe('off')
    expect((await failure(open({ redfish_system_id: '/redfish/v1/Systems/9' }).power(call()))).message).toContain('/redfish/v1/Systems/2')
  })

  it('reads what it is', async () => {
    expect(await open().identify(call())).toEqual({
      vendor: 'Contoso',
      model: 'T1000',
      serial: 'S-0001',
      uuid: '4c4c4544-0034-3510-8048-b4c04f4e3232',
      bmcVersion: '6.10.30',
      biosVersion: '2.4',
      cpus: 64,
      memoryMb: 262_144,
      macs: ['aa:bb:cc:00:00:01', 'aa:bb:cc:00:00:02'],
      bmcMacs: ['aa:bb:cc:00:00:ff'],
    })
    expect(await open().sensors!(call())).toEqual([
      { name: 'Inlet', kind: 'temperature', value: 21, unit: '°C', health: 'ok' },
      { name: 'Fan 1', kind: 'fan', value: 5400, unit: 'rpm', health: 'warning' },
      { name: 'System', kind: 'power', value: 312, unit: 'W', health: null },
      { name: '12V', kind: 'voltage', value: 12.1, unit: 'V', health: null },
    ])
    expect(await open().eventLog!(1, call())).toEqual([
      { id: '2', created: '2026-01-02T00:00:00Z', severity: 'critical', message: 'PSU 1 lost input' },
    ])
    expect(fences).toBe(0)
  })

  it('reads a collection in one request where the BMC can', async () => {
    bmc.root['ProtocolFeaturesSupported'] = { ExpandQuery: { NoLinks: true } }
    const nics = '/redfish/v1/Systems/1/EthernetInterfaces'
    bmc.resources[`${nics}?$expand=.`] = { Members: [{ '@odata.id': `${nics}/1`, MACAddress: 'AA:BB:CC:00:00:09' }] }
    expect((await open().identify(call())).macs).toEqual(['aa:bb:cc:00:00:09'])
    expect(paths(bmc.seen)).not.toContain(`GET ${nics}/1`)
  })
})

describe('vendors', () => {
  it('Supermicro: a CD is on USB, and mode and duration are always sent', async () => {
    bmc.system['Manufacturer'] = 'Supermicro'
    Object.assign(bmc.system['Boot'], {
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Cd', 'UsbCd'],
      BootSourceOverrideEnabled: 'Once',
      BootSourceOverrideTarget: 'Pxe',
    })
    await open().setBootDevice('cdrom', false, call())
    expect(bmc.writes.at(-1)!.body).toEqual({
      Boot: { BootSourceOverrideTarget: 'UsbCd', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI' },
    })
    expect(await open().bootDevice(call())).toEqual({ device: 'cdrom', persistent: false })
  })

  it('others: only what changes', async () => {
    Object.assign(bmc.system['Boot'], { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' })
    await open().setBootDevice('disk', false, call())
    expect(bmc.writes.at(-1)!.body).toEqual({ Boot: { BootSourceOverrideTarget: 'Hdd' } })
  })

  it('iDRAC: the boot mode is a BIOS setting, applied at the next start', async () => {
    bmc.system['Manufacturer'] = 'Dell Inc.'
    bmc.system['Bios'] = ref(`${SYSTEM}/Bios`)
    bmc.resources[`${SYSTEM}/Bios`] = {
      Attributes: { BootMode: 'Uefi' },
      '@Redfish.Settings': { SettingsObject: ref(`${SYSTEM}/Bios/Settings`) },
    }
    bmc.resources[`${SYSTEM}/Bios/Settings`] = {
      '@Redfish.SettingsApplyTime': { 'ApplyTime@Redfish.AllowableValues': ['Immediate', 'OnReset'] },
    }
    bmc.instead = ({ method, path }) =>
      method === 'PATCH' && path === SYSTEM ? { status: 400, body: message('Base.1.8.PropertyNotWritable', 'Read only.') } : undefined
    await open().setBootMode!('bios', call())
    expect(bmc.writes.at(-1)).toMatchObject({
      path: `${SYSTEM}/Bios/Settings`,
      body: { Attributes: { BootMode: 'Bios' }, '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } },
    })
  })

  it('XCC: the boot mode is a BIOS setting, as the override has one for a single start', async () => {
    bmc.system['Manufacturer'] = 'Lenovo'
    bmc.system['Bios'] = ref(`${SYSTEM}/Bios`)
    bmc.resources[`${SYSTEM}/Bios`] = {
      Attributes: { BootModes_SystemBootMode: 'LegacyMode' },
      '@Redfish.Settings': { SettingsObject: ref(`${SYSTEM}/Bios/Pending`), SupportedApplyTimes: ['OnReset'] },
    }
    bmc.resources[`${SYSTEM}/Bios/Pending`] = { Attributes: {} }
    expect(await open().bootMode!(call())).toBe('bios')
    await open().setBootMode!('uefi', call())
    await open().setBootMode!('uefi', call())
    expect(bmc.writes).toHaveLength(1)
    expect(bmc.writes[0]).toMatchObject({ path: `${SYSTEM}/Bios/Pending`, body: { Attributes: { BootModes_SystemBootMode: 'UEFIMode' } } })
    // It counts from the next start on, and until then the old one is the truth.
    expect(await open().bootMode!(call())).toBe('bios')
  })

  it('iLO 4: virtual media by its own actions', async () => {
    bmc.system['Manufacturer'] = 'HP'
    const own = `${CD}/Actions/Oem/Hp/HpiLOVirtualMedia.InsertVirtualMedia`
    delete bmc.resources[CD]!['Actions']
    bmc.resources[CD]!['Oem'] = { Hp: { Actions: { '#HpiLOVirtualMedia.InsertVirtualMedia': { target: own } } } }
    await open().insertMedia!('cdrom', 'https://images.example/a.iso', call())
    expect(bmc.writes.at(-1)!.path).toBe(own)
  })

  it('XCC: slots for uploads are passed over, and media goes in by changing the slot where there is no action', async () => {
    bmc.system['Manufacturer'] = 'Lenovo'
    const ext = '/redfish/v1/Managers/bmc/VirtualMedia/EXT1'
    bmc.resources['/redfish/v1/Managers/bmc/VirtualMedia'] = { Members: [ref('/redfish/v1/Managers/bmc/VirtualMedia/RDOC1'), ref(ext)] }
    bmc.resources['/redfish/v1/Managers/bmc/VirtualMedia/RDOC1'] = { Id: 'RDOC1', MediaTypes: ['CD'], Image: null, Inserted: false }
    bmc.resources[ext] = { Id: 'EXT1', MediaTypes: ['CD'], Image: null, Inserted: false }
    await open().insertMedia!('cdrom', 'https://images.example/a.iso', call())
    expect(bmc.writes.at(-1)).toMatchObject({
      method: 'PATCH',
      path: ext,
      body: { Image: 'https://images.example/a.iso', Inserted: true, WriteProtected: true },
    })
    await open().ejectMedia!('all', call())
    expect(bmc.resources[ext]).toMatchObject({ Image: null, Inserted: false })
  })

  it('says the protocol of an image to those that ask', async () => {
    bmc.instead = ({ path, body }) =>
      path.endsWith('InsertMedia') && !body.TransferProtocolType
        ? { status: 400, body: message('Base.1.8.ActionParameterMissing', 'The parameter TransferProtocolType is required.') }
        : undefined
    await open().insertMedia!('cdrom', 'https://images.example/a.iso', call())
    expect(bmc.writes.at(-1)!.body).toEqual({ Image: 'https://images.example/a.iso', TransferProtocolType: 'HTTPS' })
    expect(fences).toBe(2)
  })

  it('writes the override where newer firmware keeps it', async () => {
    const boot = bmc.system['Boot']
    bmc.system['Boot'] = { BootOrder: ['Boot0001'] }
    bmc.system['@Redfish.Settings'] = { SettingsObject: ref(`${SYSTEM}/Settings`) }
    bmc.resources[`${SYSTEM}/Settings`] = { Boot: boot }
    await open().setBootDevice('pxe', false, call())
    expect(bmc.writes.at(-1)!.path).toBe(`${SYSTEM}/Settings`)
    expect(await open().bootDevice(call())).toEqual({ device: 'pxe', persistent: false })
  })
})

describe('baseline', () => {
  it('does what can be done, and says what cannot', async () => {
    Object.assign(bmc.system['Boot'], { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' })
    Object.assign(bmc.resources[CD]!, { Image: 'https://images.example/a.iso', Inserted: true })
    const { done, impossible } = await open().baseline(call())
    expect(done).toEqual(['ended the boot override', 'ejected virtual media from CD', 'boot mode is uefi'])
    expect(impossible).toEqual([
      expect.stringContaining('cannot restore the default boot order. The order is left as it is: Boot0001, Boot0002'),
    ])
    expect(bmc.system['Boot'].BootSourceOverrideEnabled).toBe('Disabled')
    expect(bmc.resources[CD]!['Image']).toBeNull()
    const writes = bmc.writes.length
    expect((await open().baseline(call())).done).toEqual(['no boot override was set', 'no virtual media was inserted', 'boot mode is uefi'])
    expect(bmc.writes.length).toBe(writes)
  })

  it('says so where a BMC accepts the end of an override and keeps it, or refuses it', async () => {
    Object.assign(bmc.system['Boot'], { BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideTarget: 'Pxe' })
    bmc.instead = ({ method, path }) => (method === 'PATCH' && path === SYSTEM ? { status: 204 } : undefined)
    const kept = await open().baseline(call())
    expect(kept.impossible[0]).toMatch(/^Ending the boot override failed: .* still shows it \(Pxe, Continuous\)\. .*next start/)
    expect(kept.done).toEqual(['no virtual media was inserted', 'boot mode is uefi'])
    bmc.instead = ({ method, path }) => (method === 'PATCH' && path === SYSTEM ? { status: 400 } : undefined)
    expect((await open().baseline(call())).impossible[0]).toMatch(/^Ending the boot override failed: /)
  })

  it('asks for the default boot order where the BMC has one', async () => {
    const target = `${SYSTEM}/Actions/ComputerSystem.SetDefaultBootOrder`
    bmc.system['Actions']['#ComputerSystem.SetDefaultBootOrder'] = { target }
    bmc.instead = ({ path }) => {
      if (path !== target) return undefined
      bmc.system['Boot'].BootOrder = ['Boot0002', 'Boot0001']
      return { status: 204 }
    }
    const { done, impossible } = await open().baseline(call())
    expect(done).toContain('asked for the default boot order: Boot0002, Boot0001')
    expect(impossible).toEqual([])
  })

  it('is not done when the BMC goes away', async () => {
    bmc.instead = ({ path }) => (path.includes('VirtualMedia') ? 'drop' : undefined)
    expect(await failure(open().baseline(call()))).toMatchObject({ fault: 'unreachable' })
  })
})

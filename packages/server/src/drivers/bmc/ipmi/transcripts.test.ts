import { afterEach, describe, expect, it } from 'vitest'
import type { Bmc, BmcError, Call } from '../driver.ts'
import { ipmi } from '../ipmi.ts'
import type { Given } from './options.ts'
import { parseEvents, parseSensors } from './reports.ts'
import { type Line, Replay } from './test/replay.ts'

const STATUS = 'raw 0x00 0x01'
const FLAGS = 'raw 0x00 0x09 0x05 0x00 0x00'
const DELL: Line = { on: 'raw 0x06 0x01', out: ' 20 01 07 00 02 df a2 02 00 00 01 00 00 00 00\n' }
const ON: Line = { on: STATUS, out: ' 21 10 40 70\n' }
const OFF: Line = { on: STATUS, out: ' 20 10 40 70\n' }
const NO_SESSION = 'Error: Unable to establish IPMI v2 / RMCP+ session\n'
const GONE: Line = {
  on: STATUS,
  err: `Loading IANA PEN Registry...\nGet Auth Capabilities error\nError issuing Get Channel Authentication Capabilities request\n${NO_SESSION}`,
  status: 1,
}
const WRONG: Line = { on: STATUS, err: `Loading IANA PEN Registry...\n> RAKP 2 HMAC is invalid\n${NO_SESSION}`, status: 1 }
// What a session begins with is no answer to what was asked.
const BEGINS = 'Running Get VSO Capabilities my_addr 0x20, transit 0, target 0x20\nInvalid completion code received: Invalid command\n'
const LOST = (on: string): Line => ({
  on,
  err: `${BEGINS}Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x2)\nClose Session command failed\n`,
  status: 1,
})
const CODE = (on: string, code: string, words: string): Line => ({
  on,
  err: `${BEGINS}Unable to send RAW command (channel=0x0 netfn=0x0 lun=0x0 cmd=0x2 rsp=${code}): ${words}\n`,
  status: 1,
})

const settings = { ipmi_address: '10.0.0.5', ipmi_username: 'root', ipmi_password: 'correct-horse' }

let replay: Replay
afterEach(() => replay?.end())

let millis = 0
const bench = (lines: readonly Line[], more: Record<string, unknown> = {}, given: Given = {}): Bmc => {
  replay = new Replay(lines)
  return ipmi({ program: replay.program, millis: () => millis, wait: async () => undefined, ...given }).open({ ...settings, ...more })
}
let fences = 0
const before = async () => {
  fences += 1
}
const call = (more: Partial<Call> = {}): Call => {
  fences = 0
  return { signal: new AbortController().signal, before, ...more }
}
const fault = async (work: Promise<unknown>): Promise<BmcError> => {
  const error = await work.then(
    () => new Error('it did not fail'),
    e => e,
  )
  expect(error.message).toMatch(/[.!"]$/)
  expect(error.message).not.toContain('correct-horse')
  return error
}

describe('secrets', () => {
  it('are in the environment, never on the command line', async () => {
    const bmc = bench([ON], { ipmi_hex_kg_key: '0102ff0a27224b6779000000000000000000000a'.replace(/0a$/, '00') })
    expect(await bmc.power(call())).toBe('on')
    const [asked] = replay.asked
    expect(asked!.args.join(' ')).not.toMatch(/correct-horse|0102ff/)
    expect(asked!.args).toEqual(expect.arrayContaining(['-E', '-K', '-U', 'root', '-H', '10.0.0.5', '-p', '623', '-L', 'ADMINISTRATOR']))
    expect(asked!.environment['IPMITOOL_PASSWORD']).toBe('correct-horse')
    expect(asked!.kg).toBe('0102ff0a27224b6779')
  })

  it('are all that it has of our environment, beside where programs are', async () => {
    const bmc = bench([ON])
    await bmc.power(call())
    expect(Object.keys(replay.asked[0]!.environment).sort()).toEqual(['IPMITOOL_PASSWORD', 'LC_ALL', 'PATH', 'TZ'])
  })
})

describe('sessions', () => {
  it('fall back to the older cipher suite and remember it', async () => {
    const old = {
      on: STATUS,
      cipher: '17',
      err: `Error in open session response message : invalid authentication algorithm\n\n${NO_SESSION}`,
      status: 1,
    }
    const bmc = bench([old, ON])
    await bmc.power(call())
    await bmc.power(call())
    expect(replay.asked.map(({ args }) => args[args.indexOf('-C') + 1])).toEqual(['17', '3', '3'])
  })

  it('use no other cipher suite than the one that was named', async () => {
    const bmc = bench(
      [{ on: STATUS, err: `Error in open session response message : invalid authentication algorithm\n${NO_SESSION}`, status: 1 }],
      { ipmi_cipher_suite: 17 },
    )
    expect(await fault(bmc.power(call()))).toMatchObject({ fault: 'settings', message: expect.stringContaining('ipmi_cipher_suite') })
    expect(replay.asked).toHaveLength(1)
  })

  it('say who is refused, and do not ask again at once, so that no account is locked', async () => {
    const bmc = bench([WRONG])
    expect(await fault(bmc.power(call()))).toMatchObject({ fault: 'credentials', message: expect.stringContaining('ipmi_password') })
    expect(await fault(bmc.power(call()))).toMatchObject({ fault: 'credentials' })
    expect(replay.asked).toHaveLength(1)
    millis += 61_000
    replay.record([ON])
    expect(await bmc.power(call())).toBe('on')
  })

  it('find out why a report failed for want of a session', async () => {
    const bmc = bench([
      { on: 'sdr info', err: NO_SESSION, status: 1 },
      { ...WRONG, on: 'raw 0x06 0x01' },
    ])
    expect((await fault(bmc.sensors!(call()))).fault).toBe('credentials')
  })

  it('leave a BMC alone that has not answered three times', async () => {
    const bmc = bench([GONE])
    for (let i = 0; i < 5; i++) expect((await fault(bmc.power(call()))).fault).toBe('unreachable')
    expect(replay.asked).toHaveLength(3)
    millis += 31_000
    replay.record([OFF])
    expect(await bmc.power(call())).toBe('off')
  })

  it('are older where the settings say so', async () => {
    const bmc = bench([ON], { ipmi_protocol_version: '1.5', ipmi_priv_level: 'operator' })
    await bmc.power(call())
    expect(replay.asked[0]!.args.slice(0, 2)).toEqual(['-I', 'lan'])
    expect(replay.asked[0]!.args).not.toContain('-C')
    expect(replay.asked[0]!.args).toContain('OPERATOR')
  })
})

describe('power', () => {
  it('resets, and cycles where there is no reset', async () => {
    const bmc = bench([ON, { on: 'raw 0x00 0x02 0x03' }])
    await bmc.setPower('reboot', call())
    expect(replay.words).toEqual([STATUS, 'raw 0x00 0x02 0x03'])
    replay.record([ON, CODE('raw 0x00 0x02 0x03', '0xcc', 'Invalid data field in request'), { on: 'raw 0x00 0x02 0x02' }])
    await bmc.setPower('reboot', call())
    expect(replay.words.slice(2)).toEqual([STATUS, 'raw 0x00 0x02 0x03', 'raw 0x00 0x02 0x02'])
    expect(fences).toBe(2)
  })

  it('is uncertain where the answer to a reset is lost, and asks once', async () => {
    const bmc = bench([ON, LOST('raw 0x00 0x02 0x03')])
    expect(await fault(bmc.setPower('reboot', call()))).toMatchObject({ fault: 'unreachable', uncertain: true })
    expect(replay.words).toEqual([STATUS, 'raw 0x00 0x02 0x03'])
  })

  it('waits for a soft reboot no longer than it may', async () => {
    const wait = async () => {
      millis += 150_000
    }
    const bmc = bench([ON, { on: 'raw 0x00 0x02 0x05' }], {}, { wait })
    expect(await fault(bmc.setPower('soft reboot', call()))).toMatchObject({ fault: 'busy', message: expect.stringContaining('300 s') })
    expect(replay.words).not.toContain('raw 0x00 0x02 0x01')
  })

  it('interrupts', async () => {
    const bmc = bench([ON, { on: 'raw 0x00 0x02 0x04' }])
    await bmc.nmi!(call())
    expect(fences).toBe(1)
    replay.record([OFF])
    expect((await fault(bmc.nmi!(call()))).fault).toBe('refused')
  })
})

describe('boot', () => {
  it.each([
    [' 01 05 80 04 00 00 00\n', { device: 'pxe', persistent: false }],
    [' 01 05 e0 08 00 00 00\n', { device: 'disk', persistent: true }],
    [' 01 05 a0 14 00 00 00\n', { device: 'cdrom', persistent: false }],
    [' 01 05 80 2c 00 00 00\n', { device: 'disk', persistent: false }],
    [' 01 05 80 30 00 00 00\n', { device: null, persistent: null }],
    [' 01 05 00 00 00 00 00\n', { device: null, persistent: null }],
    // Used up by a start: it stays, but is not valid.
    [' 01 05 00 04 00 00 00\n', { device: null, persistent: null }],
  ])('reads %j', async (out, expected) => {
    const bmc = bench([DELL, { on: FLAGS, out }])
    expect(await bmc.bootDevice(call())).toEqual(expected)
  })

  it('is set for UEFI without a time limit, and not again', async () => {
    const set = { on: 'chassis bootdev pxe options=persistent,efiboot', out: 'Set Boot Device to pxe\n' }
    const bmc = bench([DELL, { on: FLAGS, out: ' 01 05 00 00 00 00 00\n' }, { on: 'raw 0x00 0x08 0x03 0x08' }, set])
    await bmc.setBootDevice('pxe', true, call())
    expect(replay.words).toEqual([FLAGS, 'raw 0x00 0x08 0x03 0x08', set.on])
    expect(fences).toBe(2)
    replay.record([DELL, { on: FLAGS, out: ' 01 05 e0 04 00 00 00\n' }])
    await bmc.setBootDevice('pxe', true, call())
    expect(fences).toBe(0)
  })

  it('is set for BIOS where the settings say so, also where the BMC keeps its time limit', async () => {
    const no = CODE('raw 0x00 0x08 0x03 0x08', '0x80', 'Unknown (0x80)')
    const bmc = bench([DELL, { on: FLAGS, out: ' 01 05 a0 04 00 00 00\n' }, no, { on: 'chassis bootdev pxe' }], { ipmi_boot_mode: 'bios' })
    await bmc.setBootDevice('pxe', false, call())
    expect(replay.words.at(-1)).toBe('chassis bootdev pxe')
  })

  it('comes back to the baseline, and says what IPMI cannot do', async () => {
    const bmc = bench([
      DELL,
      { on: FLAGS, out: ' 01 05 c0 04 00 00 00\n' },
      { on: 'chassis bootdev none', out: 'Set Boot Device to none\n' },
    ])
    const { done, impossible } = await bmc.baseline(call())
    expect(done).toEqual(['ended the boot override'])
    expect(impossible.join(' ')).toMatch(/virtual media.*boot order/)
    expect(replay.words.at(-1)).toBe('chassis bootdev none')
    replay.record([GONE, { ...GONE, on: FLAGS }])
    expect((await fault(bmc.baseline(call()))).fault).toBe('unreachable')
  })
})

describe('the light', () => {
  it('is switched for good, and read where the BMC tells', async () => {
    const bmc = bench([ON, { on: 'raw 0x00 0x04 0x00 0x01' }])
    expect(await bmc.indicator!(call())).toBe('on')
    replay.record([{ on: STATUS, out: ' 21 10 40 40\n' }, { on: 'raw 0x00 0x04 0x00 0x01' }])
    expect(await bmc.indicator!(call())).toBe('off')
    await bmc.setIndicator!('on', call())
    expect(fences).toBe(1)
    replay.record([{ on: STATUS, out: ' 21 10 40\n' }])
    expect((await fault(bmc.indicator!(call()))).fault).toBe('unsupported')
  })
})

describe('reports', () => {
  it('are not asked for where the repository is empty: ipmitool would fill it', async () => {
    const bmc = bench([
      { on: 'sdr info', out: 'SDR Version                         : 0x51\nRecord Count                        : 0\n' },
      { on: '-c sel list last 5', out: '' },
    ])
    expect(await bmc.sensors!(call())).toEqual([])
    expect(await bmc.eventLog!(5, call())).toEqual([])
    expect(replay.words).toEqual(['sdr info', 'sdr info', '-c sel list last 5'])
  })

  it('of sensors', () => {
    const csv =
      'Inlet Temp,21,degrees C,ok\nFAN1,5400,RPM,ok\n12V,12.06,Volts,nc\nPwr Consumption,182,Watts,ok\nCPU Usage,3,percent,ok\nP2-DIMM,,,ns\nPS, left,0,Watts,cr\nnonsense\n'
    expect(parseSensors(csv)).toEqual([
      { name: 'Inlet Temp', kind: 'temperature', value: 21, unit: '°C', health: 'ok' },
      { name: 'FAN1', kind: 'fan', value: 5400, unit: 'rpm', health: 'ok' },
      { name: '12V', kind: 'voltage', value: 12.06, unit: 'V', health: 'warning' },
      { name: 'Pwr Consumption', kind: 'power', value: 182, unit: 'W', health: 'ok' },
      { name: 'CPU Usage', kind: 'other', value: 3, unit: '%', health: 'ok' },
      { name: 'P2-DIMM', kind: 'other', value: null, unit: '', health: null },
      { name: 'PS, left', kind: 'power', value: 0, unit: 'W', health: 'critical' },
    ])
  })

  it('of events, newest first', () => {
    const csv = [
      '1, Pre-Init ,0000005889,Event Logging Disabled #0x09,Log area reset/cleared,Asserted',
      '2,08/12/2023,10:11:12,Temperature CPU Temp,Upper Critical going high,Asserted,Reading 90 > Threshold 80 degrees C',
      'a,08/12/23,10:12:12 UTC,Memory #0x53,Uncorrectable ECC,Asserted',
      'b,08/12/2023,10:13:12,Temperature CPU Temp,Upper Critical going high,Deasserted',
      'SEL has no entries',
      '',
    ]
    expect(parseEvents(csv.join('\n'))).toEqual([
      { id: 'b', created: '2023-08-12T10:13:12', severity: 'ok', message: 'Temperature CPU Temp, Upper Critical going high, Deasserted' },
      { id: 'a', created: '2023-08-12T10:12:12', severity: 'critical', message: 'Memory #0x53, Uncorrectable ECC, Asserted' },
      {
        id: '2',
        created: '2023-08-12T10:11:12',
        severity: 'critical',
        message: 'Temperature CPU Temp, Upper Critical going high, Asserted, Reading 90 > Threshold 80 degrees C',
      },
      { id: '1', created: null, severity: null, message: 'Event Logging Disabled #0x09, Log area reset/cleared, Asserted' },
    ])
  })

  it('of what it is, with what the maker left away', async () => {
    const bmc = bench([
      DELL,
      {
        on: 'fru print 0',
        out: ' Board Mfg             : DELL\n Board Product         : PowerEdge R640\n Board Serial          : CN7016\n Product Name          : To be filled by O.E.M.\n Product Serial        : 0000000\n',
      },
      { on: 'mc guid', out: 'System GUID   : 44454C4C-3400-1053-8034-B9C04F4E3232\nGUID Encoding : SMBIOS\n' },
      { on: 'lan print', out: 'MAC Address             : D0:94:66:12:34:56\n' },
    ])
    expect(await bmc.identify(call())).toMatchObject({
      vendor: 'DELL',
      model: 'PowerEdge R640',
      serial: 'CN7016',
      uuid: '44454c4c-3400-1053-8034-b9c04f4e3232',
      bmcVersion: '7.00',
      macs: [],
      bmcMacs: ['d0:94:66:12:34:56'],
    })
  })
})

describe('what is not to be relied upon', () => {
  it.each([
    ['busy', CODE(STATUS, '0xc0', 'Node busy')],
    ['busy', CODE(STATUS, '0xd2', 'Response could not be provided; initialization in progress')],
    ['credentials', CODE(STATUS, '0xd4', 'Insufficient privilege level')],
    ['refused', CODE(STATUS, '0xd5', 'Command not supported in present state')],
    ['unsupported', CODE(STATUS, '0xc1', 'Invalid command')],
    ['refused', CODE(STATUS, '0xff', 'Unspecified error')],
    ['unreachable', LOST(STATUS)],
    ['garbled', { on: STATUS, out: 'hello\n' }],
    ['garbled', { on: STATUS, out: ' 21\n' }],
  ] as const)('is %s: %j', async (expected, line) => {
    const error = await fault(bench([line]).power(call()))
    expect(error.fault).toBe(expected)
    expect(error.uncertain).toBe(false)
  })

  it('is cut off where it does not end', async () => {
    const bmc = bench([{ on: STATUS, out: 'x'.repeat(100_000) }], {}, { limits: { output: 50_000 } })
    expect((await fault(bmc.power(call()))).fault).toBe('garbled')
  })

  it('has a time limit', async () => {
    const bmc = bench([{ on: STATUS, hangs: true }], {}, { limits: { command: 300 } })
    expect((await fault(bmc.power(call()))).fault).toBe('unreachable')
  })

  it('is given up at once', async () => {
    const bmc = bench([{ on: STATUS, hangs: true }])
    const stop = new AbortController()
    const reading = bmc.power(call({ signal: stop.signal }))
    await expect.poll(() => replay.asked.length, { timeout: 30_000 }).toBe(1)
    stop.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('is the server itself where it has no ipmitool', async () => {
    const bmc = ipmi({ program: '/nowhere/ipmitool' }).open(settings)
    expect(await fault(bmc.power(call()))).toMatchObject({
      fault: 'settings',
      message: expect.stringContaining('apt-get install ipmitool'),
    })
  })
})

describe('settings', () => {
  const check = (more: Record<string, unknown>) => () => ipmi().check({ ...settings, ...more })
  it.each([
    [{ ipmi_address: '' }, 'ipmi_address is missing'],
    [{ ipmi_address: '-H evil' }, 'ipmi_address'],
    [{ ipmi_address: 'https://10.0.0.5' }, 'ipmi_address'],
    [{ ipmi_port: 0 }, 'ipmi_port'],
    [{ ipmi_port: 'x' }, 'ipmi_port'],
    [{ ipmi_password: 'x'.repeat(21) }, '20 bytes'],
    [{ ipmi_password: 'x'.repeat(17), ipmi_protocol_version: '1.5' }, '16 bytes'],
    [{ ipmi_username: 'x'.repeat(17) }, '16 bytes'],
    [{ ipmi_priv_level: 'root' }, 'ADMINISTRATOR'],
    [{ ipmi_hex_kg_key: 'zz' }, '40 hexadecimal digits'],
    [{ ipmi_hex_kg_key: `00${'11'.repeat(19)}` }, 'zero byte'],
    [{ ipmi_cipher_suite: 'best' }, 'ipmi_cipher_suite'],
    [{ ipmi_boot_mode: 'legacy' }, 'uefi or bios'],
    [{ ipmi_disable_boot_timeout: 'perhaps' }, 'true or false'],
  ])('%j are refused', (more, words) => {
    expect(check(more)).toThrow(words)
  })
  it.each([
    { ipmi_port: 6230 },
    { ipmi_port: '6230' },
    { ipmi_address: '[fd00::5]' },
    { ipmi_cipher_suite: '3' },
    { ipmi_protocol_version: 2 },
    { ipmi_disable_boot_timeout: false },
  ])('%j are right', more => {
    expect(check(more)).not.toThrow()
  })
})

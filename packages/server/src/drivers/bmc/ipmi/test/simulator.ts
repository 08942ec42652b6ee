import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian's packages with the simulator, and with the tool that asks it. */
export const PACKAGES = ['openipmi', 'ipmitool'] as const

export interface Simulator {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly power: () => 'on' | 'off'
  readonly boot: () => { readonly device: string | null; readonly persistent: boolean | null }
  press(power: 'on' | 'off'): void
  /** What the chassis was told, line by line. */
  readonly told: () => readonly string[]
  stop(): Promise<void>
}

/** What answers the chassis' commands: power and boot device are files. `set boot none` and `set boot default` are no device and the disk. */
const chassis = (folder: string): string => `#!/bin/sh
cd '${folder}' || exit 1
echo "$*" >> told
shift
verb=$1; shift
while [ $# -gt 0 ]; do
  case "$verb $1" in
    'get power') echo "power:$(cat power)" ;;
    'get boot') echo "boot:$(cat boot)" ;;
    'get '*) echo "$1:0" ;;
    'set power') echo "$2" > power; shift ;;
    'set boot') echo "$2" > boot; shift ;;
    'set shutdown') echo 0 > power; shift ;;
    'set reset') shift ;;
    'set '*) shift ;;
  esac
  shift
done
exit 0
`

/** OpenIPMI's BMC simulator as one machine, off at first, with an inventory, two sensors and an event. */
export const simulate = async (
  how: { readonly host?: string; readonly port?: number; readonly serial?: string; readonly console?: number } = {},
): Promise<Simulator> => {
  const { host = '127.0.0.1', serial = 'S-0042' } = how
  const port = how.port ?? (await freePort(host))
  const folder = mkdtempSync(join(tmpdir(), 'esi-ipmi-'))
  const at = (name: string) => join(folder, name)
  const [username, password] = ['admin', 'correct-horse']
  mkdirSync(at('state'))
  writeFileSync(at('power'), '0\n')
  writeFileSync(at('boot'), 'none\n')
  writeFileSync(at('told'), '')
  writeFileSync(at('chassis'), chassis(folder))
  chmodSync(at('chassis'), 0o700)
  const auths = ['callback', 'user', 'operator', 'admin'].map(level => `  allowed_auths_${level} none md2 md5 straight`)
  const lan = [
    'name "esi"',
    'set_working_mc 0x20',
    'startlan 1',
    `  addr ${host} ${port}`,
    '  priv_limit admin',
    ...auths,
    '  guid a123456789abcdefa123456789abcdef',
    'endlan',
    // What its Serial over LAN leads to: a port of ours.
    ...(how.console === undefined ? [] : [`sol "telnet:127.0.0.1:${how.console}" 115200`]),
    `chassis_control "${at('chassis')} 0x20"`,
    `user 2 true "${username}" "${password}" admin 10 none md2 md5 straight`,
  ]
  writeFileSync(at('lan.conf'), `${lan.join('\n')}\n`, { mode: 0o600 })
  const scanning = (sensor: number) =>
    `sensor_set_event_support 0x20 0 ${sensor} enable scanning per-state ${'000111111000000 '.repeat(4).trim()}`
  const machine = [
    'mc_setbmc 0x20',
    'mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02',
    'sel_enable 0x20 1000 0x0a',
    fru(serial),
    ...['sensor_add 0x20 0 1 0x01 0x01', 'sensor_set_value 0x20 0 1 45 0', scanning(1), sdr(1, 0x01, 0x01, 1, 'CPU Temp')],
    ...['sensor_add 0x20 0 2 0x04 0x01', 'sensor_set_value 0x20 0 2 54 0', scanning(2), sdr(2, 0x04, 0x12, 100, 'FAN,1')],
    'sel_add 0x20 0x02 0x30 0x6a 0x7f 0x65 0x20 0x00 0x04 0x01 0x01 0x01 0x59 0x5a 0x50',
    'mc_enable 0x20',
  ]
  writeFileSync(at('machine.emu'), `${machine.join('\n')}\n`)
  const child = spawn('ipmi_sim', ['-n', '-c', at('lan.conf'), '-f', at('machine.emu'), '-s', at('state')], {
    cwd: folder,
    stdio: 'ignore',
  })
  const stop = async () => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await answers(host, port, child)
  } catch (error) {
    await stop()
    throw error
  }
  const word = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : '')
  return {
    host,
    port,
    username,
    password,
    power: () => (word('power') === '1' ? 'on' : 'off'),
    boot: () => {
      const device = { pxe: 'pxe', default: 'disk', cdrom: 'cdrom', bios: 'bios' }[word('boot')] ?? null
      return { device, persistent: device === null ? null : false }
    },
    press: power => writeFileSync(at('power'), power === 'on' ? '1\n' : '0\n'),
    told: () => word('told').split('\n'),
    stop,
  }
}

const hex = (bytes: readonly number[]): string => bytes.map(byte => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')

/** A full sensor record (IPMI 2.0, 43.1) with a factor and no thresholds. */
const sdr = (sensor: number, type: number, unit: number, factor: number, name: string): string => {
  const key = [0x20, 0, sensor, 0x03, 0x01, 0x7f, 0x68, type, 0x01, 0, 0x70, 0, 0x70, 0x3f, 0x38, 0, unit, 0, 0, factor, 0, 0, 0, 0, 0, 0]
  const limits = [0x2d, 0x50, 0x0a, 0xff, 0, 0x5a, 0x50, 0x46, 0, 5, 0x0a, 2, 2, 0, 0, 0]
  const body = [...key, ...limits, 0xc0 | name.length, ...Buffer.from(name)]
  return `main_sdr_add 0x20 ${hex([0, 0, 0x51, 0x01, body.length, ...body])}`
}

/** An inventory of board and product (FRU 1.0). */
const fru = (serial: string): string => {
  const text = (value: string) => [0xc0 | value.length, ...Buffer.from(value)]
  const summed = (bytes: number[]) => [...bytes, (256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256)) % 256]
  const area = (...body: number[]) => {
    const eighths = Math.ceil((body.length + 3) / 8)
    const bytes = [1, eighths, ...body]
    return summed([...bytes, ...Array.from({ length: eighths * 8 - 1 - bytes.length }, () => 0)])
  }
  const board = area(0, 0, 0, 0, ...text('Contoso'), ...text('Board 7'), ...text('B-77'), ...text('P-1'), 0xc0, 0xc1)
  const product = area(0, ...text('Contoso'), ...text('T2000'), ...text('PN'), ...text('1'), ...text(serial), 0xc0, 0xc0, 0xc1)
  const all = [...summed([1, 0, 0, 1, 1 + board.length / 8, 0, 0]), ...board, ...product]
  return `mc_add_fru_data 0x20 0 ${all.length} data ${hex(all)}`
}

const freePort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4').on('error', reject)
    socket.bind(0, host, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })

/** Asks until it answers: Get Channel Authentication Capabilities, which needs no session. */
const answers = (host: string, port: number, child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const ask = Buffer.from('0600ff07000000000000000000092018c88100388e04b5', 'hex')
    const socket = createSocket('udp4')
    const timer = setInterval(() => socket.send(ask, port, host), 50)
    let over = false
    const end = (done: () => void) => {
      if (over) return
      over = true
      clearInterval(timer)
      socket.close()
      done()
    }
    socket.on('error', () => undefined)
    socket.once('message', () => end(resolve))
    child.once('error', error => end(() => reject(error)))
    child.once('exit', status => end(() => reject(new Error(`ipmi_sim ended with ${status}`))))
    socket.send(ask, port, host)
  })

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const over = new Promise<void>(resolve => void child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await over
}

import type { BmcIdentity, Call, LogEntry, Sensor } from '../driver.ts'
import type { Link } from './link.ts'

/** `Name   : value` lines. */
export const fields = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    if (at > 0 && name !== '' && value !== '' && !found.has(name)) found.set(name, value)
  }
  return found
}

/** What a maker leaves in a field that nobody filled in. */
const EMPTY = /^(to be filled.*|none|unspecified|unknown|n\/a|not specified|default string|x+|0+|\.+)$/i
const known = (value: string | undefined): string | null => (value === undefined || EMPTY.test(value) ? null : value.slice(0, 200))

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/

export const identify = async (link: Link, call: Call): Promise<BmcIdentity> => {
  const id = await link.raw('device id', [0x06, 0x01], call)
  // By its number: all others would have ipmitool read the sensor records first, and it fills a repository that is empty.
  const fru = fields((await link.find('inventory', ['fru', 'print', '0'], call)) ?? '')
  const guid = fields((await link.find('GUID', ['mc', 'guid'], call)) ?? '')
  const lan = fields((await link.find('LAN settings', ['lan', 'print'], call)) ?? '')
  const uuid = guid.get('System GUID')?.toLowerCase() ?? ''
  const mac = lan.get('MAC Address')?.toLowerCase() ?? ''
  return {
    vendor: known(fru.get('Product Manufacturer')) ?? known(fru.get('Board Mfg')),
    model: known(fru.get('Product Name')) ?? known(fru.get('Board Product')),
    serial: known(fru.get('Product Serial')) ?? known(fru.get('Chassis Serial')) ?? known(fru.get('Board Serial')),
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid) && !/^[0-]*$|^[f-]*$/.test(uuid) ? uuid : null,
    bmcVersion: id.length < 4 ? null : `${id[2]! & 0x7f}.${id[3]!.toString(16).padStart(2, '0')}`,
    biosVersion: null,
    cpus: null,
    memoryMb: null,
    macs: [],
    bmcMacs: MAC.test(mac) && mac !== '00:00:00:00:00:00' ? [mac] : [],
  }
}

/** Whether there are sensor records. Asked first: where there are none, ipmitool would erase and fill the repository by itself. */
const described = async (link: Link, call: Call): Promise<boolean> => {
  const info = fields((await link.find('sensor records', ['sdr', 'info'], call)) ?? '')
  return Number(info.get('Record Count') ?? 0) > 0
}

export const sensors = async (link: Link, call: Call): Promise<readonly Sensor[]> => {
  if (!(await described(link, call))) return []
  return parseSensors(await link.report('sensors', ['-c', 'sdr', 'list', 'full'], call))
}

const UNITS: Readonly<Record<string, readonly [kind: Sensor['kind'], unit: string]>> = {
  'degrees C': ['temperature', '°C'],
  'degrees F': ['temperature', '°F'],
  RPM: ['fan', 'rpm'],
  Volts: ['voltage', 'V'],
  Watts: ['power', 'W'],
}

const HEALTH: Readonly<Record<string, string>> = { ok: 'ok', nc: 'warning', cr: 'critical', nr: 'critical' }

/** `CPU Temp,45,degrees C,ok`; a name may hold commas, the rest does not. */
export const parseSensors = (csv: string): Sensor[] =>
  csv.split('\n').flatMap(line => {
    const cells = line.trim().split(',')
    if (cells.length < 4) return []
    const [reading = '', said = '', state = ''] = cells.slice(-3)
    const [kind, unit] = UNITS[said] ?? (['other', said === 'percent' ? '%' : said] as const)
    const value = /^-?\d+(\.\d+)?$/.test(reading) ? Number(reading) : null
    return [{ name: cells.slice(0, -3).join(','), kind, value, unit, health: HEALTH[state.trim()] ?? null }]
  })

export const eventLog = async (link: Link, limit: number, call: Call): Promise<readonly LogEntry[]> => {
  // Names of sensors come from the sensor records; without any the short list has all there is.
  const list = (await described(link, call)) ? 'elist' : 'list'
  return parseEvents(await link.report('event log', ['-c', 'sel', list, 'last', String(Math.min(Math.max(limit, 1), 1000))], call)).slice(
    0,
    limit,
  )
}

const severity = (words: string): LogEntry['severity'] => {
  if (/deasserted/i.test(words)) return 'ok'
  if (/non-critical|predictive failure|correctable ecc|redundancy lost/i.test(words) && !/uncorrectable/i.test(words)) return 'warning'
  if (/critical|non-recoverable|uncorrectable|failure detected|power supply ac lost|IERR|thermal trip/i.test(words)) return 'critical'
  return null
}

/** `4,08/12/2023,10:11:12,Temperature CPU Temp,Upper Critical going high,Asserted`, oldest first; `Pre-Init` is before the clock was set. */
export const parseEvents = (csv: string): LogEntry[] =>
  csv
    .split('\n')
    .flatMap((line): LogEntry[] => {
      const [id = '', date = '', time = '', ...words] = line.split(',').map(cell => cell.trim())
      if (!/^[0-9a-f]{1,4}$/.test(id) || words.length === 0) return []
      const day = /^(\d\d)\/(\d\d)\/(\d{4}|\d\d)$/.exec(date)
      const clock = /^(\d\d:\d\d:\d\d)/.exec(time)
      const year = day?.[3]?.length === 2 ? `20${day[3]}` : day?.[3]
      const message = words.filter(word => word !== '').join(', ')
      return [
        {
          id,
          created: day && clock ? `${year}-${day[1]}-${day[2]}T${clock[1]}` : null,
          severity: severity(message),
          message: message.slice(0, 1000),
        },
      ]
    })
    .reverse()

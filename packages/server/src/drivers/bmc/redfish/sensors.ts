import type { Sensor } from '../driver.ts'
import { type Machine, related } from './machine.ts'
import { link, list, num, type Resource, str } from './resource.ts'

/** Readings of all chassis: the older Thermal and Power resources in two requests, the newer Sensors where those are absent. */
export const sensors = async (m: Machine): Promise<readonly Sensor[]> => {
  const found: Sensor[] = []
  for (const chassis of await related(m, 'Chassis')) {
    const thermal = await m.link.find(link(chassis.body, 'Thermal'), m.call)
    const power = await m.link.find(link(chassis.body, 'Power'), m.call)
    const old = [...fromThermal(thermal), ...fromPower(power)]
    found.push(...(old.length > 0 ? old : (await m.link.members(link(chassis.body, 'Sensors'), m.call)).map(fromSensor)))
  }
  return found
}

const health = (part: unknown): string | null => str(part, 'Status', 'Health')?.toLowerCase() ?? null
const name = (part: unknown): string => str(part, 'Name') ?? str(part, 'MemberId') ?? str(part, 'Id') ?? 'unnamed'
const present = (part: unknown): boolean => str(part, 'Status', 'State') !== 'Absent'

const fromThermal = (thermal: Resource | null): Sensor[] => [
  ...list(thermal?.body, 'Temperatures')
    .filter(present)
    .map(t => ({ name: name(t), kind: 'temperature' as const, value: num(t, 'ReadingCelsius'), unit: '°C', health: health(t) })),
  ...list(thermal?.body, 'Fans')
    .filter(present)
    .map(fan => ({
      name: str(fan, 'Name') ?? str(fan, 'FanName') ?? name(fan),
      kind: 'fan' as const,
      value: num(fan, 'Reading'),
      unit: str(fan, 'ReadingUnits') === 'Percent' ? '%' : 'rpm',
      health: health(fan),
    })),
]

const fromPower = (power: Resource | null): Sensor[] => [
  ...list(power?.body, 'PowerControl')
    .filter(present)
    .map(p => ({ name: name(p), kind: 'power' as const, value: num(p, 'PowerConsumedWatts'), unit: 'W', health: health(p) })),
  ...list(power?.body, 'PowerSupplies')
    .filter(present)
    .map(p => ({
      name: name(p),
      kind: 'power' as const,
      value: num(p, 'PowerInputWatts') ?? num(p, 'LastPowerOutputWatts'),
      unit: 'W',
      health: health(p),
    })),
  ...list(power?.body, 'Voltages')
    .filter(present)
    .map(v => ({ name: name(v), kind: 'voltage' as const, value: num(v, 'ReadingVolts'), unit: 'V', health: health(v) })),
]

// ReadingType of the Sensor schema.
const KINDS: Readonly<Record<string, Sensor['kind']>> = {
  Temperature: 'temperature',
  Rotational: 'fan',
  Voltage: 'voltage',
  Power: 'power',
}
const UNITS: Readonly<Record<string, string>> = { Cel: '°C', RPM: 'rpm', '{rev}/min': 'rpm' }

const fromSensor = ({ body }: Resource): Sensor => {
  const unit = str(body, 'ReadingUnits') ?? ''
  return {
    name: name(body),
    kind: KINDS[str(body, 'ReadingType') ?? ''] ?? 'other',
    value: num(body, 'Reading'),
    unit: UNITS[unit] ?? unit,
    health: health(body),
  }
}

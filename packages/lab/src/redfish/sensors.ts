import type { Machine } from '../machine/machine.ts'

export interface Reading {
  readonly id: string
  readonly name: string
  readonly kind: 'Temperature' | 'Rotational' | 'Voltage' | 'Power'
  readonly unit: string
  readonly value: number
  readonly high: number
}

/** What the sensors show. It follows power and time, so that two readings of a running machine differ a little. */
export function readings(machine: Machine): Reading[] {
  const on = machine.state.power === 'On'
  const busy = on && machine.runs !== null ? 1 : on ? 0.4 : 0
  const wave = Math.sin(machine.now() / 60_000 + machine.spec.cores)
  const watts = Math.round(on ? 60 + machine.spec.cores * 2 + machine.spec.cores * 3 * busy + 4 * wave : 9)
  return [
    { id: 'InletTemp', name: 'Inlet Temp', kind: 'Temperature', unit: 'Cel', value: Math.round(22 + wave), high: 42 },
    {
      id: 'CPU1Temp',
      name: 'CPU1 Temp',
      kind: 'Temperature',
      unit: 'Cel',
      value: Math.round(on ? 38 + 18 * busy + 2 * wave : 23),
      high: 95,
    },
    {
      id: 'Fan1',
      name: 'Fan 1',
      kind: 'Rotational',
      unit: 'RPM',
      value: on ? Math.round((5200 + 2600 * busy + 90 * wave) / 60) * 60 : 0,
      high: 18_000,
    },
    {
      id: 'Fan2',
      name: 'Fan 2',
      kind: 'Rotational',
      unit: 'RPM',
      value: on ? Math.round((5160 + 2600 * busy - 90 * wave) / 60) * 60 : 0,
      high: 18_000,
    },
    { id: 'PSU1Voltage', name: 'PSU1 Voltage', kind: 'Voltage', unit: 'V', value: 230, high: 264 },
    { id: 'TotalPower', name: 'Total Power', kind: 'Power', unit: 'W', value: watts, high: 750 },
  ]
}

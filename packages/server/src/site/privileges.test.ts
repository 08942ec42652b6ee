import { expect, test } from 'vitest'
import { hindered, lacking, type Machine, thisMachine } from './privileges.ts'

const machine = (more: Partial<Machine> = {}): Machine => ({ root: false, openPort: 1024, has: () => false, ...more })

test('low ports are said to need root, before they fail', () => {
  expect(hindered('0.0.0.0:443', machine())).toMatch(/port 443 needs root.*1024/)
  expect(hindered('[::1]:443', machine({ root: true }))).toBeUndefined()
  expect(hindered('0.0.0.0:443', machine({ openPort: 80 }))).toBeUndefined()
  expect(hindered('127.0.0.1:7777', machine())).toBeUndefined()
  expect(hindered('127.0.0.1:0', machine())).toBeUndefined()
})

test('what only root can install is named with how', () => {
  expect(lacking(['redfish', 'ipmi'], machine())).toEqual([expect.stringMatching(/sudo apt-get install ipmitool$/)])
  expect(lacking(['redfish', 'ipmi'], machine({ root: true }))).toEqual([expect.stringMatching(/: apt-get install ipmitool$/)])
  expect(lacking(['redfish'], machine())).toEqual([])
  expect(lacking(['ipmi'], machine({ has: program => program === 'ipmitool' }))).toEqual([])
})

test('programs are looked for where they are run from', () => {
  expect(thisMachine().has('sh')).toBe(true)
  expect(thisMachine().has('no-such-program')).toBe(false)
})

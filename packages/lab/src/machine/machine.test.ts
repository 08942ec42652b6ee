import { describe, expect, test } from 'vitest'
import { flavourNamed } from '../flavours/all.ts'
import { rackConfig } from '../rack/config.ts'
import { generate } from '../rack/generate.ts'
import { HandTime } from '../testing/hand-time.ts'
import { Machine, TAKES } from './machine.ts'
import type { MachineState } from './state.ts'

function make(options: { flavour?: string; os?: string | null; loose?: boolean; deaf?: boolean; remembered?: MachineState } = {}) {
  const raw = {
    password: 'secret',
    machines: [
      {
        name: 'm',
        flavour: options.flavour ?? 'plain',
        disks: [{ gb: 1, os: options.os ?? null }],
        ...(options.loose && { nics: [{ switch: null }] }),
      },
    ],
  }
  const [spec] = generate(rackConfig(raw), 'x')
  const time = new HandTime()
  const machine = new Machine(
    spec!,
    flavourNamed(spec!.flavour),
    time,
    { changed: () => {}, deaf: () => options.deaf === true },
    options.remembered,
  )
  return { machine, time }
}

describe('power', () => {
  test('it is on when its time has come, and not before', () => {
    const { machine, time } = make()
    expect(machine.reset('On')).toBe(true)
    expect(machine.power).toBe('PoweringOn')
    time.pass(TAKES.on - 1)
    expect(machine.power).toBe('PoweringOn')
    time.pass(1)
    expect(machine.power).toBe('On')
    time.pass(5000)
    expect(machine.uptime).toBe(5000)
  })

  test('force off is fast, graceful shutdown is not', () => {
    const { machine, time } = make()
    machine.reset('On')
    time.pass(TAKES.on)
    machine.reset('GracefulShutdown')
    time.pass(TAKES.off)
    expect(machine.power).toBe('PoweringOff')
    machine.reset('ForceOff')
    time.pass(TAKES.off)
    expect(machine.power).toBe('Off')
  })

  test('on during a graceful shutdown does nothing, and it ends off', () => {
    const { machine, time } = make()
    machine.reset('On')
    time.pass(TAKES.on)
    machine.reset('GracefulShutdown')
    expect(machine.reset('On')).toBe(false)
    time.pass(TAKES['soft off'])
    expect(machine.power).toBe('Off')
  })

  test('force off calls off a start that is under way', () => {
    const { machine, time } = make()
    machine.reset('On')
    machine.reset('ForceOff')
    time.pass(TAKES.on * 2)
    expect(machine.power).toBe('Off')
    expect(machine.state.boots).toBe(0)
  })

  test('a system that is deaf stays on', () => {
    const { machine, time } = make({ deaf: true })
    machine.reset('On')
    time.pass(TAKES.on)
    machine.reset('GracefulShutdown')
    time.pass(TAKES['soft off'])
    expect(machine.power).toBe('On')
    machine.press('long')
    time.pass(TAKES.off)
    expect(machine.power).toBe('Off')
  })

  test.each([
    ['Off', ['ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart', 'Nmi', 'Suspend']],
    ['On', ['On', 'ForceOn', 'Suspend']],
  ])('nothing to do when it is %s', (power, types) => {
    const { machine, time } = make()
    if (power === 'On') machine.reset('On')
    time.pass(TAKES.on)
    for (const type of types) expect(machine.reset(type), type).toBe(false)
    time.pass(60_000)
    expect(machine.power).toBe(power)
  })

  test('a restart starts again and stays on meanwhile', () => {
    const { machine, time } = make()
    machine.reset('On')
    time.pass(TAKES.on)
    machine.reset('ForceRestart')
    expect(machine.power).toBe('On')
    time.pass(TAKES.restart)
    expect(machine.state.boots).toBe(2)
  })

  test('only flavours that tell of transitions show them', () => {
    const { machine } = make({ flavour: 'idrac' })
    machine.reset('On')
    expect([machine.power, machine.powerShown]).toEqual(['PoweringOn', 'Off'])
  })

  test('what was under way is finished when the lab starts again', () => {
    const { machine, time } = make()
    machine.reset('On')
    time.pass(1)
    const again = make({ remembered: structuredClone(machine.state) }).machine
    expect(again.power).toBe('On')
    expect(again.state.boots).toBe(1)
  })
})

describe('boot', () => {
  const boot = ({ machine, time }: ReturnType<typeof make>) => {
    machine.reset('On')
    time.pass(TAKES.on)
    return machine.state.lastBoot
  }

  test('the disk first, when there is a system on it', () => {
    expect(boot(make({ os: 'debian' }))).toMatchObject({ device: 'Hdd', why: 'order', runs: 'debian' })
  })

  test('the network, when the disk is empty and a cable is plugged in', () => {
    expect(boot(make())).toMatchObject({ device: 'Pxe', why: 'order', runs: 'network' })
    expect(boot(make({ loose: true }))).toMatchObject({ device: 'None', why: 'nothing bootable', runs: null })
  })

  test('an override for once is used once', () => {
    const made = make({ os: 'debian' })
    Object.assign(made.machine.state.boot, { enabled: 'Once', target: 'Pxe' })
    expect(boot(made)).toMatchObject({ device: 'Pxe', why: 'once' })
    expect(made.machine.state.boot).toMatchObject({ enabled: 'Disabled', target: 'None' })
    made.machine.reset('ForceRestart')
    made.time.pass(TAKES.restart)
    expect(made.machine.state.lastBoot).toMatchObject({ device: 'Hdd', why: 'order' })
  })

  test('a continuous override stays, and what it leaves depends on the flavour', () => {
    const made = make({ os: 'debian', flavour: 'supermicro' })
    Object.assign(made.machine.state.boot, { enabled: 'Continuous', target: 'Pxe' })
    expect(boot(made)).toMatchObject({ device: 'Pxe', why: 'continuous' })
    made.machine.state.boot.enabled = 'Once'
    made.machine.reset('ForceRestart')
    made.time.pass(TAKES.restart)
    expect(made.machine.state.boot).toMatchObject({ enabled: 'Disabled', target: 'Pxe' })
  })

  test('an override that cannot be booted falls back to the order', () => {
    const made = make({ os: 'debian' })
    Object.assign(made.machine.state.boot, { enabled: 'Once', target: 'Cd' })
    expect(boot(made)).toMatchObject({ device: 'Hdd', why: 'order' })
  })

  test('settings count from the next start on', () => {
    const made = make()
    made.machine.state.biosPending = { BootMode: 'Legacy' }
    made.machine.state.secureBoot.enabled = true
    expect(made.machine.state.boot.mode).toBe('UEFI')
    boot(made)
    expect(made.machine.state.boot.mode).toBe('Legacy')
    expect(made.machine.state.secureBoot.current).toBe(false)
  })

  test('power that is cut while firmware is written ends it', () => {
    const made = make({ os: 'debian' })
    boot(made)
    made.machine.flashing = true
    made.machine.reset('ForceOff')
    made.time.pass(TAKES.off)
    expect(made.machine.state.bricked).toBe(true)
    made.machine.reset('On')
    made.time.pass(TAKES.on)
    expect(made.machine.runs).toBe(null)
  })
})

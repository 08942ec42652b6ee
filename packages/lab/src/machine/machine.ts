import type { Flavour } from '../flavours/flavour.ts'
import { SerialLine } from '../serial/line.ts'
import type { Time } from '../time.ts'
import { decideBoot } from './boot.ts'
import type { MachineSpec } from './spec.ts'
import { defaultOrder, factoryState, type LogEntry, type MachineState, type Move } from './state.ts'

/** How long things take, in the machine's milliseconds. */
export const TAKES: Readonly<Record<Move, number>> = {
  on: 3000,
  off: 400,
  'soft off': 8000,
  restart: 3000,
  'soft restart': 11_000,
  cycle: 4000,
}
const LOG_KEPT = 200

export type PowerShown = 'On' | 'Off' | 'PoweringOn' | 'PoweringOff'

/** What the machine does when its power is changed behind its back: see faults. */
export interface MachineHooks {
  /** Called after each change of what it remembers. */
  changed(machine: Machine): void
  /** Whether the operating system takes no notice of the power button now. */
  deaf(machine: Machine): boolean
}

/** One machine: power, firmware and what is on its disks. Knows nothing of HTTP. */
export class Machine {
  readonly spec: MachineSpec
  readonly flavour: Flavour
  private readonly time: Time
  private readonly hooks: MachineHooks
  private remembered: MachineState | undefined
  private stopMove: (() => void) | undefined
  /** Firmware that is being written now; power must not be cut meanwhile. */
  flashing = false
  private line: SerialLine | undefined
  /** What the next start does before anything else. */
  private atStart: (() => void)[] = []

  constructor(spec: MachineSpec, flavour: Flavour, time: Time, hooks: MachineHooks, remembered?: MachineState) {
    this.spec = spec
    this.flavour = flavour
    this.time = time
    this.hooks = hooks
    this.remembered = remembered
    if (remembered?.move) this.finish(remembered.move)
  }

  /** Made when it is first asked for, so that thousands of untouched machines cost nothing. */
  get state(): MachineState {
    this.remembered ??= factoryState(this.spec, this.flavour)
    return this.remembered
  }

  /** Its serial port. */
  get serial(): SerialLine {
    this.line ??= new SerialLine(this)
    return this.line
  }

  /** Whether it differs from what came out of the box. */
  get touched(): boolean {
    return this.remembered !== undefined
  }

  saved(): void {
    this.hooks.changed(this)
  }

  /** The truth; what the BMC tells is `powerShown`. */
  get power(): PowerShown {
    const { power, move } = this.state
    if (power === 'Off') return move === null ? 'Off' : 'PoweringOn'
    return move === 'off' || move === 'soft off' || move === 'cycle' ? 'PoweringOff' : 'On'
  }

  get powerShown(): PowerShown {
    return this.flavour.tellsTransition ? this.power : this.state.power
  }

  /** What runs now; null when it is off or has nothing to run. */
  get runs(): string | null {
    const { power, lastBoot } = this.state
    return power === 'On' ? (lastBoot?.runs ?? null) : null
  }

  /** As ComputerSystem.BootProgress.LastState names it. */
  get progress(): string {
    const { power, lastBoot, onSince } = this.state
    if (power === 'Off' || onSince === null || !lastBoot) return 'None'
    if (lastBoot.runs === null) return 'SystemHardwareInitializationComplete'
    if (lastBoot.runs === 'setup') return 'SetupEntered'
    return 'OSBootStarted'
  }

  /** Milliseconds with power. */
  get uptime(): number {
    const { onSince } = this.state
    return onSince === null ? 0 : this.time.now() - onSince
  }

  get factoryOrder(): string[] {
    return defaultOrder(this.spec)
  }

  now(): number {
    return this.time.now()
  }

  after(ms: number, what: () => void): () => void {
    return this.time.after(ms, what)
  }

  /**
   * Carries out a Reset. False when there is nothing to do in the state it is in; the caller decides what to say to that.
   * `type` is one of Redfish's ResetType values.
   */
  reset(type: string): boolean {
    const { power, move } = this.state
    const goingDown = move === 'off' || move === 'soft off'
    switch (type) {
      case 'On':
      case 'ForceOn':
        if (power === 'On' || move === 'on') return false
        return this.begin('on')
      case 'ForceOff':
        if (power === 'Off' && move === null) return false
        return this.begin('off')
      case 'GracefulShutdown':
        if (power === 'Off' || goingDown) return false
        return this.asksSystem('soft off')
      case 'GracefulRestart':
        if (power === 'Off') return false
        return this.asksSystem('soft restart')
      case 'ForceRestart':
        if (power === 'Off') return false
        return this.begin('restart')
      case 'PowerCycle':
      case 'FullPowerCycle':
        return power === 'Off' ? (move === 'on' ? false : this.begin('on')) : this.begin('cycle')
      case 'PushPowerButton':
        return power === 'Off' ? (move === 'on' ? false : this.begin('on')) : this.asksSystem('soft off')
      case 'Nmi':
        if (power === 'Off') return false
        this.note('Warning', 'A non-maskable interrupt was raised.')
        return true
      default:
        return false
    }
  }

  /** The button at its front: short asks the system, four seconds cut the power. */
  press(how: 'short' | 'long'): boolean {
    this.note('OK', how === 'short' ? 'The power button was pressed.' : 'The power button was held down.')
    return this.reset(how === 'short' ? 'PushPowerButton' : this.state.power === 'Off' ? 'On' : 'ForceOff')
  }

  private asksSystem(move: Move): boolean {
    if (this.hooks.deaf(this)) {
      this.note('Warning', 'The operating system did not answer the request to shut down.')
      return true
    }
    return this.begin(move)
  }

  private begin(move: Move): boolean {
    this.stopMove?.()
    this.state.move = move
    this.note('OK', STARTED[move])
    this.saved()
    this.stopMove = this.time.after(TAKES[move], () => this.finish(move))
    return true
  }

  private finish(move: Move): void {
    this.stopMove = undefined
    const state = this.state
    const cut = state.power === 'On' && move !== 'on' && move !== 'restart' && move !== 'soft restart'
    if (cut && this.flashing) {
      state.bricked = true
      this.note('Critical', 'Power was lost while firmware was written.')
    }
    state.move = null
    if (move === 'off' || move === 'soft off') {
      state.power = 'Off'
      state.onSince = null
      this.note('OK', 'The system is off.')
    } else {
      state.power = 'On'
      state.onSince = this.time.now()
      this.start()
    }
    this.line?.changed()
    this.saved()
  }

  /** Firmware starts: pending settings count from now, then something is booted. */
  private start(): void {
    const state = this.state
    if (state.bricked) {
      state.lastBoot = { at: this.time.now(), device: 'None', why: 'nothing bootable', mode: state.boot.mode, runs: null }
      this.note('Critical', 'The firmware does not start: its image is damaged.')
      return
    }
    this.takePending()
    for (const work of this.atStart.splice(0)) work()
    const record = decideBoot(this.spec, state, this.flavour.media.slots, this.time.now(), this.flavour.mediaBoot)
    state.lastBoot = record
    state.boots++
    if (state.boot.first?.once) state.boot.first = { device: 'Normal', once: true }
    if (state.boot.enabled === 'Once') {
      state.boot.enabled = 'Disabled'
      if (this.flavour.afterOnce === 'cleared') state.boot.target = 'None'
    }
    this.note(
      record.runs === null ? 'Warning' : 'OK',
      record.runs === null ? 'No bootable device was found.' : `The system started from ${record.device} (${BECAUSE[record.why]}).`,
    )
  }

  /** Done by the next start. */
  nextStart(work: () => void): void {
    this.atStart.push(work)
  }

  private takePending(): void {
    const state = this.state
    Object.assign(state.bios, state.biosPending)
    state.biosPending = {}
    const mode = this.flavour.biosBootMode
    if (mode) state.boot.mode = state.bios[mode.attribute] === mode.legacy ? 'Legacy' : 'UEFI'
    state.secureBoot.current = state.secureBoot.enabled && state.boot.mode === 'UEFI' && state.secureBoot.keys === 'factory'
  }

  /** An entry in the BMC's event log. */
  note(severity: LogEntry['severity'], text: string): void {
    const state = this.state
    state.log.push({ id: ++state.logged, at: this.time.now(), severity, text })
    if (state.log.length > LOG_KEPT) state.log.shift()
  }

  /** Stops what is under way without finishing it. */
  dispose(): void {
    this.stopMove?.()
  }
}

const STARTED: Readonly<Record<Move, string>> = {
  on: 'The system is powering on.',
  off: 'The system is powering off.',
  'soft off': 'The operating system was asked to shut down.',
  restart: 'The system was reset.',
  'soft restart': 'The operating system was asked to restart.',
  cycle: 'The system is power cycled.',
}

const BECAUSE: Readonly<Record<string, string>> = {
  once: 'one-time override',
  continuous: 'continuous override',
  order: 'boot order',
}

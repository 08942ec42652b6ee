/** What it needs to know of the machine that it belongs to. */
interface Owner {
  readonly runs: string | null
  readonly uptime: number
  readonly spec: { readonly name: string }
  readonly flavour: { readonly model: string }
  readonly state: {
    readonly power: 'On' | 'Off'
    readonly firmware: { readonly bios: string }
    readonly lastBoot: { readonly device: string; readonly runs: string | null } | null
  }
}

/** Who listens to a machine's serial port. */
export type Listener = (text: string) => void

/**
 * A machine's serial port: what its firmware and its system print, and what they say to what is typed. Made when somebody listens
 * first; what is printed while nobody does is lost, as on a cable.
 */
export class SerialLine {
  private readonly machine: Owner
  private readonly listeners = new Set<Listener>()
  private line = ''

  constructor(machine: Owner) {
    this.machine = machine
  }

  /** Returns what undoes it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  print(text: string): void {
    for (const listener of this.listeners) listener(text)
  }

  /** What runs echoes; a whole line is answered. Nothing runs on a machine that is off. */
  type(text: string): void {
    if (this.machine.runs === null) return
    for (const key of text) {
      if (key !== '\r' && key !== '\n') {
        this.line += key
        this.print(key)
        continue
      }
      const said = this.line.trim() === 'uptime' ? `up ${Math.floor(this.machine.uptime / 1000)} s\r\n` : ''
      this.line = ''
      this.print(`\r\n${said}${this.prompt()}`)
    }
  }

  /** What stands there when somebody comes. */
  prompt(): string {
    const { runs, spec } = this.machine
    if (runs === null) return ''
    return runs === 'setup' ? 'BIOS setup> ' : `${spec.name} login: `
  }

  /** Power came or went, or it started anew. */
  changed(): void {
    this.line = ''
    const { lastBoot, power } = this.machine.state
    if (power === 'Off') {
      this.print('\r\n')
      return
    }
    this.print(`\r\n${this.machine.flavour.model}, BIOS ${this.machine.state.firmware.bios}\r\n`)
    this.print(lastBoot?.runs === null ? 'No bootable device.\r\n' : `Starting from ${lastBoot?.device}\r\n\r\n${this.prompt()}`)
  }
}

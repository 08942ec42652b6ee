import type { Machine } from './machine/machine.ts'
import { Sessions } from './redfish/sessions.ts'
import { Tasks } from './redfish/tasks.ts'

/** How long a BMC is away when it restarts, in the machine's milliseconds. */
export const BMC_RESTART_MS = 30_000

/** The controller of one machine: what it forgets when it restarts. */
export class Bmc {
  readonly machine: Machine
  private openSessions: Sessions | undefined
  private runningTasks: Tasks | undefined
  /** Away while it restarts. */
  away = false
  /** The firmware that it is writing now. */
  writing: 'bios' | 'bmc' | null = null
  /** How many connections are open to it. */
  connections = 0
  /** Called when it restarts, to cut what is open. */
  cut: (bmc: Bmc) => void = () => {}

  /** What is cut when it restarts, beside its Redfish. */
  readonly gone = new Set<() => void>()
  /** Somebody has the serial console. */
  serialTaken = false
  /** What all BMCs of the lab have in common. */
  readonly site: { readonly sshPort: number | null }

  constructor(machine: Machine, site: { readonly sshPort: number | null } = { sshPort: null }) {
    this.machine = machine
    this.site = site
  }

  get sessions(): Sessions {
    this.openSessions ??= new Sessions()
    return this.openSessions
  }

  get sessionCount(): number {
    return this.openSessions?.list(this.machine.now(), this.machine.state.sessionTimeout).length ?? 0
  }

  get tasks(): Tasks {
    this.runningTasks ??= new Tasks()
    return this.runningTasks
  }

  /** Goes away for a while, in the machine's milliseconds; sessions and tasks are forgotten, the machine runs on. */
  restart(ms: number = BMC_RESTART_MS): void {
    if (this.away) return
    this.away = true
    this.openSessions = undefined
    this.runningTasks = undefined
    this.machine.note('OK', 'The management controller restarts.')
    this.machine.saved()
    this.cut(this)
    for (const cut of [...this.gone]) cut()
    this.machine.after(ms, () => {
      this.away = false
    })
  }
}

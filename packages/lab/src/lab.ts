import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Bmc } from './bmc.ts'
import { CallLog } from './call-log.ts'
import { Faults } from './faults.ts'
import { readJson, writeWhole } from './files.ts'
import { flavourNamed } from './flavours/all.ts'
import { Machine } from './machine/machine.ts'
import type { MachineSpec } from './machine/spec.ts'
import type { MachineState } from './machine/state.ts'
import type { Time } from './time.ts'

/** The machines with their BMCs, what goes wrong, and what was asked. */
export class Lab {
  readonly faults: Faults
  readonly calls: CallLog
  readonly time: Time
  /** Shared by all BMCs; set once it is known. */
  readonly site: { sshPort: number | null } = { sshPort: null }
  private readonly byHost = new Map<string, Bmc>()
  private readonly byName = new Map<string, Bmc>()
  private readonly folder: string
  private readonly unsaved = new Set<Machine>()

  /** `folder` keeps one file for each machine that was ever touched. */
  constructor(folder: string, specs: readonly MachineSpec[], time: Time, options: { chance?: () => number; kept?: number } = {}) {
    this.folder = join(folder, 'state')
    this.time = time
    this.faults = new Faults(options.chance)
    this.calls = new CallLog(options.kept)
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    const kept = new Set(readdirSync(this.folder))
    for (const spec of specs) this.add(spec, kept.has(`${spec.name}.json`))
  }

  /** Throws when the name or the address is taken. */
  add(spec: MachineSpec, remembered = false): Bmc {
    if (this.byName.has(spec.name)) throw new Error(`there is a machine called ${spec.name} already`)
    if (this.byHost.has(spec.host)) throw new Error(`the address ${spec.host} is taken already`)
    const state = remembered ? (readJson(join(this.folder, `${spec.name}.json`)) as MachineState) : undefined
    const hooks = {
      changed: (machine: Machine) => this.save(machine),
      deaf: (machine: Machine) => this.faults.strikes('deaf-system', machine.spec.name) !== undefined,
    }
    const bmc = new Bmc(new Machine(spec, flavourNamed(spec.flavour), this.time, hooks, state), this.site)
    this.byName.set(spec.name, bmc)
    this.byHost.set(spec.host, bmc)
    return bmc
  }

  at(host: string | undefined): Bmc | undefined {
    return host === undefined ? undefined : this.byHost.get(host)
  }

  named(name: string): Bmc | undefined {
    return this.byName.get(name)
  }

  all(): Bmc[] {
    return [...this.byName.values()]
  }

  /** Soon, so that several changes in a row become one write. */
  private save(machine: Machine): void {
    if (this.unsaved.size === 0) setImmediate(() => this.flush())
    this.unsaved.add(machine)
  }

  flush(): void {
    const machines = [...this.unsaved]
    this.unsaved.clear()
    for (const m of machines) writeWhole(join(this.folder, `${m.spec.name}.json`), JSON.stringify(m.state))
  }

  /** Ends what is under way and writes what is not written yet. */
  close(): void {
    this.flush()
    for (const bmc of this.byName.values()) bmc.machine.dispose()
  }
}

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { LabControl } from '../../../../lab/src/control/client.ts'
import { readJson } from '../../../../lab/src/files.ts'

const PROGRAM = fileURLToPath(new URL('../../../../lab/bin/esi-lab.mjs', import.meta.url))

export interface Machine {
  readonly name: string
  readonly address: string
  readonly system: string
  readonly user: string
  readonly password: string
  readonly ca: string
}

export interface Lab {
  readonly control: LabControl
  readonly machines: readonly Machine[]
  readonly pid: number
  /** Number of the last call to any BMC so far. */
  last(): Promise<number>
  /** What was asked to be changed after that call; refuses to answer from a log that is not whole. */
  changes(after: number, machine?: string): Promise<readonly Change[]>
  kill(): Promise<void>
}

export type Change = Awaited<ReturnType<LabControl['calls']>>['calls'][number]

export interface Rack {
  readonly count: number
  /** How much faster than real machines. */
  readonly speed?: number
}

/** A rack in a process of its own, in that folder; it ends with this process at the latest. Started again it is as it was. */
export const startLab = async (folder: string, { count, speed = 200 }: Rack): Promise<Lab> => {
  const config = join(folder, '..', 'rack.yaml')
  // An address range of its own for each test process, because several may run at once.
  const first = `127.${100 + (process.pid % 100)}.${(process.pid >> 7) % 200}.1`
  writeFileSync(config, JSON.stringify({ password: 'only-for-tests', first, count, machines: [], template: { flavour: 'plain' } }))
  const args = ['start', '--folder', folder, '--config', config, '--speed', String(speed), '--parent', String(process.pid)]
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve)
    void gone.then(() => reject(new Error('the lab did not start')))
  })
  const control = LabControl.of(folder)
  const file = readJson(join(folder, 'lab.json')) as { ca: string; machines: { name: string; address: string; system: string }[] }
  const secrets = readJson(join(folder, 'secrets.json')) as { machines: Record<string, { user: string; password: string }> }
  return {
    control,
    pid: JSON.parse(line).pid,
    machines: file.machines.map(m => ({ ...m, ...secrets.machines[m.name]!, ca: file.ca })),
    // Calls beyond any number: none, and only where the log stands.
    last: async () => (await control.calls({ after: 1e9 })).last,
    async changes(after, machine) {
      const { calls, dropped } = await control.calls({ after, changes: true, ...(machine === undefined ? {} : { machine }) })
      if (dropped > 0) throw new Error(`the lab has forgotten ${dropped} calls, so that nothing can be proven by those it has`)
      return calls
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A machine of the virtual rack, as an owner would write it down before enrolling it. */
export interface RackMachine {
  readonly name: string
  readonly address: string
  readonly system: string
  readonly user: string
  readonly password: string
  readonly cpus: number
  readonly memoryMb: number
  readonly diskGb: number
  readonly arch: string
  readonly nics: readonly { readonly mac: string; readonly switch: string | null; readonly port: string | null }[]
}

export interface Rack {
  readonly machines: readonly RackMachine[]
  /** The authority that signed the BMCs' certificates. */
  readonly ca: string
}

const LAB = fileURLToPath(new URL('../../../lab/bin/esi-lab.mjs', import.meta.url))

/**
 * The lab of a state folder: the one that runs, or a new one. It is a process of its own and ends when the last server that asked
 * for it has ended, however that was.
 */
export const startLab = async (folder: string, speed: number): Promise<Rack> => {
  const log = openSync(`${folder}.log`, 'a', 0o600)
  const child = spawn(process.execPath, [LAB, 'start', '--folder', folder, '--speed', String(speed), '--parent', String(process.pid)], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  })
  const stdout = child.stdout!
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => code !== 0 && reject(new Error(`The virtual rack did not start; see ${folder}.log.`)))
    createInterface({ input: stdout }).once('line', () => resolve())
  })
  // From here on it must neither keep us alive nor die of a pipe that nobody reads.
  stdout.destroy()
  child.unref()
  return readRack(folder)
}

const readRack = (folder: string): Rack => {
  const lab = JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8'))
  const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8'))
  return {
    ca: lab.ca,
    machines: lab.machines.map((m: any) => ({
      name: m.name,
      address: m.address,
      system: m.system,
      user: secrets.machines[m.name].user,
      password: secrets.machines[m.name].password,
      cpus: m.cores,
      memoryMb: m.memoryMb,
      diskGb: m.disks[0]?.gb ?? 0,
      arch: m.arch,
      nics: m.nics,
    })),
  }
}

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { LabFile, LabMachine, SecretsFile } from './control/protocol.ts'
import { Control } from './control/server.ts'
import { privateFolder, readJson, writeWhole } from './files.ts'
import { flavourNamed } from './flavours/all.ts'
import { Lab } from './lab.ts'
import { Listener } from './listener.ts'
import type { MachineSpec } from './machine/spec.ts'
import { type MachineConfig, machineConfig, type RackConfig, rackConfig } from './rack/config.ts'
import { generate, machine as makeMachine } from './rack/generate.ts'
import { systemPath } from './redfish/system.ts'
import { SshListener } from './serial/ssh.ts'
import { realTime } from './time.ts'
import { Authority } from './tls/authority.ts'
import { Users } from './users.ts'

export interface StartOptions {
  readonly folder: string
  /** Path of rack.yaml; the rack of the talk without it. */
  readonly config?: string | undefined
  /** Overrides the configuration's count. */
  readonly count?: number | undefined
  /** 0 takes the port it had before, or any. */
  readonly port: number
  readonly speed: number
  /** Calls that are kept. */
  readonly keep: number
  /** Processes whose end ends the lab. */
  readonly parents: readonly number[]
  /** End when the last held connection is closed. */
  readonly whileHeld: boolean
}

export interface RunningLab {
  readonly file: LabFile
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  stop(): void
}

/** The folder is in use by a lab that runs. */
export class RunsAlready extends Error {}

/** Starts a lab in this process. Throws `RunsAlready`, or a sentence that says what is wrong with the configuration. */
export async function startLab(options: StartOptions): Promise<RunningLab> {
  const folder = resolve(options.folder)
  privateFolder(folder)
  const unlock = await lock(folder)
  try {
    return await run(folder, options, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function run(folder: string, options: StartOptions, unlock: () => void): Promise<RunningLab> {
  const files = { lab: join(folder, 'lab.json'), secrets: join(folder, 'secrets.json'), added: join(folder, 'added.json') }
  const rack = readRack(options)
  const secret = keptSecret(join(folder, 'passwords.key'))
  const added = ((readJson(files.added) as unknown[] | undefined) ?? []).map(m => machineConfig(m, files.added))
  const specs = generate(rack, secret)
  for (const m of added) specs.push(makeMachine(rack, m, specs.length, secret))

  const lab = new Lab(folder, specs, realTime(options.speed), { kept: options.keep })
  const authority = await Authority.open(join(folder, 'tls'))
  const listener = new Listener(lab, authority)
  const ssh = new SshListener(lab, join(folder, 'tls'))
  lab.site.sshPort = await ssh.listen()
  const before = (readJson(files.lab) as Partial<LabFile> | undefined)?.port
  const port = await listen(listener, options.port, before)
  const token = randomBytes(24).toString('base64url')

  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    users.close()
    control.close()
    lab.close()
    void Promise.all([listener.close(), ssh.close()]).then(() => {
      unlock()
      end()
    })
  }
  const users = new Users(options.whileHeld, stop)
  const write = () => {
    const secrets: SecretsFile = { token, machines: Object.fromEntries(specs.map(s => [s.name, { user: s.user, password: s.password }])) }
    writeWhole(files.secrets, `${JSON.stringify(secrets, null, 1)}\n`)
    const file: LabFile = {
      format: 1,
      pid: process.pid,
      port,
      speed: options.speed,
      ca: join(folder, 'tls', 'ca.pem'),
      ssh: { port: lab.site.sshPort!, hostKey: ssh.hostKey },
      control: `http://127.0.0.1:${controlPort}`,
      machines: specs.map(s => told(s, port)),
    }
    writeWhole(files.lab, `${JSON.stringify(file, null, 1)}\n`, 0o644)
    return file
  }
  const control = new Control({
    lab,
    token,
    users,
    about: () => ({ port, speed: options.speed, connections: listener.connections }),
    addMachine: (config: MachineConfig) => {
      const spec = makeMachine(rack, config, specs.length, secret)
      const bmc = lab.add(spec)
      specs.push(spec)
      // Named and addressed, so that it is the same machine after a restart with another count.
      added.push({ ...config, name: spec.name, address: spec.host })
      writeWhole(files.added, `${JSON.stringify(added, null, 1)}\n`)
      write()
      return bmc
    },
    stop,
  })
  const controlPort = await control.listen()
  const file = write()
  for (const pid of options.parents) users.add(pid)
  return { file, ended, stop }
}

function readRack(options: StartOptions): RackConfig {
  let raw: unknown
  if (options.config !== undefined) {
    let text: string
    try {
      text = readFileSync(options.config, 'utf8')
    } catch (error) {
      throw new Error(`the configuration cannot be read: ${(error as Error).message}`)
    }
    try {
      raw = parse(text)
    } catch (error) {
      throw new Error(`${options.config}: ${(error as Error).message}`)
    }
  }
  const rack = rackConfig(raw)
  return options.count === undefined ? rack : { ...rack, count: options.count }
}

function told(spec: MachineSpec, port: number): LabMachine {
  const { password: _, ...open } = spec
  return { ...open, address: `https://${spec.host}:${port}`, system: systemPath(flavourNamed(spec.flavour)), arch: 'x86_64' }
}

/** From what the passwords are made, so that they stay the same. */
function keptSecret(path: string): string {
  if (!existsSync(path)) writeWhole(path, randomBytes(32).toString('base64url'))
  return readFileSync(path, 'utf8')
}

/** With port 0 the port of last time, as addresses are remembered elsewhere; another one when that is taken. */
async function listen(listener: Listener, wanted: number, before: number | undefined): Promise<number> {
  if (wanted !== 0) return listener.listen(wanted)
  if (before) {
    try {
      return await listener.listen(before)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  return listener.listen(0)
}

/** An abstract socket named after the folder: the kernel gives it to one process, and takes it back however that ends. */
function lock(folder: string): Promise<() => void> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32)
  const server = createServer(socket => socket.destroy())
  return new Promise((resolveLock, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new RunsAlready(`a lab runs already in ${folder}`) : error),
    )
    server.listen(`\0esi-lab-${name}`, () => resolveLock(() => server.close()))
  })
}

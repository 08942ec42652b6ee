import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ServerChannel } from 'ssh2'
import type { Bmc } from '../bmc.ts'
import { writeWhole } from '../files.ts'
import type { Lab } from '../lab.ts'

/**
 * The BMCs' SSH, which leads to the serial consoles: one port for all of them, chosen by the address that was called. Accounts are
 * those of Redfish. One session a console.
 */
export class SshListener {
  readonly hostKey: string
  private readonly lab: Lab
  private readonly key: string
  private readonly server: Server
  private readonly sockets = new Map<Socket, Bmc>()

  /** The host key is kept in the folder, so that it is the same after a restart. */
  constructor(lab: Lab, folder: string) {
    this.lab = lab
    const file = join(folder, 'ssh-host-key')
    if (!existsSync(file)) writeWhole(file, ssh2.utils.generateKeyPairSync('ed25519').private)
    this.key = readFileSync(file, 'utf8')
    const parsed = ssh2.utils.parseKey(this.key)
    if (parsed instanceof Error || Array.isArray(parsed)) throw new Error(`${file} holds no key; delete it and start again`)
    this.hostKey = `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`
    this.server = createServer({ noDelay: true }, socket => this.connected(socket))
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen({ port: 0, host: '0.0.0.0' }, () => {
        this.server.removeListener('error', reject)
        resolve((this.server.address() as AddressInfo).port)
      })
    })
  }

  close(): Promise<void> {
    for (const socket of this.sockets.keys()) socket.destroy()
    return new Promise(resolve => this.server.close(() => resolve()))
  }

  private connected(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    const bmc = socket.localAddress?.startsWith('127.') ? this.lab.at(socket.localAddress) : undefined
    if (!bmc || bmc.away || this.lab.faults.strikes('refuse', bmc.machine.spec.name)) {
      socket.resetAndDestroy()
      return
    }
    this.sockets.set(socket, bmc)
    const cut = () => void socket.destroy()
    bmc.gone.add(cut)
    socket.once('close', () => {
      this.sockets.delete(socket)
      bmc.gone.delete(cut)
    })
    if (this.lab.faults.strikes('hang', bmc.machine.spec.name)) {
      socket.resume()
      return
    }
    // A server of its own for each connection, as only the socket knows which address was called.
    new ssh2.Server({ hostKeys: [this.key], ident: 'LabBMC' }, client => {
      client.on('error', () => socket.destroy())
      client.on('authentication', context => {
        if (context.method !== 'password') return context.reject(['password'])
        const refuse = this.lab.faults.strikes('wrong-password', bmc.machine.spec.name)
        const known = bmc.machine.state.accounts.find(a => a.enabled && a.user === context.username && a.password === context.password)
        return known && !refuse ? context.accept() : context.reject(['password'])
      })
      client.on('session', accept => {
        const session = accept()
        session.on('pty', accepted => accepted?.())
        session.on('exec', (accepted, _, { command }) => shell(bmc, accepted(), command))
        session.on('shell', accepted => shell(bmc, accepted(), null))
      })
    }).injectSocket(socket)
  }
}

/** The BMC's shell knows one command: the one that leads to the console. */
function shell(bmc: Bmc, channel: ServerChannel, command: string | null): void {
  const { serial } = bmc.machine.flavour
  if (command !== null) {
    run(bmc, channel, serial.typed ? null : command)
    return
  }
  const prompt = '->'
  channel.write(prompt)
  let line = ''
  const read = (part: Buffer) => {
    line += part.toString('utf8')
    if (!/[\r\n]/.test(line)) return
    channel.off('data', read)
    run(bmc, channel, line.trim())
  }
  channel.on('data', read)
}

function run(bmc: Bmc, channel: ServerChannel, command: string | null): void {
  const { machine } = bmc
  const fail = (why: string) => {
    channel.stderr.write(`${why}\r\n`)
    channel.write(`${why}\r\n`)
    channel.exit(1)
    channel.end()
  }
  if (command !== machine.flavour.serial.command || bmc.serialTaken) {
    fail(bmc.serialTaken ? 'The console is in use.' : 'There is no such command.')
    return
  }
  bmc.serialTaken = true
  const undo = machine.serial.listen(text => channel.write(text))
  channel.once('close', () => {
    undo()
    bmc.serialTaken = false
  })
  channel.write(machine.serial.prompt())
  channel.on('data', (part: Buffer) => machine.serial.type(part.toString('utf8')))
}

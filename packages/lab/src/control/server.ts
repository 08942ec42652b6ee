import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bmc } from '../bmc.ts'
import type { FaultOrder } from '../faults.ts'
import type { Lab } from '../lab.ts'
import type { MachineState } from '../machine/state.ts'
import { type MachineConfig, machineConfig } from '../rack/config.ts'
import type { Users } from '../users.ts'
import type { CallsView, LabView, MachineView } from './protocol.ts'

export interface ControlNeeds {
  readonly lab: Lab
  readonly token: string
  readonly users: Users
  readonly about: () => { port: number; speed: number; connections: number }
  /** Builds and keeps a machine; throws a sentence when it cannot. */
  readonly addMachine: (config: MachineConfig) => Bmc
  readonly stop: () => void
}

class Wrong extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** The control API, on 127.0.0.1 behind a token. README.md has its table. */
export class Control {
  private readonly needs: ControlNeeds
  private readonly server: Server

  constructor(needs: ControlNeeds) {
    this.needs = needs
    this.server = createServer((request, response) => void this.serve(request, response))
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(0, '127.0.0.1', () => resolve((this.server.address() as AddressInfo).port))
    })
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!sameToken(request.headers.authorization, this.needs.token)) throw new Wrong(401, 'the token of secrets.json is needed')
      const url = new URL(request.url ?? '/', 'http://lab')
      const body = await readBody(request)
      const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
      if (request.method === 'POST' && parts[0] === 'hold') return this.hold(response)
      const result = await this.route(request.method ?? 'GET', parts, url.searchParams, body)
      reply(response, 200, result)
      if (parts[0] === 'stop') this.needs.stop()
    } catch (error) {
      const status = error instanceof Wrong ? error.status : 400
      reply(response, status, { error: (error as Error).message })
    }
  }

  /** An open answer is a user; the lab notices when it ends. */
  private hold(response: ServerResponse): void {
    const leave = this.needs.users.hold()
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.write('{"held":true}\n')
    response.on('close', leave)
  }

  private async route(method: string, parts: string[], query: URLSearchParams, body: unknown): Promise<unknown> {
    const { lab, users } = this.needs
    const [what, name, part] = parts
    switch (`${method} ${what ?? ''}${name === undefined ? '' : '/x'}${part === undefined ? '' : `/${part}`}`) {
      case 'GET ':
        return this.about()
      case 'GET machines':
        return { machines: lab.all().map(b => view(b, this.needs.about().port)) }
      case 'POST machines':
        return view(this.needs.addMachine(machineConfig(body)), this.needs.about().port)
      case 'GET machines/x':
        return view(this.bmc(name), this.needs.about().port)
      case 'PATCH machines/x':
        return this.change(this.bmc(name), fields(body, ['disks', 'certificate', 'override', 'power']))
      case 'POST machines/x/press': {
        const { how = 'short' } = fields(body ?? {}, ['how'])
        if (how !== 'short' && how !== 'long') throw new Wrong(400, 'how must be short or long')
        const bmc = this.bmc(name)
        return { did: bmc.machine.press(how) }
      }
      case 'POST machines/x/restart-bmc': {
        const { seconds } = fields(body ?? {}, ['seconds'])
        if (seconds !== undefined && (typeof seconds !== 'number' || !(seconds >= 0))) throw new Wrong(400, 'seconds must be a number')
        this.bmc(name).restart(seconds === undefined ? undefined : seconds * 1000)
        return {}
      }
      case 'GET machines/x/log':
        return { entries: this.bmc(name).machine.state.log }
      case 'GET machines/x/accounts':
        return { accounts: this.bmc(name).machine.state.accounts }
      case 'GET faults':
        return { faults: lab.faults.list() }
      case 'POST faults': {
        const order = fields(body, ['kind', 'machine', 'count', 'probability', 'method', 'path', 'ms', 'seconds', 'status'])
        if (order['machine'] !== '*') this.bmc(String(order['machine']))
        return lab.faults.add(order as unknown as FaultOrder)
      }
      case 'DELETE faults':
        return { cleared: lab.faults.clear(pick(query, ['machine', 'kind'])) }
      case 'DELETE faults/x':
        return { cleared: lab.faults.clear({ id: Number(name) }) }
      case 'GET calls':
        return this.calls(query)
      case 'DELETE calls':
        lab.calls.clear()
        return { last: lab.calls.lastSeq }
      case 'POST users': {
        const { pid } = fields(body, ['pid'])
        if (!Number.isInteger(pid) || (pid as number) < 1) throw new Wrong(400, 'pid must be the number of a process')
        users.add(pid as number)
        return { users: users.list() }
      }
      case 'POST stop':
        return {}
      default:
        throw new Wrong(404, `there is no ${method} /${parts.join('/')}`)
    }
  }

  private about(): LabView {
    const { lab, users } = this.needs
    return {
      pid: process.pid,
      ...this.needs.about(),
      machines: lab.all().length,
      calls: lab.calls.lastSeq,
      rssBytes: process.memoryUsage.rss(),
      users: users.list(),
      held: users.held,
    }
  }

  private async calls(query: URLSearchParams): Promise<CallsView> {
    const { calls } = this.needs.lab
    const changes = query.get('changes')
    const wanted = {
      ...pick(query, ['machine', 'method', 'path']),
      after: whole(query, 'after'),
      changes: changes === null ? undefined : changes !== 'false',
    }
    const until = performance.now() + Math.min(whole(query, 'wait') ?? 0, 60_000)
    let found = calls.find(wanted)
    while (found.length === 0) {
      const left = until - performance.now()
      if (left <= 0) break
      await calls.next(left)
      found = calls.find(wanted)
    }
    return { calls: found, last: calls.lastSeq, dropped: calls.dropped }
  }

  private change(bmc: Bmc, changes: Record<string, unknown>): MachineView {
    const { machine } = bmc
    const { disks, certificate, override, power } = changes
    if (disks !== undefined) {
      if (!Array.isArray(disks) || disks.length !== machine.spec.disks.length || !disks.every(d => d === null || typeof d === 'string'))
        throw new Wrong(400, `disks must be a list of ${machine.spec.disks.length} names or nulls`)
    }
    if (certificate !== undefined && certificate !== 'new') throw new Wrong(400, "certificate can only be 'new'")
    if (power !== undefined && power !== 'On' && power !== 'Off') throw new Wrong(400, 'power must be On or Off')
    if (override !== undefined && override !== 'none') throw new Wrong(400, "override can only be 'none'")
    if (disks !== undefined) machine.state.disks = disks as (string | null)[]
    if (override === 'none') Object.assign(machine.state.boot, { enabled: 'Disabled', target: 'None', first: undefined })
    if (certificate === 'new') machine.state.certificate++
    if (power !== undefined) machine.reset(power === 'On' ? 'On' : 'ForceOff')
    machine.saved()
    if (certificate === 'new') bmc.cut(bmc)
    return view(bmc, this.needs.about().port)
  }

  private bmc(name: string | undefined): Bmc {
    const found = name === undefined ? undefined : this.needs.lab.named(name)
    if (!found) throw new Wrong(404, `there is no machine called ${name}`)
    return found
  }
}

function view(bmc: Bmc, port: number): MachineView {
  const { machine } = bmc
  const { state, spec } = machine
  return {
    name: spec.name,
    address: `https://${spec.host}:${port}`,
    flavour: spec.flavour,
    power: machine.power,
    runs: machine.runs,
    uptimeMs: machine.uptime,
    boots: state.boots,
    lastBoot: state.lastBoot,
    override: overrideOf(state.boot),
    bootOrder: state.boot.order,
    secureBoot: state.secureBoot.current,
    bios: state.bios,
    biosPending: state.biosPending,
    firmware: state.firmware,
    disks: state.disks,
    volumes: state.volumes ?? [],
    media: state.media,
    indicator: state.led,
    sessions: bmc.sessionCount,
    serialTaken: bmc.serialTaken,
    connections: bmc.connections,
    bmcAway: bmc.away,
    flashing: machine.flashing,
    bricked: state.bricked,
  }
}

/** What is booted instead of the order, by whichever of the two places says so. */
function overrideOf({ first, enabled, target, mode }: MachineState['boot']): MachineView['override'] {
  if (first?.device === 'VCD-DVD') return { enabled: first.once ? 'Once' : 'Continuous', target: 'Cd', mode }
  return { enabled, target, mode }
}

function sameToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Wrong(400, 'the body is not JSON')
  }
}

function fields(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new Wrong(400, 'the body must be a JSON object')
  for (const key of Object.keys(body))
    if (!known.includes(key)) throw new Wrong(400, `'${key}' is not known; known are ${known.join(', ')}`)
  return body as Record<string, unknown>
}

function pick(query: URLSearchParams, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(n => (query.has(n) ? [[n, query.get(n)!]] : [])))
}

function whole(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new Wrong(400, `${name} must be a whole number`)
  return Number(text)
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) }).end(text)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: any
}

/** What a test may answer in the BMC's place; `lose` carries the request out and breaks the connection instead of answering. */
export type Instead = { status: number; headers?: Record<string, string>; body?: unknown } | 'lose' | 'drop' | undefined

/** A BMC with one machine, as small as it may be, for what a well-behaved one never does. */
export class TestBmc {
  readonly seen: Seen[] = []
  readonly sockets = new Set<Socket>()
  readonly tokens = new Set<string>()
  opened = 0
  user = 'admin'
  password = 'correct horse'
  origin = ''
  /** Whether its root tells of sessions. */
  sessions = true
  /** Asked for every request, before it is looked at. */
  instead: (ask: Seen) => Instead = () => undefined

  root: Record<string, any> = {
    Id: 'RootService',
    RedfishVersion: '1.15.0',
    Systems: ref('/redfish/v1/Systems'),
    Managers: ref('/redfish/v1/Managers'),
  }
  system: Record<string, any> = {
    Id: '1',
    Manufacturer: 'Contoso',
    Model: 'T1000',
    SerialNumber: 'S-0001',
    UUID: '4C4C4544-0034-3510-8048-B4C04F4E3232',
    BiosVersion: '2.4',
    PowerState: 'Off',
    LastResetTime: '2026-01-01T00:00:00Z',
    IndicatorLED: 'Off',
    MemorySummary: { TotalSystemMemoryGiB: 256 },
    ProcessorSummary: { Count: 2, CoreCount: 32, LogicalProcessorCount: 64 },
    Boot: {
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideTarget: 'None',
      BootSourceOverrideMode: 'UEFI',
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd', 'Cd', 'BiosSetup'],
      'BootSourceOverrideEnabled@Redfish.AllowableValues': ['Disabled', 'Once', 'Continuous'],
      BootOrder: ['Boot0001', 'Boot0002'],
    },
    SecureBoot: ref('/redfish/v1/Systems/1/SecureBoot'),
    EthernetInterfaces: ref('/redfish/v1/Systems/1/EthernetInterfaces'),
    LogServices: ref('/redfish/v1/Systems/1/LogServices'),
    Links: { ManagedBy: [ref('/redfish/v1/Managers/bmc')], Chassis: [ref('/redfish/v1/Chassis/1')] },
    Actions: {
      '#ComputerSystem.Reset': {
        target: '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset',
        'ResetType@Redfish.AllowableValues': ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'GracefulRestart', 'Nmi'],
      },
    },
  }
  readonly resources: Record<string, Record<string, any>> = {
    '/redfish/v1/Systems': { Members: [ref('/redfish/v1/Systems/1')] },
    '/redfish/v1/Managers': { Members: [ref('/redfish/v1/Managers/bmc')] },
    '/redfish/v1/Managers/bmc': {
      Id: 'bmc',
      FirmwareVersion: '6.10.30',
      VirtualMedia: ref('/redfish/v1/Managers/bmc/VirtualMedia'),
      EthernetInterfaces: ref('/redfish/v1/Managers/bmc/EthernetInterfaces'),
    },
    '/redfish/v1/Managers/bmc/EthernetInterfaces': { Members: [ref('/redfish/v1/Managers/bmc/EthernetInterfaces/1')] },
    '/redfish/v1/Managers/bmc/EthernetInterfaces/1': { MACAddress: 'AA:BB:CC:00:00:FF' },
    '/redfish/v1/Managers/bmc/VirtualMedia': { Members: [ref('/redfish/v1/Managers/bmc/VirtualMedia/CD')] },
    '/redfish/v1/Managers/bmc/VirtualMedia/CD': {
      Id: 'CD',
      MediaTypes: ['CD', 'DVD'],
      Image: null,
      Inserted: false,
      Actions: {
        '#VirtualMedia.InsertMedia': { target: '/redfish/v1/Managers/bmc/VirtualMedia/CD/Actions/VirtualMedia.InsertMedia' },
        '#VirtualMedia.EjectMedia': { target: '/redfish/v1/Managers/bmc/VirtualMedia/CD/Actions/VirtualMedia.EjectMedia' },
      },
    },
    '/redfish/v1/Systems/1/SecureBoot': { SecureBootEnable: false, SecureBootCurrentBoot: 'Disabled' },
    '/redfish/v1/Systems/1/EthernetInterfaces': {
      Members: [ref('/redfish/v1/Systems/1/EthernetInterfaces/1'), ref('/redfish/v1/Systems/1/EthernetInterfaces/2')],
    },
    '/redfish/v1/Systems/1/EthernetInterfaces/1': { PermanentMACAddress: 'AA-BB-CC-00-00-01' },
    '/redfish/v1/Systems/1/EthernetInterfaces/2': { MACAddress: 'aa:bb:cc:00:00:02' },
    '/redfish/v1/Systems/1/LogServices': { Members: [ref('/redfish/v1/Systems/1/LogServices/SEL')] },
    '/redfish/v1/Systems/1/LogServices/SEL': { Id: 'SEL', Entries: ref('/redfish/v1/Systems/1/LogServices/SEL/Entries') },
    '/redfish/v1/Systems/1/LogServices/SEL/Entries': {
      Members: [
        { '@odata.id': '/e/1', Id: '1', Created: '2026-01-01T00:00:00Z', Severity: 'OK', Message: 'Power on' },
        { '@odata.id': '/e/2', Id: '2', Created: '2026-01-02T00:00:00Z', Severity: 'Critical', Message: 'PSU 1 lost input' },
      ],
    },
    '/redfish/v1/Chassis/1': { Id: '1', Thermal: ref('/redfish/v1/Chassis/1/Thermal'), Power: ref('/redfish/v1/Chassis/1/Power') },
    '/redfish/v1/Chassis/1/Thermal': {
      Temperatures: [
        { Name: 'Inlet', ReadingCelsius: 21, Status: { State: 'Enabled', Health: 'OK' } },
        { Name: 'Gone', Status: { State: 'Absent' } },
      ],
      Fans: [{ FanName: 'Fan 1', Reading: 5400, ReadingUnits: 'RPM', Status: { Health: 'Warning' } }],
    },
    '/redfish/v1/Chassis/1/Power': {
      PowerControl: [{ Name: 'System', PowerConsumedWatts: 312 }],
      Voltages: [{ Name: '12V', ReadingVolts: 12.1 }],
    },
  }

  readonly #versions = new Map<string, number>()
  #close: () => Promise<void> = async () => undefined

  async start(tls: TlsOptions | null): Promise<this> {
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response)
    const server = tls === null ? createServer(serve) : createTls(tls, serve)
    server.on(tls === null ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.opened += 1
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.origin = `${tls === null ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#close = () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of this.sockets) socket.destroy()
      })
    return this
  }

  stop(): Promise<void> {
    return this.#close()
  }

  /** Requests that change the machine. */
  get writes(): readonly Seen[] {
    return this.seen.filter(({ method, path }) => method !== 'GET' && !path.includes('/SessionService/'))
  }

  get logins(): number {
    return this.seen.filter(({ method, path }) => method === 'POST' && path === SESSIONS).length
  }

  version(path: string): string {
    return `"${this.#versions.get(path) ?? 1}"`
  }

  touch(path: string): void {
    this.#versions.set(path, (this.#versions.get(path) ?? 1) + 1)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const ask = { method: request.method!, path: request.url!, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) }
    this.seen.push(ask)
    const instead = this.instead(ask)
    if (instead === 'drop') return void request.socket.destroy()
    const answer = typeof instead === 'object' ? instead : this.answer(ask)
    if (instead === 'lose') return void request.socket.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    const plain = typeof answer.body === 'string' || Buffer.isBuffer(answer.body)
    response.end(plain ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body))
  }

  answer({ method, path, headers, body }: Seen): Exclude<Instead, string | undefined> {
    if (path === '/redfish/v1/')
      return { status: 200, body: this.sessions ? { ...this.root, Links: { Sessions: ref(SESSIONS) } } : this.root }
    if (method === 'POST' && path === SESSIONS) {
      if (body.UserName !== this.user || body.Password !== this.password)
        return { status: 401, body: message('Base.1.8.NoValidSession', `Bad login ${body.Password}`) }
      const token = `t${this.seen.length}`
      this.tokens.add(token)
      return { status: 201, headers: { 'x-auth-token': token, location: `https://idrac-somewhere.example${SESSIONS}/${token}` }, body: {} }
    }
    const basic = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`
    if (!this.tokens.has(String(headers['x-auth-token'])) && headers.authorization !== basic)
      return { status: 401, body: message('Base.1.8.NoValidSession', 'No.') }
    if (method === 'DELETE' && path.startsWith(`${SESSIONS}/`))
      return { status: this.tokens.delete(path.slice(SESSIONS.length + 1)) ? 204 : 404 }
    if (path === '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset') return this.#reset(body.ResetType)
    if (method === 'POST') return this.#media(path, body)
    const resource = path === '/redfish/v1/Systems/1' ? this.system : this.resources[path]
    if (!resource) return { status: 404, body: message('Base.1.8.ResourceMissingAtURI', `Nothing at ${path}`) }
    if (method === 'GET') return { status: 200, headers: { etag: this.version(path) }, body: { '@odata.id': path, ...resource } }
    if (headers['if-match'] !== undefined && headers['if-match'] !== this.version(path)) return { status: 412 }
    for (const [key, value] of Object.entries(body))
      resource[key] = typeof value === 'object' && value !== null ? { ...resource[key], ...value } : value
    this.touch(path)
    return { status: 204 }
  }

  #reset(type: string): { status: number; body?: unknown } {
    const allowed = this.system['Actions']['#ComputerSystem.Reset']['ResetType@Redfish.AllowableValues']
    if (allowed && !allowed.includes(type))
      return { status: 400, body: message('Base.1.8.ActionParameterNotSupported', `${type} is not supported`) }
    const to = { On: 'On', ForceOff: 'Off', GracefulShutdown: 'Off', ForceRestart: 'On', GracefulRestart: 'On', PowerCycle: 'On' }[type]
    if (type === 'PushPowerButton') this.system['PowerState'] = this.system['PowerState'] === 'On' ? 'Off' : 'On'
    if (to) this.system['PowerState'] = to
    this.system['LastResetTime'] = `2026-01-01T00:00:${String(this.seen.length % 60).padStart(2, '0')}Z`
    this.touch('/redfish/v1/Systems/1')
    return { status: 204 }
  }

  #media(path: string, body: any): { status: number; body?: unknown } {
    const slot = this.resources[path.replace(/\/Actions\/.*/, '')]
    if (!slot) return { status: 404 }
    const insert = path.endsWith('InsertMedia')
    Object.assign(slot, insert ? { Image: body.Image, Inserted: true } : { Image: null, Inserted: false })
    return { status: 204 }
  }
}

export const SESSIONS = '/redfish/v1/SessionService/Sessions'
export const SYSTEM = '/redfish/v1/Systems/1'
export const CD = '/redfish/v1/Managers/bmc/VirtualMedia/CD'

export const ref = (path: string) => ({ '@odata.id': path })
export const message = (id: string, text: string) => ({ error: { code: id, '@Message.ExtendedInfo': [{ MessageId: id, Message: text }] } })

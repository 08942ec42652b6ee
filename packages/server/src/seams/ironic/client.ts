import { setTimeout as sleep } from 'node:timers/promises'
import { Refused } from '@esi/api/dialect'
import type { Kit } from '../../kit/service.ts'
import type { Sent } from '../keystone/http.ts'
import { type ServiceSession, serviceSession } from '../keystone/session.ts'
import type { IronicConfig } from './config.ts'

/** A node as Ironic shows it to an administrator, as far as we look at it. */
export interface IronicNode {
  readonly uuid: string
  readonly name: string | null
  readonly owner: string | null
  readonly lessee: string | null
  readonly resource_class: string | null
  readonly properties: Readonly<Record<string, unknown>>
  readonly extra: Readonly<Record<string, unknown>>
  readonly instance_info: Readonly<Record<string, unknown>>
  readonly instance_uuid: string | null
  readonly allocation_uuid: string | null
  readonly provision_state: string
  readonly target_provision_state: string | null
  readonly provision_updated_at: string | null
  readonly power_state: string | null
  readonly target_power_state: string | null
  readonly maintenance: boolean
  readonly retired: boolean
  readonly protected: boolean
  readonly automated_clean: boolean | null
  readonly network_interface: string
  /** The conductor that works on it. */
  readonly reservation: string | null
  readonly console_enabled: boolean
  readonly clean_step: Readonly<Record<string, unknown>> | null
  readonly last_error: string | null
}

export interface PatchOp {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/** Ironic understood, and said no: locked, in transition, not allowed. Its words are for the log: they may tell of hardware. */
export class IronicRefused extends Error {
  readonly status: number
  constructor(status: number, said: string) {
    super(`Ironic answered ${status}: ${said}`)
    this.name = 'IronicRefused'
    this.status = status
  }
}

/** What the seam asks of Ironic. All throw `IronicRefused` for a no, and `Refused('unavailable')` without an answer. */
export interface Ironic {
  /** By UUID or name. */
  node(ident: string): Promise<IronicNode | undefined>
  /** All that a query matches, page after page, with what lists need. */
  nodes(query?: Readonly<Record<string, string>>): Promise<readonly IronicNode[]>
  /** The node as it is after the change. */
  change(node: string, patch: readonly PatchOp[]): Promise<IronicNode>
  provision(node: string, target: string, more?: object): Promise<void>
  powerOff(node: string): Promise<void>
  consoleOff(node: string): Promise<void>
  /** Identifiers of the VIFs that are attached to it. */
  vifs(node: string): Promise<readonly string[]>
  detach(node: string, vif: string): Promise<void>
  dropAllocation(node: string): Promise<void>
}

/** 1.65 brought the lessee; newer than 1.82 we have not been tried with. */
const [LEAST, MOST] = [65, 82]
const LISTED = [
  'uuid',
  'name',
  'owner',
  'lessee',
  'resource_class',
  'properties',
  'provision_state',
  'target_provision_state',
  'power_state',
  'target_power_state',
  'maintenance',
  'retired',
  'automated_clean',
  'network_interface',
]
const PAGE = 1000
/** Milliseconds before a locked node, or an overloaded service, is asked again; then it is told. */
const PAUSES = [300, 900, 2_000]

const unavailable = () =>
  new Refused('unavailable', 'The bare-metal service does not answer as it should; try again in a few seconds.', { retryAfter: 2 })

/** Asks again for a while when the node is locked or the service has too much to do. */
const patient = async (ask: () => Promise<Sent>, signal?: AbortSignal): Promise<Sent> => {
  for (const pause of PAUSES) {
    const reply = await ask()
    if (reply.status !== 503 && !(reply.status === 409 && /locked/i.test(words(reply.body)))) return reply
    await sleep(pause, undefined, signal ? { signal } : {})
  }
  return ask()
}

/** One for the process; each use may have its own end. */
export const ironicClient = (
  config: IronicConfig,
  kit: Pick<Kit, 'clock' | 'log'>,
  session: ServiceSession = serviceSession({ ...config, url: config.authUrl, cacheAge: 0, cacheSize: 0 }, kit, 'the bare-metal service'),
): ((signal?: AbortSignal) => Ironic) => {
  let place: Promise<{ readonly base: string; readonly version: string }> | undefined

  const find = async () => {
    const url = config.url ?? (await session.endpoint('baremetal', config.interface, config.region))
    if (url === undefined) {
      kit.log.error({ interface: config.interface, region: config.region }, 'the catalog has no bare-metal service')
      throw new Refused('unavailable', 'The bare-metal service is not in the catalog; whoever runs this site must look at its settings.')
    }
    const base = url.replace(/\/+$/, '').replace(/\/v1$/, '')
    const { status, headers } = await patient(() => session.ask('GET', `${base}/v1`))
    if (status >= 500) throw unavailable()
    const newest = /^1\.(\d+)$/.exec(String(headers['x-openstack-ironic-api-maximum-version']))?.[1]
    if (newest === undefined || Number(newest) < LEAST) {
      kit.log.error({ url: base, status, newest }, `this is no Ironic that speaks version 1.${LEAST} or newer`)
      throw new Refused('unavailable', `The bare-metal service does not speak version 1.${LEAST}, which brought lessees.`)
    }
    return { base, version: `1.${Math.min(Number(newest), MOST)}` }
  }

  const there = () => {
    const mine = place ?? find()
    place = mine
    mine.catch(() => {
      if (place === mine) place = undefined
    })
    return mine
  }

  const ask = async (signal: AbortSignal | undefined, method: string, path: string, body?: unknown): Promise<Reply> => {
    for (let older = false; ; older = true) {
      const { base, version } = await there()
      const sending = {
        headers: { 'x-openstack-ironic-api-version': version },
        ...(body === undefined ? {} : { body }),
        ...(signal ? { signal } : {}),
      }
      const { status, body: said } = await patient(() => session.ask(method, `${base}${path}`, sending), signal)
      if (status < 400) return { status, body: said }
      // It was replaced by an older one.
      if (status === 406 && !older) {
        place = undefined
        continue
      }
      const why = words(said)
      if (status >= 500 || status === 401 || status === 403 || status === 429)
        kit.log.warn({ method, path, status, why }, 'the bare-metal service does not answer as it should')
      if (status >= 500 || status === 401 || status === 429) throw unavailable()
      return { status, body: said, refused: new IronicRefused(status, why) }
    }
  }

  const must = (reply: Reply): Reply => {
    if (reply.refused) throw reply.refused
    return reply
  }

  return signal => {
    const of = (node: string, more = '') => `/v1/nodes/${encodeURIComponent(node)}${more}`
    const put = async (node: string, what: string, body: object) => void must(await ask(signal, 'PUT', of(node, `/states/${what}`), body))
    const gone = async (path: string) => {
      const reply = await ask(signal, 'DELETE', path)
      if (reply.status !== 404) must(reply)
    }
    return {
      async node(ident) {
        // What cannot be a name of Ironic's is none.
        if (!/^[\w.~-]{1,255}$/.test(ident) || /^\.+$/.test(ident)) return undefined
        const reply = await ask(signal, 'GET', of(ident))
        if (reply.status === 404 || reply.status === 400) return undefined
        return must(reply).body
      },
      async nodes(query = {}) {
        const rows: IronicNode[] = []
        for (let marker: string | undefined; ; ) {
          const asked = new URLSearchParams({ ...query, fields: LISTED.join(','), limit: String(PAGE), ...(marker ? { marker } : {}) })
          const { body } = must(await ask(signal, 'GET', `/v1/nodes?${asked}`))
          rows.push(...body.nodes)
          marker = body.next ? body.nodes.at(-1)?.uuid : undefined
          if (marker === undefined) return rows
        }
      },
      change: async (node, patch) => must(await ask(signal, 'PATCH', of(node), patch)).body,
      provision: (node, target, more = {}) => put(node, 'provision', { target, ...more }),
      powerOff: node => put(node, 'power', { target: 'power off' }),
      consoleOff: node => put(node, 'console', { enabled: false }),
      vifs: async node => must(await ask(signal, 'GET', of(node, '/vifs'))).body.vifs.map((vif: { id: string }) => vif.id),
      detach: (node, vif) => gone(of(node, `/vifs/${encodeURIComponent(vif)}`)),
      dropAllocation: node => gone(of(node, '/allocation')),
    }
  }
}

interface Reply {
  readonly status: number
  readonly body: any
  readonly refused?: IronicRefused
}

/** What Ironic says of a refusal: JSON in a text in JSON, or not. */
const words = (body: any): string => {
  let said = body?.error_message ?? body
  try {
    if (typeof said === 'string') said = JSON.parse(said)
  } catch {
    // It was text.
  }
  return String(said?.faultstring ?? said?.title ?? said ?? '').slice(0, 500)
}

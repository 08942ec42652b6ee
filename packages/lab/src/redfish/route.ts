import type { Bmc } from '../bmc.ts'
import type { FaultKind } from '../faults.ts'
import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import type { Account } from '../machine/state.ts'
import type { Session } from './sessions.ts'

export type Json = Record<string, unknown>

/** What a handler is given. */
export interface Ask {
  readonly bmc: Bmc
  readonly machine: Machine
  readonly flavour: Flavour
  readonly path: string
  /** The variable parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>
  /** The body; an empty object when there is none. */
  readonly body: Json
  /** Who asks; absent on the few routes that are open. */
  readonly account: Account | undefined
  readonly session: Session | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Whether this fault strikes the request; then it is noted with the call. */
  readonly struck: (kind: FaultKind) => boolean
}

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (ask: Ask) => Reply

export interface Route {
  /** Below /redfish, with `:name` for what varies. */
  readonly path: string
  readonly GET?: Handler
  readonly POST?: Handler
  readonly PATCH?: Handler
  readonly PUT?: Handler
  readonly DELETE?: Handler
  /** Methods that need no login. */
  readonly open?: readonly string[]
  /** Privilege that writes need; ConfigureComponents unless said otherwise. */
  readonly writes?: 'login' | 'operator' | 'administrator'
}

export interface Found {
  readonly route: Route
  readonly params: Record<string, string>
}

/** Finds the route of a path. Paths without variable parts are looked up, the others tried by their length. */
export class RouteTable {
  private readonly fixed = new Map<string, Route>()
  private readonly varied = new Map<number, { readonly parts: string[]; readonly route: Route }[]>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (!route.path.includes(':')) {
        this.fixed.set(route.path, route)
        continue
      }
      const parts = route.path.split('/')
      const list = this.varied.get(parts.length) ?? []
      list.push({ parts, route })
      this.varied.set(parts.length, list)
    }
  }

  find(path: string): Found | undefined {
    const fixed = this.fixed.get(path)
    if (fixed) return { route: fixed, params: {} }
    const parts = path.split('/')
    for (const candidate of this.varied.get(parts.length) ?? []) {
      const params = match(candidate.parts, parts)
      if (params) return { route: candidate.route, params }
    }
    return undefined
  }
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (let i = 0; i < pattern.length; i++) {
    const want = pattern[i]!
    const have = parts[i]!
    if (want.startsWith(':')) params[want.slice(1)] = have
    else if (want !== have) return undefined
  }
  return params
}

export const ok = (body: unknown): Reply => ({ status: 200, body })
export const nothing: Reply = { status: 204 }

/** A resource with its three OData lines and its name. */
export function resource(path: string, type: string, id: string, name: string, rest: Json): Json {
  return { '@odata.id': path, '@odata.type': `#${type}`, Id: id, Name: name, ...rest }
}

export const link = (path: string): Json => ({ '@odata.id': path })

/** A collection of links. */
export function collection(path: string, type: string, name: string, members: readonly string[]): Json {
  return {
    '@odata.id': path,
    '@odata.type': `#${type}.${type}`,
    Name: name,
    'Members@odata.count': members.length,
    Members: members.map(link),
  }
}

type Values = Readonly<Record<string, readonly string[]>>

/** An action with the values that its parameters take, as the flavour tells them; `info` is where they lie otherwise. */
export function actionOf(f: Flavour, target: string, info: string, values: Values): Json {
  if (f.actionValues === 'info') return { target, '@Redfish.ActionInfo': info }
  return { target, ...Object.fromEntries(Object.entries(values).map(([name, each]) => [`${name}@Redfish.AllowableValues`, each])) }
}

export function infoRoutes(f: Flavour, info: string, name: string, values: Values): Route[] {
  if (f.actionValues === 'inline') return []
  const Parameters = Object.entries(values).map(([Name, AllowableValues]) => ({ Name, AllowableValues, Required: false }))
  return [{ path: info, GET: () => ok(resource(info, 'ActionInfo.v1_2_0.ActionInfo', name, name, { Parameters })) }]
}

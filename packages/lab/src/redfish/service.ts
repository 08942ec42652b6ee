import { createHash } from 'node:crypto'
import type { Bmc } from '../bmc.ts'
import type { Flavour } from '../flavours/flavour.ts'
import type { Account } from '../machine/state.ts'
import { accountRoutes } from './accounts.ts'
import { biosRoutes } from './bios.ts'
import { chassisRoutes } from './chassis.ts'
import { logRoutes } from './logs.ts'
import { managerRoutes } from './manager.ts'
import { mediaRoutes } from './media.ts'
import { errorBody, message, Refusal, refuse } from './message.ts'
import { isObject } from './patch.ts'
import { registryRoutes } from './registries.ts'
import { rootRoutes } from './root.ts'
import { type Ask, type Json, type Reply, type Route, RouteTable } from './route.ts'
import type { Session } from './sessions.ts'
import { systemPath, systemRoutes } from './system.ts'
import { systemPartRoutes } from './system-parts.ts'
import { taskRoutes } from './task-routes.ts'
import { updateRoutes } from './update.ts'
import { volumeRoutes } from './volumes.ts'

export interface Request {
  readonly method: string
  /** With its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Buffer
  /** Who asked, once proven. */
  readonly user: string | null
  /** Whether what was asked for was done. */
  readonly done: boolean
}

export interface Options {
  /** Refuses every password and token. */
  readonly refuseLogin?: boolean
  readonly struck: Ask['struck']
}

const PARTS: readonly ((f: Flavour) => Route[])[] = [
  rootRoutes,
  systemRoutes,
  systemPartRoutes,
  volumeRoutes,
  biosRoutes,
  registryRoutes,
  chassisRoutes,
  managerRoutes,
  mediaRoutes,
  logRoutes,
  accountRoutes,
  updateRoutes,
  taskRoutes,
]

const tables = new Map<string, RouteTable>()

/** The routes of a flavour; all its machines share them. */
function table(f: Flavour): RouteTable {
  let made = tables.get(f.name)
  if (!made) {
    made = new RouteTable(PARTS.flatMap(routes => routes(f)))
    tables.set(f.name, made)
  }
  return made
}

const WRITES = ['POST', 'PATCH', 'PUT', 'DELETE'] as const
const READS = ['GET', 'HEAD'] as const

/** Answers one request as this BMC does. Never throws. */
export function answer(bmc: Bmc, request: Request, options: Options): Answer {
  let user: string | null = null
  try {
    const [rawPath = '', query] = request.url.split('?', 2) as [string, string?]
    const path = rawPath.length > 1 ? rawPath.replace(/\/+$/, '') : rawPath
    const found = table(bmc.machine.flavour).find(path)
    const { method } = request
    checkVersion(request)
    const who = login(bmc, request, options.refuseLogin === true)
    user = who?.account.user ?? null
    const open = found?.route.open?.includes(method === 'HEAD' ? 'GET' : method) ?? false
    if (!who && !open) throw unauthorized()
    if (!found) throw refuse('ResourceMissingAtURI', [path])
    const handler = handlerOf(found.route, method)
    if (query) checkQuery(query)
    if (who && WRITES.includes(method as never)) checkRight(who.account, found.route)
    const ask: Ask = {
      bmc,
      machine: bmc.machine,
      flavour: bmc.machine.flavour,
      path,
      params: found.params,
      body: WRITES.includes(method as never) && method !== 'DELETE' ? parse(request) : {},
      account: who?.account,
      session: who?.session,
      headers: request.headers,
      struck: options.struck,
    }
    if (method === 'PATCH' || method === 'PUT' || method === 'DELETE') checkMatch(ask, found.route)
    const reply = handler(ask)
    const reads = method === 'GET' || method === 'HEAD'
    return written(request, reads ? { ...reply, headers: { Allow: allowed(found.route), ...reply.headers } } : reply, user, true)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : refuse('GeneralError')
    if (!(error instanceof Refusal)) process.stderr.write(`esi-lab: ${request.method} ${request.url}: ${(error as Error).stack}\n`)
    return written(request, { status: refusal.status, body: errorBody(refusal.messages), headers: refusal.headers }, user, false)
  }
}

function handlerOf(route: Route, method: string) {
  const handler = route[(method === 'HEAD' ? 'GET' : method) as 'GET']
  if (handler) return handler
  throw refuse('OperationNotAllowed', [], 405, { Allow: allowed(route) })
}

function allowed(route: Route): string {
  return [...(route.GET ? READS : []), ...WRITES.filter(m => route[m])].join(', ')
}

function checkVersion(request: Request): void {
  const version = request.headers['odata-version']
  if (version !== undefined && version !== '4.0') throw refuse('HeaderInvalid', ['OData-Version'])
}

/** Nothing of $expand, $filter and their like is offered; DSP0266 wants 501 then. Other parameters are ignored. */
function checkQuery(query: string): void {
  for (const name of new URLSearchParams(query).keys()) if (name.startsWith('$')) throw refuse('QueryParameterUnsupported', [name])
}

function login(bmc: Bmc, request: Request, refuseAll: boolean): { account: Account; session: Session | undefined } | undefined {
  const { state } = bmc.machine
  const token = request.headers['x-auth-token']
  if (typeof token === 'string') {
    const session = refuseAll ? undefined : bmc.sessions.use(token, bmc.machine.now(), state.sessionTimeout)
    const account = session && state.accounts.find(a => a.user === session.user && a.enabled)
    if (!session || !account) throw unauthorized()
    return { account, session }
  }
  const { authorization } = request.headers
  if (typeof authorization !== 'string') {
    // Logging in is refused here as well, without a look at the password.
    if (refuseAll && request.method === 'POST') throw unauthorized()
    return undefined
  }
  const given = /^Basic\s+(\S+)$/i.exec(authorization)?.[1]
  const [user, ...rest] = given ? Buffer.from(given, 'base64').toString().split(':') : ['']
  const account = refuseAll
    ? undefined
    : state.accounts.find(a => a.enabled && a.user === user && a.user !== '' && a.password === rest.join(':'))
  if (!account) throw unauthorized()
  return { account, session: undefined }
}

function unauthorized(): Refusal {
  return refuse('NoValidSession', [], 401, { 'WWW-Authenticate': 'Basic realm="Redfish"' })
}

function checkRight(account: Account, route: Route): void {
  const needed = route.writes ?? 'administrator'
  if (needed === 'login' || account.role === 'Administrator') return
  if (needed === 'operator' && account.role === 'Operator') return
  throw refuse('InsufficientPrivilege')
}

function parse(request: Request): Json {
  if (request.body.length === 0) return {}
  const type = String(request.headers['content-type'] ?? '')
  if (type && !/^application\/json\b/i.test(type)) throw refuse('UnsupportedMediaType')
  let value: unknown
  try {
    value = JSON.parse(request.body.toString('utf8'))
  } catch {
    throw refuse('MalformedJSON')
  }
  if (!isObject(value)) throw refuse('MalformedJSON')
  return value
}

/** If-Match against what GET shows now. */
function checkMatch(ask: Ask, route: Route): void {
  const wanted = ask.headers['if-match']
  if (wanted === undefined) {
    if (ask.flavour.ifMatch === 'required' && route.path === systemPath(ask.flavour)) throw refuse('PreconditionRequired')
    return
  }
  if (String(wanted).trim() === '*') return
  const current = route.GET?.({ ...ask, body: {}, struck: () => false })
  const tag = current && etag(JSON.stringify(current.body))
  const given = String(wanted)
    .split(',')
    .map(t => opaque(t.trim()))
  if (tag && !given.includes(opaque(tag))) throw refuse('PreconditionFailed')
}

/** Proxies and compression put W/ before and -gzip into a tag; that is not a different resource. */
const opaque = (tag: string) => tag.replace(/^W\//, '').replace(/-gzip"$/, '"')

function etag(text: string | Buffer): string {
  return `W/"${createHash('sha1').update(text).digest('hex').slice(0, 16)}"`
}

function written(request: Request, reply: Reply, user: string | null, done: boolean): Answer {
  const headers: Record<string, string> = {
    'OData-Version': '4.0',
    'Cache-Control': 'no-cache',
    Server: 'Redfish',
    ...reply.headers,
  }
  if (reply.body === undefined) return { status: reply.status, headers, body: '', user, done }
  const text = typeof reply.body === 'string' || Buffer.isBuffer(reply.body) ? reply.body : JSON.stringify(reply.body)
  headers['Content-Type'] ??= 'application/json; charset=utf-8'
  if (reply.status === 200 && request.method !== 'POST' && request.method !== 'DELETE') {
    const tag = etag(text)
    headers['ETag'] = tag
    const known = request.headers['if-none-match']
    if (
      known !== undefined &&
      request.method !== 'PATCH' &&
      String(known)
        .split(',')
        .some(t => opaque(t.trim()) === opaque(tag))
    )
      return { status: 304, headers, body: '', user, done }
  }
  return { status: reply.status, headers, body: text, user, done }
}

/** The body of an answer that is given before anybody looks at the request. */
export function busyBody(seconds: number): string {
  return JSON.stringify(errorBody([message('ServiceTemporarilyUnavailable', [String(seconds)])]))
}

/** Likewise, with any status. */
export function failureBody(): string {
  return JSON.stringify(errorBody([message('GeneralError')]))
}

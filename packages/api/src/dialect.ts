import type { AnyResource, Verb, Version } from './define.ts'
import type { TimeForm } from './time.ts'

/** Why a request is refused, in no service's words. Each dialect has its status and form for it. */
export type Kind =
  | 'invalid' // 400
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'missing' // 404
  | 'method' // 405
  | 'version' // 406: the microversion does not have it
  | 'conflict' // 409
  | 'gone' // 410
  | 'too large' // 413
  | 'media' // 415
  | 'limit' // 429: too many requests, too many things
  | 'unimplemented' // 501
  | 'internal' // 500: our fault
  | 'unavailable' // 503
  | 'timeout' // 504: the hardware did not answer

/** The HTTP status of each kind (RFC 9110), for dialects that have no other. */
export const STATUS: Readonly<Record<Kind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  method: 405,
  version: 406,
  conflict: 409,
  gone: 410,
  'too large': 413,
  media: 415,
  limit: 429,
  unimplemented: 501,
  internal: 500,
  unavailable: 503,
  timeout: 504,
}

/** A request that is refused. The message is for the client; nothing in it may tell of what the caller may not see. */
export class Refused extends Error {
  readonly kind: Kind
  /** What some dialects name beside the text: an exception's name, and further keys of the error body. */
  readonly type: string | undefined
  readonly detail: Readonly<Record<string, unknown>> | undefined
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined
  constructor(kind: Kind, message: string, more: { type?: string; detail?: Record<string, unknown>; retryAfter?: number } = {}) {
    super(message)
    this.name = 'Refused'
    this.kind = kind
    this.type = more.type
    this.detail = more.detail
    this.retryAfter = more.retryAfter
  }
}

/** A request as a dialect reads it: what is after the service's prefix, and what the body parser made of the body. */
export interface WireRequest {
  readonly method: string
  /** With a leading slash, without prefix and query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** Scheme, host and the service's prefix as the client sees them, without a slash at the end: for links. */
  readonly base: string
}

export interface WireReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export type FilterOp = 'eq' | 'in' | 'ne' | 'contains' | 'startswith' | 'endswith' | 'gte' | 'gt' | 'lte' | 'lt'

/** A list as it was asked for. Values are still text; the engine reads them with the field's type. */
export interface ListQuery {
  /** Fields the client chose. */
  readonly fields?: readonly string[]
  /** The short form of a list item. */
  readonly brief: boolean
  readonly filters: readonly { readonly field: string; readonly op: FilterOp; readonly values: readonly string[] }[]
  readonly sort: readonly { readonly field: string; readonly dir: 'asc' | 'desc' }[]
  /** Absent: all rows, for dialects without pages. */
  readonly limit?: number
  readonly marker?: string
  readonly reverse?: boolean
}

/** One change to one field: what JSON Patch, PUT and merge PATCH all come down to. */
export interface Change {
  readonly field: string
  readonly value: unknown
  readonly remove?: boolean
}

/** What the client sent in a change, still to be encoded: the other direction of `changes`. */
export type Draft = Readonly<Record<string, unknown>>

/** How one service puts resources on the wire. The engine and the client read it; neither knows a service. */
export interface Dialect {
  readonly service: string
  /** The newest version; 0 for services without. */
  readonly newest: Version
  /** The version a request asks for. Throws `Refused('version')` for one that we do not have. */
  version(request: WireRequest): Version
  /** The header by which a client asks for a version. */
  ask(version: Version): Readonly<Record<string, string>>
  /** What every reply says of versions. */
  headers(version: Version): Readonly<Record<string, string>>
  /** How this service writes a moment. */
  readonly time: TimeForm
  readonly updateMethod: Verb
  readonly status: { readonly created: number; readonly deleted: number }
  listQuery(request: WireRequest, r: AnyResource): ListQuery
  /** The next page's query is the same query with another marker; this is where the link to it goes. */
  many(r: AnyResource, items: readonly object[], request: WireRequest, next: string | undefined): unknown
  one(r: AnyResource, item: Readonly<Record<string, unknown>>, request: WireRequest): unknown
  /** The body of a reply to a delete, where there is one. */
  deleted?(r: AnyResource): unknown
  /** The fields of a create request, out of their envelope. */
  created(request: WireRequest, r: AnyResource): Record<string, unknown>
  changes(request: WireRequest, r: AnyResource, current: Readonly<Record<string, unknown>>): Change[]
  error(refused: Refused, version: Version): WireReply
  /** The answer to an identifier or name that nothing visible has. */
  missing(r: AnyResource, ident: string): Refused
  /** The answer to the identifier of something that is there but is not the caller's to see; where the original hides, the same as `missing`. */
  foreign(r: AnyResource, ident: string, rule: string): Refused
  /** The answer to a caller who may see, but may not do. */
  denied(rule: string): Refused
  /** The client's side: a create, a change, and what an error body says. */
  readonly client: {
    create(r: AnyResource, draft: Draft): unknown
    update(r: AnyResource, changes: readonly Change[]): { readonly body: unknown; readonly type?: string }
    items(r: AnyResource, body: unknown): { readonly items: Record<string, unknown>[]; readonly next?: string }
    item(r: AnyResource, body: unknown): Record<string, unknown>
    message(body: unknown): string | undefined
  }
}

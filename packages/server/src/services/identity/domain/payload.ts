import { type Packed, pack, Unpackable, unpack } from './msgpack.ts'

/** What a token says of itself. Who the user is and which roles there are is looked up at each use. */
export interface Claims {
  readonly user: string
  readonly methods: readonly string[]
  readonly scope: Scope
  /** Milliseconds since 1970. */
  readonly expires: number
  /** The token's own audit id; then that of the first token of its chain, if it came from another. */
  readonly audit: readonly string[]
  readonly applicationCredential?: string
  /** What a user lent to a program by OAuth 1.0a. */
  readonly accessToken?: string
  /** The trust by which a trustee has it. */
  readonly trust?: string
  /** Where a user from elsewhere comes from, and the groups that this login gave. */
  readonly federated?: Federated
}

export interface Federated {
  readonly groups: readonly string[]
  readonly provider: string
  readonly protocol: string
}

export type Scope =
  | { readonly is: 'unscoped' }
  | { readonly is: 'project'; readonly project: string }
  | { readonly is: 'domain'; readonly domain: string }
  | { readonly is: 'system' }

/** Methods by their bit, in the order of Keystone's default `[auth] methods`; then those that it has when asked to. */
const METHODS = ['external', 'password', 'token', 'oauth1', 'mapped', 'application_credential', 'totp'] as const

/** Keystone's payload versions that we write. */
const UNSCOPED = 0
const DOMAIN = 1
const PROJECT = 2
const TRUST = 3
const FEDERATED = 4
const FEDERATED_PROJECT = 5
const FEDERATED_DOMAIN = 6
const LENT = 7
const SYSTEM = 8
const APPLICATION_CREDENTIAL = 9

const HEX = /^[0-9a-f]{32}$/
const ident = (id: string): Packed => (HEX.test(id) ? [true, Buffer.from(id, 'hex')] : [false, id])

/** The payload as Keystone packs it. */
export const packClaims = (claims: Claims): Buffer => {
  const user = ident(claims.user)
  const methods = METHODS.reduce((sum, name, bit) => sum + (claims.methods.includes(name) ? 1 << bit : 0), 0)
  const rest: Packed[] = [claims.expires / 1000, claims.audit.map(id => Buffer.from(id, 'base64url'))]
  const { scope } = claims
  if (claims.applicationCredential !== undefined && scope.is === 'project')
    return pack([APPLICATION_CREDENTIAL, user, methods, ident(scope.project), ...rest, ident(claims.applicationCredential)])
  if (claims.accessToken !== undefined && scope.is === 'project')
    return pack([LENT, user, methods, ident(scope.project), ident(claims.accessToken), ...rest])
  if (claims.trust !== undefined && scope.is === 'project')
    return pack([TRUST, user, methods, ident(scope.project), ...rest, Buffer.from(claims.trust, 'hex')])
  if (claims.federated && scope.is !== 'system') {
    const { groups, provider, protocol } = claims.federated
    const from: Packed[] = [groups.map(ident), ident(provider), protocol]
    if (scope.is === 'unscoped') return pack([FEDERATED, user, methods, ...from, ...rest])
    if (scope.is === 'project') return pack([FEDERATED_PROJECT, user, methods, ident(scope.project), ...from, ...rest])
    return pack([FEDERATED_DOMAIN, user, methods, ident(scope.domain), ...from, ...rest])
  }
  switch (scope.is) {
    case 'unscoped':
      return pack([UNSCOPED, user, methods, ...rest])
    case 'domain':
      return pack([DOMAIN, user, methods, HEX.test(scope.domain) ? Buffer.from(scope.domain, 'hex') : scope.domain, ...rest])
    case 'project':
      return pack([PROJECT, user, methods, ident(scope.project), ...rest])
    case 'system':
      return pack([SYSTEM, user, methods, 'all', ...rest])
  }
}

/** Throws `Unpackable` for what is no payload of ours. */
export const unpackClaims = (bytes: Uint8Array): Claims => {
  const whole = unpack(bytes)
  if (!Array.isArray(whole)) throw new Unpackable('no payload')
  const [version, user, methods, ...rest] = whole as Packed[]
  const common = (scope: Scope, at: number): Claims => ({
    user: readIdent(user),
    methods: readMethods(methods),
    scope,
    expires: Math.round(number(rest[at]) * 1000),
    audit: list(rest[at + 1]).map(id => Buffer.from(octets(id)).toString('base64url')),
  })
  switch (version) {
    case UNSCOPED:
      return common({ is: 'unscoped' }, 0)
    case DOMAIN:
      return common({ is: 'domain', domain: typeof rest[0] === 'string' ? rest[0] : Buffer.from(octets(rest[0])).toString('hex') }, 1)
    case PROJECT:
      return common({ is: 'project', project: readIdent(rest[0]) }, 1)
    case SYSTEM:
      return common({ is: 'system' }, 1)
    case TRUST:
      return { ...common({ is: 'project', project: readIdent(rest[0]) }, 1), trust: Buffer.from(octets(rest[3])).toString('hex') }
    case LENT:
      return { ...common({ is: 'project', project: readIdent(rest[0]) }, 2), accessToken: readIdent(rest[1]) }
    case FEDERATED:
      return { ...common({ is: 'unscoped' }, 3), federated: readFederated(rest, 0) }
    case FEDERATED_PROJECT:
      return { ...common({ is: 'project', project: readIdent(rest[0]) }, 4), federated: readFederated(rest, 1) }
    case FEDERATED_DOMAIN:
      return { ...common({ is: 'domain', domain: readIdent(rest[0]) }, 4), federated: readFederated(rest, 1) }
    case APPLICATION_CREDENTIAL:
      return { ...common({ is: 'project', project: readIdent(rest[0]) }, 1), applicationCredential: readIdent(rest[3]) }
    default:
      throw new Unpackable('unknown version')
  }
}

const readFederated = (rest: readonly Packed[], at: number): Federated => ({
  groups: list(rest[at]).map(readIdent),
  provider: readIdent(rest[at + 1]),
  protocol: typeof rest[at + 2] === 'string' ? (rest[at + 2] as string) : Buffer.from(octets(rest[at + 2])).toString('utf8'),
})

const list = (value: Packed | undefined): readonly Packed[] => {
  if (!Array.isArray(value)) throw new Unpackable('not a list')
  return value as readonly Packed[]
}

const number = (value: Packed | undefined): number => {
  if (typeof value !== 'number') throw new Unpackable('not a number')
  return value
}

const octets = (value: Packed | undefined): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new Unpackable('no bytes')
  return value
}

const readIdent = (value: Packed | undefined): string => {
  const [packed, id] = list(value)
  if (packed === true) return Buffer.from(octets(id)).toString('hex')
  if (id instanceof Uint8Array) return Buffer.from(id).toString('utf8')
  if (typeof id !== 'string') throw new Unpackable('no identifier')
  return id
}

// Highest bit first, as Keystone lists them.
const readMethods = (value: Packed | undefined): string[] => {
  const bits = number(value)
  return METHODS.filter((_, bit) => bits & (1 << bit)).reverse()
}

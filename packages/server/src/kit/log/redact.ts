/** Keeps secrets out of what is logged: by the name they stand under, and by what they look like. */

const GONE = '[redacted]'

/** Compared in one spelling: `X-Auth-Token`, `adminPassword` and `--client-secret` become `x_auth_token`, `admin_password`, `client_secret`. */
const plain = (key: string): string =>
  key
    .replace(/^-+/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[-.\s]/g, '_')
    .toLowerCase()

const SECRET =
  /(^|_)(pass|passwd|passphrase|password|secret|token|private_key|secret_key|api_key|access_key|master_key|ssh_key|authorization|cookie|credential)s?$/

/** Whether a value under that name must not be shown. */
export const isSecretName = (key: string): boolean => SECRET.test(plain(key))

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  // Fernet tokens, JSON web tokens, and what `secrets` sealed.
  [/gAAAA[\w-]{16,}={0,2}/g, '[token]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[token]'],
  [/\besi1:[\w-]+:[\w-]+:[\w-]+:[\w-]*/g, '[sealed]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{16,}/gi, `$1 ${GONE}`],
  // user:password@ in URLs; the password may hold an @ itself.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/?#]*@/gi, '$1:***@'],
  [/((?:x-(?:auth|subject|service)-token|(?:proxy-)?authorization|(?:set-)?cookie)["']?\s*[:=]\s*)[^\r\n]+/gi, `$1${GONE}`],
  [/([?&;](?:[\w-]*(?:password|secret|token|api_key|signature))=)[^&#;\s"']+/gi, '$1***'],
  [
    /(["'][\w-]*(?:password|passwd|passphrase|secret|token|private_key)["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/gi,
    `$1"${GONE}"`,
  ],
  [/(\b[\w-]*(?:password|passwd|passphrase|secret|token)=)(?:"[^"]*"|'[^']*'|[^\s&;,"']+)/gi, '$1***'],
]

/** A text without what looks like a secret. */
export const scrub = (text: string): string => {
  if (text.length < 8) return text
  let clean = text
  for (const [shape, instead] of SHAPES) clean = clean.replace(shape, instead)
  return clean
}

const DEEPEST = 12

const error = (given: Error, seen: ReadonlySet<object>, depth: number): Record<string, unknown> => {
  const more = given as Error & { code?: unknown }
  return {
    type: given.name,
    message: scrub(given.message),
    ...(more.code !== undefined ? { code: more.code } : {}),
    ...(given.stack ? { stack: scrub(given.stack) } : {}),
    ...(given.cause !== undefined ? { cause: value(given.cause, seen, depth) } : {}),
    ...(given instanceof AggregateError ? { errors: value(given.errors, seen, depth) } : {}),
  }
}

const list = (given: readonly unknown[], seen: ReadonlySet<object>, depth: number): unknown[] =>
  given.map((member, i) => {
    // Raw headers and argument lists: a name, then its value.
    const name = given[i - 1]
    return typeof name === 'string' && typeof member === 'string' && isSecretName(name) ? GONE : value(member, seen, depth)
  })

const entry = (key: string, given: unknown, seen: ReadonlySet<object>, depth: number): unknown =>
  isSecretName(key) && given !== null && given !== undefined && typeof given !== 'boolean' ? GONE : value(given, seen, depth)

const value = (given: unknown, seen: ReadonlySet<object>, depth: number): unknown => {
  if (typeof given === 'string') return scrub(given)
  if (typeof given === 'bigint') return String(given)
  if (typeof given === 'function' || typeof given === 'symbol') return undefined
  if (typeof given !== 'object' || given === null) return given
  if (seen.has(given)) return '[circular]'
  if (depth === 0) return '[deep]'
  const inside = new Set(seen).add(given)
  if (given instanceof Error) return error(given, inside, depth - 1)
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) return `[${given.byteLength} bytes]`
  if (Array.isArray(given)) return list(given, inside, depth - 1)
  if (given instanceof Set) return list([...given], inside, depth - 1)
  if (given instanceof Map) return Object.fromEntries([...given].map(([k, v]) => [String(k), entry(String(k), v, inside, depth - 1)]))
  try {
    if ('toJSON' in given && typeof given.toJSON === 'function') return value(given.toJSON(), inside, depth - 1)
    return Object.fromEntries(Object.entries(given).map(([k, v]) => [k, entry(k, v, inside, depth - 1)]))
  } catch {
    return '[unreadable]'
  }
}

/** A copy that may be logged; what was given is not changed. */
export const redact = (fields: object): object => {
  const clean = value(fields, new Set(), DEEPEST)
  return typeof clean === 'object' && clean !== null && !Array.isArray(clean)
    ? fields instanceof Error
      ? { error: clean }
      : clean
    : { value: clean }
}

/** What one side said, with everything in it that is its own taken out. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | null>>
  readonly body: unknown
  /** What an error said, for whoever reads why two are not the same. */
  readonly said?: string
}

const UUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/g
const HEX = /\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b/g
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?/g

/** Replaces what each side chose by itself: its address, names of what was kept, ids and times. How fine a time is counts as its own. */
export const plain = (value: unknown, base: string, kept: ReadonlyMap<string, string>): unknown => {
  if (typeof value === 'string') {
    let text = value.replaceAll(base, '')
    for (const [name, own] of kept) if (own.length > 7) text = text.replaceAll(own, `$${name}`)
    return text
      .replace(UUID, '<uuid>')
      .replace(HEX, '<hex>')
      .replace(TIME, (_, zone: string | undefined) => `<time${zone === undefined ? '' : ` ${zone}`}>`)
  }
  if (Array.isArray(value)) return value.map(each => plain(each, base, kept))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [plain(key, base, kept) as string, plain(each, base, kept)]))
  return value
}

/** Each place where two bodies are not the same, as `path: theirs, ours`. */
export const differences = (theirs: unknown, ours: unknown, path = ''): string[] => {
  if (Object.is(theirs, ours)) return []
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length)
      return [`${path || 'it'}: ${theirs.length} entries, ours ${ours.length}: ${short(theirs)} ${short(ours)}`]
    return theirs.flatMap((each, i) => differences(each, ours[i], `${path}[${i}]`))
  }
  if (isObject(theirs) && isObject(ours))
    return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap(key => {
      const at = path === '' ? key : `${path}.${key}`
      if (!(key in ours)) return [`${at}: ${short(theirs[key])}, ours has none`]
      if (!(key in theirs)) return [`${at}: none, ours ${short(ours[key])}`]
      return differences(theirs[key], ours[key], at)
    })
  return [`${path || 'it'}: ${short(theirs)}, ours ${short(ours)}`]
}

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

/** The texts of an error are each one's own, and so is which of Ironic's two forms is within `error_message`: clients read both. */
export const formOfError = (body: unknown): unknown => {
  if (!isObject(body)) return typeof body
  if ('error_message' in body) return { error_message: typeof body['error_message'] }
  const error = body['error']
  return isObject(error) ? { error: { ...error, message: typeof error['message'] } } : body
}

/** The value at `a.b.0.c`. */
export const at = (body: unknown, path: string): unknown =>
  path === '' ? body : path.split('.').reduce((value: any, key) => value?.[key], body as any)

/** Addresses, names and network cards of machines that are looked for. */

export interface Where {
  readonly host: string
  readonly port: number | null
}

export const shownAddress = ({ host, port }: Where): string => (port === null ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`)

/** What a search knows of a machine, by which it is that one and no other. */
export interface Marks extends Where {
  readonly found: { readonly uuid: string | null; readonly nics: readonly { readonly mac: string }[] } | null
}

/** A key for each of them, in order: what has one in common is one machine. */
export const marksOf = ({ host, port, found }: Marks): string[] => {
  // Without a port it is the usual one of whatever answered.
  const ports = port === null ? [443, 623] : [port]
  const keys = [
    ...ports.map(each => `at ${host.toLowerCase()} ${each}`),
    ...(found?.uuid ? [`uuid ${found.uuid.toLowerCase()}`] : []),
    ...(found?.nics ?? []).map(({ mac }) => `mac ${mac.toLowerCase()}`),
  ]
  return [...new Set(keys)].sort()
}

/** Why a range cannot be searched, in a sentence. */
export class BadRange extends Error {}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const V6 = /^[0-9a-f:]*:[0-9a-f:.]*$/i

const number = (address: string): number | undefined => {
  const parts = V4.exec(address)?.slice(1).map(Number)
  if (!parts || parts.some(part => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

const address = (n: number): string => [24, 16, 8, 0].map(shift => Math.floor(n / 2 ** shift) % 256).join('.')

/** All addresses of these ranges, each once, in their order. */
export const addressesOf = (ranges: readonly string[], most: number): Where[] => {
  const found = new Map<string, Where>()
  let left = most
  for (const range of ranges) {
    const parts = partsOf(range.trim())
    left -= parts.count
    if (left < 0) throw new BadRange(`That are more than ${most} addresses. Search them in several turns.`)
    for (let i = 0; i < parts.count; i++) {
      const where = { host: typeof parts.first === 'string' ? parts.first : address(parts.first + i), port: parts.port }
      found.set(shownAddress(where), where)
    }
  }
  if (found.size === 0) throw new BadRange('Name at least one address.')
  return [...found.values()]
}

const partsOf = (range: string): { first: number | string; count: number; port: number | null } => {
  const wrong = (why: string) => new BadRange(`"${range.slice(0, 80)}" ${why}.`)
  const like = 'is no range of addresses; it is like 10.0.0.5, 10.0.0.1-10.0.0.20 or 10.0.0.0/24, each with :port if need be'
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(range)
  if (bracketed && V6.test(bracketed[1]!)) return { first: bracketed[1]!.toLowerCase(), count: 1, port: portOf(bracketed[2], wrong) }
  if (V6.test(range) && range.split(':').length > 2) return { first: range.toLowerCase(), count: 1, port: null }
  const m = /^([\d.]+)(?:-([\d.]+)|\/(\d{1,2}))?(?::(\d{1,5}))?$/.exec(range)
  const first = m ? number(m[1]!) : undefined
  if (!m || first === undefined) throw wrong(like)
  const port = portOf(m[4], wrong)
  if (m[3] !== undefined) {
    const bits = Number(m[3])
    if (bits > 32) throw wrong(like)
    const size = 2 ** (32 - bits)
    const base = Math.floor(first / size) * size
    // The network's own address and its broadcast are no machines, where there is room for others.
    return bits >= 31 ? { first: base, count: size, port } : { first: base + 1, count: size - 2, port }
  }
  if (m[2] === undefined) return { first, count: 1, port }
  const last = /^\d{1,3}$/.test(m[2]) ? number(m[1]!.replace(/\d+$/, m[2])) : number(m[2])
  if (last === undefined) throw wrong(like)
  if (last < first) throw wrong('ends before it begins')
  return { first, count: last - first + 1, port }
}

const portOf = (text: string | undefined, wrong: (why: string) => BadRange): number | null => {
  if (text === undefined) return null
  const port = Number(text)
  if (port < 1 || port > 65_535) throw wrong('has a port that there is not')
  return port
}

const macNumber = (mac: string): number => Number.parseInt(mac.replaceAll(':', ''), 16)
const maker = (mac: string): string => mac.slice(0, 8)
/** Boards number their ports one after the other, and the BMC's last or first. */
const NEIGHBOURS = 4

/**
 * Which network cards share their link with the BMC: the one whose address the BMC uses, or else the nearest of the same board, whose
 * numbers follow each other. A card that only seems so is treated with more care than it needs; its port is never shut.
 */
export const sharedLom = (macs: readonly string[], bmc: readonly string[]): ReadonlyMap<string, 'same address' | 'neighbour'> => {
  const same = macs.filter(mac => bmc.includes(mac))
  if (same.length > 0) return new Map(same.map(mac => [mac, 'same address'] as const))
  const near = macs
    .flatMap(mac =>
      bmc
        .filter(of => maker(of) === maker(mac))
        .map(of => ({ mac, far: Math.abs(macNumber(mac) - macNumber(of)) }))
        .filter(({ far }) => far <= NEIGHBOURS),
    )
    .sort((a, b) => a.far - b.far)[0]
  return new Map(near ? [[near.mac, 'neighbour'] as const] : [])
}

/** What a node may be called (RFC 952 and 1123, as Ironic has it), made of what may hold anything. */
const hostName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/-*\.-*/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 63)

/** A name by its pattern: `{serial}`, `{address}` and `{n}`; null where the pattern needs a serial number and there is none. */
export const nameBy = (
  pattern: string | undefined,
  { serial, where, n }: { readonly serial: string | null; readonly where: Where; readonly n: number },
): string => {
  const flat = shownAddress(where).replace(/[^a-z0-9]+/gi, '-')
  const own = serial === null || hostName(serial) === '' ? `bmc-${flat}` : serial
  return hostName((pattern ?? '{serial}').replaceAll('{serial}', own).replaceAll('{address}', flat).replaceAll('{n}', String(n)))
}

/** Placeholders that a pattern may have. */
export const badPattern = (pattern: string): string | undefined => {
  const unknown = [...pattern.matchAll(/\{([^}]*)\}/g)].map(m => m[1]!).find(word => !['serial', 'address', 'n'].includes(word))
  if (unknown !== undefined) return `{${unknown.slice(0, 40)}} means nothing in a name; there are {serial}, {address} and {n}.`
  return undefined
}

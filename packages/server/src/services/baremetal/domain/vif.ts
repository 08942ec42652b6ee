/** A port of a node, or a port group, as something that a network can be attached to. */
export interface Socket {
  readonly kind: 'port' | 'portgroup'
  readonly uuid: string
  /** The network's port that is attached to it. */
  readonly vif: string | null
  readonly physical_network: string | null
  readonly pxe_enabled: boolean
  /** The group that a port is in. */
  readonly portgroup: string | null
  readonly standalone: boolean
}

/** What a client may say of where to attach. */
export interface Wish {
  readonly port?: string | undefined
  readonly portgroup?: string | undefined
  /** Physical networks that it can be on; none: any. */
  readonly networks: readonly string[]
}

/**
 * Where to attach: something free, on a fitting physical network; one that names its network before one that names none, a group before
 * a port, a port that boots before one that does not. Undefined where there is nothing. The order is the original's.
 */
export const choose = (sockets: readonly Socket[], wish: Wish): Socket | undefined => {
  const groups = new Map(sockets.filter(s => s.kind === 'portgroup').map(s => [s.uuid, s]))
  const members = (group: string) => sockets.filter(s => s.portgroup === group)
  const free = sockets.filter(s => {
    if (s.vif !== null) return false
    if (wish.port !== undefined && !(s.kind === 'port' && s.uuid === wish.port)) return false
    if (wish.portgroup !== undefined && !(s.kind === 'portgroup' && s.uuid === wish.portgroup)) return false
    if (s.kind === 'portgroup') return members(s.uuid).length > 0 && members(s.uuid).every(port => port.vif === null)
    const group = s.portgroup === null ? undefined : groups.get(s.portgroup)
    return group === undefined || (group.vif === null && group.standalone)
  })
  const network = (s: Socket): string | null =>
    s.physical_network ??
    (s.kind === 'portgroup' ? (members(s.uuid).find(port => port.physical_network !== null)?.physical_network ?? null) : null)
  const fits = free.filter(s => wish.networks.length === 0 || network(s) === null || wish.networks.includes(network(s)!))
  const rank = (s: Socket): number =>
    (wish.networks.length > 0 && network(s) === null ? 4 : 0) + (s.kind === 'portgroup' ? 0 : 2) + (s.pxe_enabled ? 0 : 1)
  return fits.toSorted((a, b) => rank(a) - rank(b))[0]
}

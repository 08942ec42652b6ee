import { isObject } from '@esi/api/types'
import ipaddr from 'ipaddr.js'

/**
 * What is wrong with a node's static network configuration; undefined for what does. Source: the form of `network_data` in the Bare
 * Metal API reference, which is that of Nova's `network_data.json`: links, networks on them, and services.
 */
export const unfitNetworkData = (data: Readonly<Record<string, unknown>>): string | undefined => {
  // Nothing is said of it: the machine asks by DHCP.
  if (Object.keys(data).length === 0) return undefined
  for (const name of ['links', 'networks', 'services']) {
    if (!(name in data)) return `'${name}' is a required property`
    if (!Array.isArray(data[name])) return `"${name}" must be a list`
  }
  return first(data['links'], 'links', link) ?? first(data['networks'], 'networks', network) ?? first(data['services'], 'services', service)
}

type Item = Readonly<Record<string, unknown>>
type Rule = (value: unknown) => string | undefined

const first = (items: unknown, name: string, fault: (item: Item) => string | undefined): string | undefined => {
  for (const [i, item] of (items as unknown[]).entries()) {
    const why = isObject(item) ? fault(item) : 'must be an object'
    if (why !== undefined) return `${name}[${i}] ${why}`
  }
  return undefined
}

const text: Rule = value => (typeof value === 'string' ? undefined : 'must be a text')
const mac: Rule = value =>
  typeof value === 'string' && /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value) ? undefined : 'must be a MAC address'
const mtu: Rule = value =>
  value === null || (typeof value === 'number' && value >= 1 && value <= 65_535) ? undefined : 'must be a number from 1 to 65535'
const texts: Rule = value => (Array.isArray(value) && value.every(each => typeof each === 'string') ? undefined : 'must be a list of texts')
const whole: Rule = value => (Number.isInteger(value) ? undefined : 'must be a whole number')
const oneOf =
  (...words: readonly string[]): Rule =>
  value =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(', ')}`
const address =
  (version: 4 | 6): Rule =>
  value => {
    const plain = typeof value === 'string' ? value.replace(version === 6 ? /\/\d{1,3}$/ : /$^/, '') : ''
    return (version === 4 ? ipaddr.IPv4.isValidFourPartDecimal(plain) : ipaddr.IPv6.isValid(plain))
      ? undefined
      : `must be an IPv${version} address`
  }
const mask =
  (version: 4 | 6): Rule =>
  value =>
    address(version)(value) === undefined && ipaddr.parse(value as string).prefixLengthFromSubnetMask() !== null
      ? undefined
      : 'must be a network mask'

const check = (item: Item, required: Readonly<Record<string, Rule>>, more: Readonly<Record<string, Rule>> = {}): string | undefined => {
  for (const name of Object.keys(required)) if (!(name in item)) return `needs "${name}"`
  for (const [name, rule] of Object.entries({ ...required, ...more })) {
    const why = name in item ? rule(item[name]) : undefined
    if (why !== undefined) return `"${name}" ${why}`
  }
  return undefined
}

const PLAIN = ['bridge', 'dvs', 'hw_veb', 'hyperv', 'ovs', 'tap', 'vhostuser', 'vif', 'phy']
const MODES = ['802.1ad', 'balance-rr', 'active-backup', 'balance-xor', 'broadcast', 'balance-tlb', 'balance-alb']

const link = (item: Item): string | undefined => {
  const more = { mtu, vif_id: text }
  if (item['type'] === 'bond')
    return check(item, { id: text, ethernet_mac_address: mac, bond_mode: oneOf(...MODES), bond_links: texts }, more)
  if (item['type'] === 'vlan') return check(item, { id: text, vlan_mac_address: mac, vlan_link: text, vlan_id: whole }, more)
  return check(item, { id: text, type: oneOf(...PLAIN, 'bond', 'vlan'), ethernet_mac_address: mac }, more)
}

const network = (item: Item): string | undefined => {
  const version = String(item['type']).startsWith('ipv6') ? 6 : 4
  const named = check(
    item,
    { id: text, link: text, network_id: text, type: oneOf('ipv4', 'ipv4_dhcp', 'ipv6', 'ipv6_dhcp', 'ipv6_slaac') },
    { ip_address: address(version), netmask: mask(version) },
  )
  if (named !== undefined || item['routes'] === undefined) return named
  if (!Array.isArray(item['routes'])) return '"routes" must be a list'
  return first(item['routes'], 'routes', route =>
    check(route, { network: address(version), netmask: mask(version), gateway: address(version) }),
  )
}

const service = (item: Item): string | undefined => {
  const version = String(item['address']).includes(':') ? 6 : 4
  return check(item, { type: oneOf('dns'), address: address(version) })
}

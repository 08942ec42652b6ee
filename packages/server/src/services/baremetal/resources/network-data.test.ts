import { expect, it } from 'vitest'
import { unfitNetworkData } from './network-data.ts'

const mac = '52:54:00:12:34:56'
const whole = {
  links: [
    { id: 'nic0', type: 'phy', ethernet_mac_address: mac, mtu: null },
    { id: 'nic1', type: 'phy', ethernet_mac_address: mac, mtu: 9000, vif_id: 'v' },
    { id: 'bond0', type: 'bond', ethernet_mac_address: mac, bond_mode: '802.1ad', bond_links: ['nic0', 'nic1'] },
    { id: 'vlan7', type: 'vlan', vlan_mac_address: mac, vlan_link: 'bond0', vlan_id: 7 },
  ],
  networks: [
    {
      id: 'a',
      link: 'vlan7',
      network_id: 'n',
      type: 'ipv4',
      ip_address: '10.0.0.2',
      netmask: '255.255.252.0',
      routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1' }],
    },
    { id: 'b', link: 'vlan7', network_id: 'n', type: 'ipv6', ip_address: '2001:db8::2/64', netmask: 'ffff:ffff:ffff:ffff::' },
    { id: 'c', link: 'nic0', network_id: 'n', type: 'ipv6_slaac' },
  ],
  services: [
    { type: 'dns', address: '10.0.0.1' },
    { type: 'dns', address: '2001:db8::1' },
  ],
}

it('takes nothing at all, and what is whole', () => {
  expect(unfitNetworkData({})).toBeUndefined()
  expect(unfitNetworkData(whole)).toBeUndefined()
})

const { links, networks, services } = whole
it.each([
  [{ links: [] }, "'networks' is a required property"],
  [{ ...whole, services: {} }, '"services" must be a list'],
  [{ ...whole, links: ['nic0'] }, 'links[0] must be an object'],
  [{ ...whole, links: [{ id: 'x', type: 'phy' }] }, 'links[0] needs "ethernet_mac_address"'],
  [{ ...whole, links: [{ ...links[0], type: 'radio' }] }, '"type" must be one of bridge'],
  [{ ...whole, links: [{ ...links[0], ethernet_mac_address: '52:54' }] }, 'must be a MAC address'],
  [{ ...whole, links: [{ ...links[0], mtu: 0 }] }, 'must be a number from 1 to 65535'],
  [{ ...whole, links: [links[0], { ...links[2], bond_mode: 'lacp' }] }, 'links[1] "bond_mode" must be one of 802.1ad'],
  [{ ...whole, links: [{ ...links[3], vlan_id: '7' }] }, 'links[0] "vlan_id" must be a whole number'],
  [{ ...whole, networks: [{ ...networks[0], ip_address: '10.0.0' }] }, 'networks[0] "ip_address" must be an IPv4 address'],
  [{ ...whole, networks: [{ ...networks[0], netmask: '255.0.255.0' }] }, 'networks[0] "netmask" must be a network mask'],
  [{ ...whole, networks: [{ ...networks[1], ip_address: '10.0.0.2' }] }, 'must be an IPv6 address'],
  [{ ...whole, networks: [{ ...networks[0], routes: [{ network: '0.0.0.0' }] }] }, 'networks[0] routes[0] needs "netmask"'],
  [{ ...whole, services: [{ ...services[0], type: 'ntp' }] }, 'services[0] "type" must be one of dns'],
])('refuses %j', (data, words) => {
  expect(unfitNetworkData(data)).toContain(words)
})

/** Hardware interfaces by kind, as the original names them; the first of each list is the default. */
export const KINDS = [
  'bios',
  'boot',
  'console',
  'deploy',
  'firmware',
  'inspect',
  'management',
  'network',
  'power',
  'raid',
  'rescue',
  'storage',
  'vendor',
] as const

export type Kind = (typeof KINDS)[number]

export const NETWORKS = ['noop', 'flat', 'neutron'] as const

type Table = Readonly<Record<Kind, readonly string[]>>

const common: Table = {
  bios: ['no-bios'],
  boot: ['ipxe', 'pxe', 'http-ipxe', 'http'],
  console: ['no-console'],
  deploy: ['direct', 'ramdisk', 'custom-agent', 'ansible'],
  firmware: ['no-firmware'],
  inspect: ['no-inspect', 'agent'],
  management: ['noop'],
  network: ['noop', 'flat', 'neutron'],
  power: ['noop'],
  raid: ['no-raid', 'agent'],
  rescue: ['no-rescue', 'agent'],
  storage: ['noop', 'cinder', 'external'],
  vendor: ['no-vendor'],
}

/** A hardware type whose power and management have a name of their own, before or beside those that it shares. */
const own = (name: string, more: Partial<Record<Kind, readonly string[]>> = {}): Table => ({
  ...common,
  power: [name],
  management: [name],
  ...more,
})

/** By SSH to the BMC, which leads to the machine's serial console. */
const redfishConsole = ['no-console', 'redfish-serial']
const redfishBoot = [...common.boot, 'redfish-virtual-media', 'redfish-https']

const TABLES: Readonly<Record<string, Table>> = {
  redfish: own('redfish', {
    bios: ['redfish', 'no-bios'],
    raid: ['redfish', 'no-raid', 'agent'],
    firmware: ['redfish', 'no-firmware'],
    boot: redfishBoot,
    console: redfishConsole,
    inspect: ['redfish', 'no-inspect', 'agent'],
    vendor: ['no-vendor', 'redfish'],
  }),
  idrac: own('idrac-redfish', {
    power: ['idrac-redfish', 'redfish'],
    management: ['idrac-redfish', 'redfish'],
    bios: ['idrac-redfish', 'redfish', 'no-bios'],
    raid: ['idrac-redfish', 'redfish', 'no-raid', 'agent'],
    firmware: ['redfish', 'no-firmware'],
    boot: [...redfishBoot, 'idrac-redfish-virtual-media'],
    console: redfishConsole,
    inspect: ['idrac-redfish', 'redfish', 'no-inspect', 'agent'],
    vendor: ['no-vendor', 'idrac-redfish', 'redfish'],
  }),
  ilo: own('ilo', {
    bios: ['ilo', 'no-bios'],
    raid: ['no-raid', 'agent', 'redfish'],
    firmware: ['no-firmware', 'redfish'],
    power: ['ilo', 'redfish'],
    management: ['ilo', 'redfish'],
    boot: [...redfishBoot, 'ilo-virtual-media'],
    console: redfishConsole,
  }),
  ilo5: own('ilo5', {
    bios: ['ilo', 'no-bios'],
    raid: ['ilo5', 'no-raid', 'agent'],
    firmware: ['no-firmware', 'redfish'],
    power: ['ilo', 'redfish'],
    management: ['ilo5', 'redfish'],
    boot: [...redfishBoot, 'ilo-virtual-media'],
    console: redfishConsole,
  }),
  ipmi: own('ipmitool', { console: ['no-console', 'ipmitool-socat'], vendor: ['no-vendor', 'ipmitool'] }),
  'fake-hardware': Object.fromEntries(
    KINDS.map(kind => [kind, kind === 'network' || kind === 'storage' ? [...common[kind], 'fake'] : ['fake', ...common[kind]]]),
  ) as unknown as Table,
}

/** The interfaces of a hardware type; one that is not in the table (a package's) has its own name for power and management. */
export const interfacesOf = (driver: string): Table => (Object.hasOwn(TABLES, driver) ? TABLES[driver]! : own(driver))

/** What a node gets that names none. `network`: the site’s choice, where the hardware type has it. */
export const defaultOf = (driver: string, kind: Kind, network?: string): string => {
  const table = interfacesOf(driver)[kind]
  return kind === 'network' && network !== undefined && table.includes(network) ? network : table[0]!
}

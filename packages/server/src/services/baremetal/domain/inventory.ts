/** What inspection found, as an agent tells it, and what is worked out from it. */
export interface Inventory {
  readonly inventory: Readonly<Record<string, unknown>>
  readonly plugin_data: Readonly<Record<string, unknown>>
}

/** What a BMC says that a machine is. */
interface Identity {
  readonly vendor: string | null
  readonly model: string | null
  readonly serial: string | null
  readonly bmcVersion: string | null
  readonly biosVersion: string | null
  readonly cpus: number | null
  readonly memoryMb: number | null
  readonly macs: readonly string[]
}

/** The inventory that inspection out of band takes down, in the form that an agent’s has; what the BMC does not tell is left out. */
export const inventoryOf = (is: Identity): Inventory => ({
  inventory: {
    interfaces: is.macs.map((mac, i) => ({ name: `nic${i}`, mac_address: mac })),
    ...(is.cpus === null ? {} : { cpu: { count: is.cpus } }),
    ...(is.memoryMb === null ? {} : { memory: { physical_mb: is.memoryMb, total: is.memoryMb * 1024 * 1024 } }),
    system_vendor: {
      manufacturer: is.vendor,
      product_name: is.model,
      serial_number: is.serial,
      ...(is.biosVersion === null ? {} : { firmware: { version: is.biosVersion } }),
    },
  },
  plugin_data: {},
})

/** The firmware that it says it runs. */
export const componentsOf = (is: Identity) => [
  { component: 'bios', version: is.biosVersion, vendor: is.vendor, model: is.model },
  { component: 'bmc', version: is.bmcVersion, vendor: is.vendor, model: is.model },
]

import { once, resource, ro, rw } from '../define.ts'
import { bool, list, object, string, time, uuid } from '../types.ts'
import { maskInstance } from './masks.ts'
import { conductorGroup } from './types.ts'

const n = { nullable: true, default: null } as const
const w = (policy: string) => ({ policy: `baremetal:node:${policy}` }) as const
/** Each in the original's own words, which differ. */
const value = (field: string, words: string) => ({ policy: `baremetal:node:get:${field}`, hidden: { as: words } }) as const
const content = (field: string, words: string) => ({ policy: `baremetal:node:get:${field}`, hidden: { as: { content: words } } }) as const

const iface = (since: number, kind: string) =>
  rw(string(), { ...n, since, write: w('update:driver_interfaces'), doc: `How the driver does ${kind}; null takes the driver's default.` })

/** What the API knew before a state had its present name. */
const oldState = (state: unknown, version: number): unknown =>
  state === 'available' && version < 2 ? null : state === 'inspect wait' && version < 39 ? 'inspecting' : state

/** A bare metal machine. Source: the Bare Metal API reference, microversions up to 1.115. */
export const node = resource({
  service: 'baremetal',
  name: 'node',
  plural: 'nodes',
  path: '/v1/nodes',
  id: 'uuid',
  alias: 'name',
  detail: true,
  relations: { owner: 'owner', lessee: 'lessee' },
  policy: {
    list: 'baremetal:node:list',
    listAll: 'baremetal:node:list_all',
    show: 'baremetal:node:get',
    create: 'baremetal:node:create:self_owned_node',
    update: 'baremetal:node:update',
    delete: 'baremetal:node:delete:self_owned_node',
  },
  brief: ['instance_uuid', 'maintenance', 'power_state', 'provision_state', 'uuid', 'name', 'links'],
  always: ['links'],
  fields: {
    uuid: once(uuid(), { sort: true, doc: 'Made by the server when it is left out.' }),
    // The type is wider than a name's: a bad name has an error text of its own, and so has an old version.
    name: rw(string(255), { ...n, since: 5, sort: true, write: w('update:name'), doc: 'Unique among the nodes of one owner.' }),
    driver: rw(string(), { required: true, filter: 16, sort: true, write: w('update:driver_interfaces') }),
    driver_info: rw(object(), {
      default: {},
      read: content('driver_info', '** Redacted - requires baremetal:node:get:driver_info permission. **'),
      write: w('update:driver_info'),
      doc: 'What the driver needs to reach the machine. Secrets are shown as ******, and written as that they stay as they are.',
    }),
    driver_internal_info: ro(object(), {
      since: 3,
      secret: true,
      read: content('driver_internal_info', '** Redacted - Requires baremetal:node:get:driver_internal_info permission. **'),
    }),
    properties: rw(object(), {
      default: {},
      write: w('update:properties'),
      doc: 'What the machine has: cpus, memory_mb, local_gb, cpu_arch, capabilities. `erase: none` is the owner’s word that its disks need no wiping.',
    }),
    extra: rw(object(), { default: {}, write: w('update_extra') }),
    instance_info: rw(object(), {
      default: {},
      secret: true,
      read: { policy: 'show_instance_secrets', hidden: { by: maskInstance } },
      write: w('update_instance_info'),
    }),
    instance_uuid: rw(uuid(), { ...n, filter: true, sort: true, write: w('update:instance_uuid') }),
    instance_name: rw(string(255, 1), { ...n, since: 104, filter: true, sort: true, write: w('update_instance_info') }),
    chassis_uuid: rw(uuid(), { ...n, filter: true, write: w('update:chassis_uuid') }),
    power_state: ro(string(), { ...n, sort: true }),
    target_power_state: ro(string(), { ...n, sort: true }),
    provision_state: ro(string(), { ...n, filter: 9, sort: true, wire: oldState, wireUntil: 39 }),
    target_provision_state: ro(string(), { ...n, sort: true, wire: oldState, wireUntil: 39 }),
    provision_updated_at: ro(time(), { ...n, sort: true }),
    maintenance: rw(bool(), { default: false, filter: true, sort: true }),
    maintenance_reason: ro(string(65_536), { ...n, sort: true }),
    fault: ro(string(), { ...n, since: 42, filter: true, sort: true }),
    last_error: ro(string(65_536), {
      ...n,
      sort: true,
      read: value('last_error', '** Value Redacted - Requires baremetal:node:get:last_error permission. **'),
    }),
    reservation: ro(string(), {
      ...n,
      sort: true,
      read: value('reservation', '** Redacted - requires baremetal:node:get:reservation permission. **'),
    }),
    resource_class: rw(string(80), { ...n, since: 21, filter: true, sort: true }),
    network_interface: iface(20, 'networking'),
    boot_interface: iface(31, 'booting'),
    console_interface: iface(31, 'consoles'),
    deploy_interface: iface(31, 'deployment'),
    inspect_interface: iface(31, 'inspection'),
    management_interface: iface(31, 'management'),
    power_interface: iface(31, 'power'),
    raid_interface: iface(31, 'RAID'),
    vendor_interface: iface(31, 'what only its vendor has'),
    storage_interface: iface(33, 'remote storage'),
    rescue_interface: iface(38, 'rescue'),
    bios_interface: iface(40, 'BIOS settings'),
    firmware_interface: iface(86, 'firmware'),
    raid_config: ro(object(), { since: 12 }),
    target_raid_config: ro(object(), { since: 12 }),
    clean_step: ro(object(), { ...n, since: 7 }),
    deploy_step: ro(object(), { ...n, since: 44 }),
    service_step: ro(object(), { ...n, since: 87 }),
    inspection_started_at: ro(time(), { ...n, since: 6, sort: true }),
    inspection_finished_at: ro(time(), { ...n, since: 6, sort: true }),
    traits: ro(list(string()), { since: 37 }),
    conductor_group: rw(conductorGroup(), { default: '', since: 46, filter: true, sort: true, write: w('update:conductor_group') }),
    automated_clean: rw(bool(), {
      ...n,
      since: 47,
      sort: true,
      write: { policy: 'baremetal:node:disable_cleaning', when: (v: unknown): boolean => v === false },
    }),
    protected: rw(bool(), { default: false, since: 48, sort: true }),
    protected_reason: rw(string(65_536), { ...n, since: 48 }),
    conductor: ro(string(), { ...n, since: 49, computed: true }),
    owner: rw(string(255), { ...n, since: 50, filter: true, sort: true, write: w('update:owner') }),
    description: rw(string(4096), { ...n, since: 51, sort: true }),
    allocation_uuid: ro(uuid(), { ...n, since: 52 }),
    retired: rw(bool(), { default: false, since: 61, filter: true, sort: true, write: w('update:retired') }),
    retired_reason: rw(string(65_536), { ...n, since: 61, write: w('update:retired') }),
    lessee: rw(string(255), { ...n, since: 65, filter: true, sort: true, write: w('update:lessee') }),
    network_data: rw(object(), { default: {}, since: 66, write: w('update:network_data') }),
    boot_mode: ro(string(), { ...n, since: 75, sort: true }),
    secure_boot: ro(bool(), { ...n, since: 75, sort: true }),
    shard: rw(string(255), { ...n, since: 82, sort: true, write: w('update:shard') }),
    parent_node: rw(string(255), { ...n, since: 83, sort: true, write: w('update:parent_node') }),
    disable_power_off: rw(bool(), { default: false, since: 95, sort: true, write: w('update:disable_power_off') }),
    health: ro(string(), { ...n, since: 109 }),
    console_enabled: ro(bool(), { sort: true }),
    created_at: ro(time(), { ...n, sort: true }),
    updated_at: ro(time(), { ...n, sort: true }),
    links: ro(list(), { computed: true }),
    ports: ro(list(), { computed: true }),
    states: ro(list(), { computed: true, since: 14 }),
    portgroups: ro(list(), { computed: true, since: 24 }),
    volume: ro(list(), { computed: true, since: 32 }),
  },
  queries: {
    associated: { type: bool(), doc: 'With an instance, or without.' },
    description_contains: { type: string(4096), since: 51 },
    conductor: { type: string(), since: 49, doc: 'Conducted by that host.' },
    project: { type: string(), since: 65, doc: 'Of which it is the owner or the lessee.' },
    shard: { type: list(string()), since: 82, doc: 'In one of these shards.' },
    sharded: { type: bool(), since: 82 },
    include_children: { type: bool(), since: 83, doc: 'Child nodes as well; otherwise they are left out.' },
    parent_node: { type: string(), since: 83, doc: 'The children of that node, by UUID or name.' },
  },
  columns: {
    list: ['uuid', 'name', 'instance_uuid', 'power_state', 'provision_state', 'maintenance'],
    long: ['resource_class', 'owner', 'lessee', 'driver', 'properties', 'last_error', 'updated_at'],
  },
  doc: 'A bare metal machine.',
})

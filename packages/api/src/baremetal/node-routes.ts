/** Routes below one node, and what each takes. Source: the Bare Metal API reference. */
import { route } from '../define.ts'
import { bool, int, json, list, object, oneOf, string, uuid } from '../types.ts'
import { traits } from './types.ts'

const at = (path: string) => `/v1/nodes/:node/${path}`
const p = (name: string) => [`baremetal:node:${name}`] as const

export const getStates = route({ name: 'node.states.show', method: 'GET', path: at('states'), policies: p('get_states'), status: 200 })
export const setPower = route({
  name: 'node.power.set',
  method: 'PUT',
  path: at('states/power'),
  policies: p('set_power_state'),
  status: 202,
  body: {
    target: { type: string(), required: true, doc: 'power on, power off, rebooting, soft power off, soft rebooting.' },
    timeout: { type: int(), nullable: true, since: 27, doc: 'Seconds after which it counts as failed.' },
  },
})
export const setProvision = route({
  name: 'node.provision.set',
  method: 'PUT',
  path: at('states/provision'),
  policies: [
    ...p('set_provision_state'),
    'baremetal:node:set_provision_state:clean_steps',
    'baremetal:node:set_provision_state:service_steps',
  ],
  status: 202,
  bodyLimit: 67_108_864,
  body: {
    target: { type: string(), required: true, doc: 'A verb: manage, provide, clean, active, deleted, …' },
    configdrive: { type: json(), nullable: true },
    clean_steps: { type: list(object()), nullable: true },
    deploy_steps: { type: list(object()), nullable: true, since: 69 },
    service_steps: { type: list(object()), nullable: true, since: 87 },
    rescue_password: { type: string(), nullable: true },
    disable_ramdisk: { type: bool(), nullable: true, since: 70 },
    runbook: { type: string(), nullable: true, since: 92 },
  },
})
export const setBootMode = route({
  name: 'node.boot_mode.set',
  method: 'PUT',
  path: at('states/boot_mode'),
  since: 76,
  below: 'missing',
  policies: p('set_boot_mode'),
  status: 202,
  body: { target: { type: string(), required: true, doc: 'uefi or bios.' } },
})
export const setSecureBoot = route({
  name: 'node.secure_boot.set',
  method: 'PUT',
  path: at('states/secure_boot'),
  since: 76,
  below: 'missing',
  policies: p('set_secure_boot'),
  status: 202,
  body: { target: { type: bool(), required: true } },
})
export const setRaid = route({
  name: 'node.raid.set',
  method: 'PUT',
  path: at('states/raid'),
  since: 12,
  policies: p('set_raid_state'),
  status: 204,
  additional: true,
  body: {},
})
export const getConsole = route({
  name: 'node.console.show',
  method: 'GET',
  path: at('states/console'),
  policies: p('get_console'),
  status: 200,
})
export const setConsole = route({
  name: 'node.console.set',
  method: 'PUT',
  path: at('states/console'),
  policies: p('set_console_state'),
  status: 202,
  body: { enabled: { type: bool(), required: true } },
})
export const setMaintenance = route({
  name: 'node.maintenance.set',
  method: 'PUT',
  path: at('maintenance'),
  policies: p('set_maintenance'),
  status: 202,
  body: { reason: { type: string(65_536), nullable: true } },
})
export const clearMaintenance = route({
  name: 'node.maintenance.clear',
  method: 'DELETE',
  path: at('maintenance'),
  policies: p('clear_maintenance'),
  status: 202,
})
/** Ours: how the end of the last lease went, what is proven of the node, and what can be asked of it now. */
export const getRelease = route({ name: 'node.release.show', method: 'GET', path: at('release'), policies: p('get:release'), status: 200 })
/** Ours: an administrator's word that a quarantined node may be used by its owner although nothing is proven. */
export const releaseUnclean = route({
  name: 'node.release.unclean',
  method: 'PUT',
  path: at('release'),
  policies: p('release_unclean'),
  status: 202,
  body: { reason: { type: string(2000, 1), required: true, doc: 'Kept for good, with who said it.' } },
})
export const validate = route({ name: 'node.validate', method: 'GET', path: at('validate'), policies: p('validate'), status: 200 })

export const getBootDevice = route({
  name: 'node.boot_device.show',
  method: 'GET',
  path: at('management/boot_device'),
  policies: p('get_boot_device'),
  status: 200,
  hardware: true,
})
export const getBootDevices = route({
  name: 'node.boot_device.supported',
  method: 'GET',
  path: at('management/boot_device/supported'),
  policies: p('get_boot_device'),
  status: 200,
  hardware: true,
})
export const setBootDevice = route({
  name: 'node.boot_device.set',
  method: 'PUT',
  path: at('management/boot_device'),
  policies: p('set_boot_device'),
  status: 204,
  hardware: true,
  body: { boot_device: { type: string(), required: true }, persistent: { type: bool(), nullable: true } },
})
export const injectNmi = route({
  name: 'node.nmi.inject',
  method: 'PUT',
  path: at('management/inject_nmi'),
  since: 29,
  below: 'missing',
  policies: p('inject_nmi'),
  status: 204,
  hardware: true,
})
export const listIndicators = route({
  name: 'node.indicators.list',
  method: 'GET',
  path: at('management/indicators'),
  since: 63,
  policies: p('get_indicator_state'),
  status: 200,
  hardware: true,
})
export const getIndicator = route({
  name: 'node.indicators.show',
  method: 'GET',
  path: at('management/indicators/:indicator'),
  since: 63,
  policies: p('get_indicator_state'),
  status: 200,
  hardware: true,
})
export const setIndicator = route({
  name: 'node.indicators.set',
  method: 'PUT',
  path: at('management/indicators/:indicator'),
  since: 63,
  policies: p('set_indicator_state'),
  status: 204,
  hardware: true,
  body: { state: { type: string(), required: true, doc: 'on, off or blinking.' } },
})
export const getMedia = route({
  name: 'node.vmedia.show',
  method: 'GET',
  path: at('vmedia'),
  since: 93,
  below: 'missing',
  policies: p('vmedia:get'),
  status: 200,
  hardware: true,
})
export const attachMedia = route({
  name: 'node.vmedia.attach',
  method: 'POST',
  path: at('vmedia'),
  since: 89,
  below: 'missing',
  policies: p('vmedia:attach'),
  status: 204,
  hardware: true,
  body: {
    device_type: { type: oneOf('cdrom', 'disk', 'floppy'), required: true },
    image_url: { type: string(4096), required: true },
    image_download_source: { type: oneOf('http', 'local', 'swift') },
  },
})
export const detachMedia = route({
  name: 'node.vmedia.detach',
  method: 'DELETE',
  path: at('vmedia'),
  since: 89,
  below: 'missing',
  policies: p('vmedia:detach'),
  status: 204,
  hardware: true,
  query: { device_types: { type: list(string()) } },
})

export const listTraits = route({
  name: 'node.traits.list',
  method: 'GET',
  path: at('traits'),
  since: 37,
  policies: p('traits:list'),
  status: 200,
})
export const setTraits = route({
  name: 'node.traits.replace',
  method: 'PUT',
  path: at('traits'),
  policies: p('traits:set'),
  doc: 'Since 1.37. Older clients are told that there is no such method, as the original does.',
  status: 204,
  body: { traits: { type: traits(), required: true } },
})
export const addTrait = route({
  name: 'node.traits.add',
  method: 'PUT',
  path: at('traits/:trait'),
  policies: p('traits:set'),
  doc: 'Since 1.37. Older clients are told that there is no such method, as the original does.',
  status: 204,
})
export const clearTraits = route({
  name: 'node.traits.clear',
  method: 'DELETE',
  path: at('traits'),
  since: 37,
  below: 'missing',
  policies: p('traits:delete'),
  status: 204,
})
export const removeTrait = route({
  name: 'node.traits.remove',
  method: 'DELETE',
  path: at('traits/:trait'),
  since: 37,
  below: 'missing',
  policies: p('traits:delete'),
  status: 204,
})

export const listVifs = route({
  name: 'node.vifs.list',
  method: 'GET',
  path: at('vifs'),
  since: 28,
  below: 'missing',
  policies: p('vif:list'),
  status: 200,
})
export const attachVif = route({
  name: 'node.vifs.attach',
  method: 'POST',
  path: at('vifs'),
  since: 28,
  below: 'missing',
  policies: p('vif:attach'),
  status: 204,
  additional: true,
  body: {
    id: { type: string(), required: true, doc: 'The network service’s port.' },
    port_uuid: { type: uuid(), since: 67, doc: 'The node’s port to take.' },
    portgroup_uuid: { type: uuid(), since: 67, doc: 'The node’s port group to take.' },
  },
})
/** Without saying which: refused in words, as a client that forgot it would otherwise be told of methods. */
export const detachNoVif = route({
  name: 'node.vifs.detach.none',
  method: 'DELETE',
  path: at('vifs'),
  since: 28,
  below: 'missing',
  policies: p('vif:detach'),
  status: 204,
})
export const detachVif = route({
  name: 'node.vifs.detach',
  method: 'DELETE',
  path: at('vifs/:vif'),
  since: 28,
  below: 'missing',
  policies: p('vif:detach'),
  status: 204,
})

export const listHistory = route({
  name: 'node.history.list',
  method: 'GET',
  path: at('history'),
  since: 78,
  below: 'missing',
  policies: p('history:get'),
  status: 200,
  query: {
    detail: { type: bool() },
    marker: { type: uuid() },
    limit: { type: int() },
    sort_key: { type: oneOf('created_at') },
    sort_dir: { type: oneOf('asc', 'desc') },
  },
})
export const getHistory = route({
  name: 'node.history.show',
  method: 'GET',
  path: at('history/:event'),
  since: 78,
  below: 'missing',
  policies: p('history:get'),
  status: 200,
})
export const getInventory = route({
  name: 'node.inventory.show',
  method: 'GET',
  path: at('inventory'),
  since: 81,
  below: 'missing',
  policies: p('inventory:get'),
  status: 200,
})
export const listBios = route({
  name: 'node.bios.list',
  method: 'GET',
  path: at('bios'),
  since: 40,
  below: 'missing',
  policies: p('bios:get'),
  status: 200,
  query: { detail: { type: bool() }, fields: { type: list(string()) } },
})
export const getBios = route({
  name: 'node.bios.show',
  method: 'GET',
  path: at('bios/:setting'),
  since: 40,
  below: 'missing',
  policies: p('bios:get'),
  status: 200,
})
export const listFirmware = route({
  name: 'node.firmware.list',
  method: 'GET',
  path: at('firmware'),
  since: 86,
  below: 'missing',
  policies: p('firmware:get'),
  status: 200,
})
export const listChildren = route({
  name: 'node.children.list',
  method: 'GET',
  path: at('children'),
  since: 83,
  below: 'missing',
  policies: p('get'),
  status: 200,
})

const below = (what: string, noun: 'port' | 'portgroup', since?: number) =>
  [
    route({
      name: `node.${what}.list`,
      method: 'GET',
      path: at(what),
      ...(since === undefined ? {} : { since, below: 'missing' as const }),
      policies: [`baremetal:${noun}:get`],
      status: 200,
    }),
    route({
      name: `node.${what}.list.detail`,
      method: 'GET',
      path: at(`${what}/detail`),
      ...(since === undefined ? {} : { since, below: 'missing' as const }),
      policies: [`baremetal:${noun}:get`],
      status: 200,
    }),
  ] as const

export const nodePorts = below('ports', 'port')
export const nodePortgroups = below('portgroups', 'portgroup', 24)

import {
  attachMedia,
  detachMedia,
  getBootDevice,
  getBootDevices,
  getIndicator,
  getMedia,
  injectNmi,
  listIndicators,
  setBootDevice,
  setIndicator,
} from '@esi/api/baremetal/node-routes'
import type { Capability } from '../../../drivers/bmc/driver.ts'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import type { Hardware } from '../waiting.ts'
import type { World } from '../world.ts'
import { look, mustBeFree, mustNotBeReleasing } from './act.ts'

const DEVICES = ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot', 'usb', 'iscsiboot', 'floppy', 'http', 'uefihttp']
const MEDIA = ['cdrom', 'disk', 'floppy'] as const
const SCHEMES = ['http', 'https', 'nfs', 'cifs']
const LIGHTS = ['on', 'off', 'blinking'] as const
/** The one light that every machine has: the one that is there to find it. */
const LED = 'led@system'

/** What the hardware itself answers, through the conductor. */
export const hardwareRoutes = (world: World, nodes: Engine, hardware: Hardware): Route[] => {
  const needs = (node: Readonly<Item>, what: Capability, extension: string): void => {
    const driver = world.drivers.get(node['driver'] as string)
    if (!driver?.can.includes(what)) throw errors.unsupported(node['driver'] as string, extension)
  }
  const indicator = (name: string): void => {
    if (!name.includes('@')) throw errors.invalid(`Malformed indicator name "${name.slice(0, 100)}"`)
    if (name !== LED) throw errors.missing(`Indicator ${name} could not be found.`)
  }

  return [
    look(nodes, getBootDevice, async (node, context) => {
      needs(node, 'boot device', 'management')
      const { device, persistent } = await hardware.ask(node, 'boot_device.get', {}, context)
      return { status: 200, body: { boot_device: device, persistent } }
    }),
    look(nodes, getBootDevices, async (node, context) => {
      needs(node, 'boot device', 'management')
      const { devices } = await hardware.ask(node, 'boot_device.supported', {}, context)
      return { status: 200, body: { supported_boot_devices: devices } }
    }),
    look(nodes, setBootDevice, async (node, context, { body }) => {
      needs(node, 'boot device', 'management')
      if (!DEVICES.includes(body.boot_device)) throw errors.invalid(`Invalid boot device ${body.boot_device.slice(0, 60)} specified.`)
      mustBeFree(node)
      mustNotBeReleasing(node)
      await hardware.ask(node, 'boot_device.set', { device: body.boot_device, persistent: body.persistent ?? false }, context)
      return { status: 204 }
    }),
    look(nodes, injectNmi, async (node, context) => {
      needs(node, 'nmi', 'inject_nmi')
      mustBeFree(node)
      mustNotBeReleasing(node)
      await hardware.ask(node, 'nmi', {}, context)
      return { status: 204 }
    }),

    look(nodes, listIndicators, async (node, context) => {
      const there = world.drivers.get(node['driver'] as string)?.can.includes('indicator') === true
      return { status: 200, body: { indicators: there ? [light(context, node)] : [] } }
    }),
    look(nodes, getIndicator, async (node, context, { params }) => {
      needs(node, 'indicator', 'get_indicator_state')
      indicator(params['indicator']!)
      const { state } = await hardware.ask(node, 'indicator.get', {}, context)
      return { status: 200, body: { state } }
    }),
    look(nodes, setIndicator, async (node, context, { params, body }) => {
      needs(node, 'indicator', 'set_indicator_state')
      indicator(params['indicator']!)
      const wanted = LIGHTS.find(each => each === body.state.toLowerCase())
      if (wanted === undefined) throw errors.invalid(`Invalid indicator state ${body.state.slice(0, 60)}: it is on, off or blinking`)
      mustBeFree(node)
      mustNotBeReleasing(node)
      await hardware.ask(node, 'indicator.set', { state: wanted }, context)
      return { status: 204 }
    }),

    look(nodes, getMedia, async (node, context) => {
      needs(node, 'virtual media', 'get_virtual_media')
      const { slots } = await hardware.ask(node, 'media.get', {}, context)
      return {
        status: 200,
        body: slots.map(slot => ({ media_types: slot.types, inserted: slot.image !== null, image: slot.image })),
      }
    }),
    look(nodes, attachMedia, async (node, context, { body }) => {
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(body.image_url)?.[1]?.toLowerCase() ?? ''
      if (!SCHEMES.includes(scheme)) throw errors.invalid(`Unsupported or missing URL scheme: ${scheme}`)
      needs(node, 'virtual media', 'attach_virtual_media')
      mustBeFree(node)
      mustNotBeReleasing(node)
      await hardware.ask(node, 'media.insert', { type: body.device_type, url: body.image_url }, context)
      return { status: 204 }
    }),
    look(nodes, detachMedia, async (node, context, { query }) => {
      const given = query.device_types ?? []
      const bad = given.filter(type => !(MEDIA as readonly string[]).includes(type))
      if (bad.length > 0) throw errors.invalid(`Invalid device type(s) ${bad.join(', ').slice(0, 100)} (valid are ${MEDIA.join(', ')})`)
      needs(node, 'virtual media', 'detach_virtual_media')
      mustBeFree(node)
      mustNotBeReleasing(node)
      await hardware.ask(node, 'media.eject', { types: given.length === 0 ? 'all' : (given as (typeof MEDIA)[number][]) }, context)
      return { status: 204 }
    }),
  ]
}

const light = (context: Context, node: Readonly<Item>) => ({
  name: LED,
  component: 'system',
  readonly: false,
  states: LIGHTS,
  links: links(context, `nodes/${node['uuid']}/management/indicators/${LED}`),
})

import type { Flavour } from '../flavours/flavour.ts'
import { refuse } from './message.ts'
import { isText, readAction } from './patch.ts'
import { type Ask, collection, link, ok, type Reply, type Route, resource } from './route.ts'
import { taskAnswer } from './task-routes.ts'

const AT = '/redfish/v1/UpdateService'
const PARTS = { BIOS: 'bios', BMC: 'bmc' } as const
const FLASH_MS = 20_000

/**
 * Firmware. An update takes its version from the image's name (`bios-2.20.0.bin`), as nothing is fetched; it is under way for a
 * while, and a machine that loses power meanwhile does not start again.
 */
export function updateRoutes(f: Flavour): Route[] {
  if (!f.update) return []
  return [
    {
      path: AT,
      GET: () =>
        ok(
          resource(AT, 'UpdateService.v1_10_0.UpdateService', 'UpdateService', 'Update Service', {
            ServiceEnabled: true,
            FirmwareInventory: link(`${AT}/FirmwareInventory`),
            Actions: { '#UpdateService.SimpleUpdate': { target: `${AT}/Actions/UpdateService.SimpleUpdate` } },
            Status: { State: 'Enabled', Health: 'OK' },
          }),
        ),
    },
    {
      path: `${AT}/FirmwareInventory`,
      GET: () =>
        ok(
          collection(
            `${AT}/FirmwareInventory`,
            'SoftwareInventoryCollection',
            'Firmware Inventory',
            Object.keys(PARTS).map(p => `${AT}/FirmwareInventory/${p}`),
          ),
        ),
    },
    {
      path: `${AT}/FirmwareInventory/:id`,
      GET: ({ machine, params, path }) => {
        const part = PARTS[params['id'] as keyof typeof PARTS]
        if (!part) throw refuse('ResourceMissingAtURI', [path])
        return ok(
          resource(path, 'SoftwareInventory.v1_5_0.SoftwareInventory', params['id']!, `${params['id']} Firmware`, {
            Version: machine.state.firmware[part],
            Updateable: true,
            Status: { State: machine.flashing ? 'Updating' : 'Enabled', Health: machine.state.bricked ? 'Critical' : 'OK' },
          }),
        )
      },
    },
    { path: `${AT}/Actions/UpdateService.SimpleUpdate`, POST: update },
  ]
}

function update(ask: Ask): Reply {
  const action = 'UpdateService.SimpleUpdate'
  const { machine } = ask
  const given = readAction(
    action,
    ask.body,
    {
      ImageURI: isText,
      TransferProtocol: isText,
      Targets: v => (Array.isArray(v) ? undefined : 'type'),
      Username: isText,
      Password: isText,
    },
    ['ImageURI'],
  )
  const image = given['ImageURI'] as string
  const [, part, version] = /\/(bios|bmc)[-_]v?(\d[\w.]*?)\.(?:bin|exe|rom|img)$/i.exec(image) ?? []
  if (!part || !version) throw refuse('ActionParameterValueFormatError', [image.slice(0, 60), 'ImageURI', action])
  if (machine.flashing) throw refuse('ResourceInUse', [], 409)
  const which = part.toLowerCase() as 'bios' | 'bmc'
  machine.flashing = which === 'bios'
  machine.note('OK', `An update of the ${part.toUpperCase()} to ${version} has begun.`)
  machine.saved()
  return taskAnswer(ask, `Update ${part.toUpperCase()}`, FLASH_MS, () => {
    machine.flashing = false
    if (machine.state.bricked) return 'power was lost while firmware was written'
    machine.state.firmware[which] = version
    machine.note('OK', `The ${part.toUpperCase()} was updated to ${version}.`)
    machine.saved()
    return undefined
  })
}

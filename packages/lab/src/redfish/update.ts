import type { Flavour } from '../flavours/flavour.ts'
import { refuse } from './message.ts'
import { isText, readAction } from './patch.ts'
import { type Ask, actionOf, collection, infoRoutes, link, ok, type Reply, type Route, resource } from './route.ts'
import { managerPath, systemPath } from './system.ts'
import { pendingAnswer, taskAnswer } from './task-routes.ts'

const AT = '/redfish/v1/UpdateService'
const INFO = `${AT}/SimpleUpdateActionInfo`
const PARTS = { BIOS: 'bios', BMC: 'bmc' } as const
const FLASH_MS = 20_000
const RESTART_AFTER_MS = 1_000

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
            Actions: {
              '#UpdateService.SimpleUpdate': actionOf(f, `${AT}/Actions/UpdateService.SimpleUpdate`, INFO, valuesOf(f)),
            },
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
      GET: ({ bmc, machine, params, path }) => {
        const part = PARTS[params['id'] as keyof typeof PARTS]
        if (!part) throw refuse('ResourceMissingAtURI', [path])
        return ok(
          resource(path, 'SoftwareInventory.v1_5_0.SoftwareInventory', params['id']!, `${params['id']} Firmware`, {
            Version: machine.state.firmware[part],
            Updateable: true,
            RelatedItem: [link(part === 'bios' ? `${systemPath(f)}/Bios` : managerPath(f))],
            Status: { State: bmc.writing === part ? 'Updating' : 'Enabled', Health: machine.state.bricked ? 'Critical' : 'OK' },
          }),
        )
      },
    },
    ...infoRoutes(f, INFO, 'SimpleUpdateActionInfo', valuesOf(f)),
    { path: `${AT}/Actions/UpdateService.SimpleUpdate`, POST: update },
  ]
}

/** What an update may name, with the part that it stands for. */
const targetsOf = (f: Flavour): ReadonlyMap<string, Part> =>
  new Map(
    f.updateTargets === 'none'
      ? []
      : f.updateTargets === 'owners'
        ? [
            [systemPath(f), 'bios'],
            [managerPath(f), 'bmc'],
          ]
        : Object.entries(PARTS).map(([id, part]) => [`${AT}/FirmwareInventory/${id}`, part]),
  )

const valuesOf = (f: Flavour): Readonly<Record<string, readonly string[]>> => {
  const targets = [...targetsOf(f).keys()]
  return { TransferProtocol: ['HTTP', 'HTTPS', 'NFS'], ...(targets.length > 0 ? { Targets: targets } : {}) }
}

type Part = (typeof PARTS)[keyof typeof PARTS]

function update(ask: Ask): Reply {
  const action = 'UpdateService.SimpleUpdate'
  const { bmc, machine, flavour: f } = ask
  const known = targetsOf(f)
  const given = readAction(
    action,
    ask.body,
    {
      ImageURI: isText,
      TransferProtocol: isText,
      ...(known.size > 0 ? { Targets: v => (!Array.isArray(v) ? 'type' : v.every(each => known.has(each)) ? undefined : 'list') } : {}),
      Username: isText,
      Password: isText,
    },
    ['ImageURI'],
  )
  const image = given['ImageURI'] as string
  const [, named, version] = /\/(bios|bmc)[-_]v?(\d[\w.]*?)\.(?:bin|exe|rom|img)$/i.exec(image) ?? []
  if (!named || !version) throw refuse('ActionParameterValueFormatError', [image.slice(0, 60), 'ImageURI', action])
  const part = named.toLowerCase() as Part
  const targets = (given['Targets'] as string[] | undefined) ?? []
  if (targets.some(target => known.get(target) !== part))
    throw refuse('ActionParameterValueNotInList', [targets.join(', ').slice(0, 60), 'Targets', action])
  if (bmc.writing !== null) throw refuse('ResourceInUse', [], 409)
  const strikes = { fails: ask.struck('update-fails'), ignored: ask.struck('update-ignored') }
  const name = `Update ${named.toUpperCase()}`
  const begin = () => {
    bmc.writing = part
    machine.flashing = part === 'bios'
    machine.note('OK', `An update of the ${named.toUpperCase()} to ${version} has begun.`)
    machine.saved()
  }
  const end = (): string | undefined => {
    bmc.writing = null
    machine.flashing = false
    if (machine.state.bricked) return 'power was lost while firmware was written'
    if (strikes.fails) {
      machine.note('Warning', `The update of the ${named.toUpperCase()} has failed.`)
      return 'The image does not verify.'
    }
    machine.note('OK', `The ${named.toUpperCase()} was updated to ${version}.`)
    const runs = () => {
      if (!strikes.ignored) machine.state.firmware[part] = version
      machine.saved()
    }
    if (part === 'bios') runs()
    // It runs its new firmware after a restart, and has forgotten what it was about.
    else
      machine.after(RESTART_AFTER_MS, () => {
        runs()
        bmc.restart()
      })
    return undefined
  }
  if (part === 'bmc' || f.biosUpdate === 'at once') {
    begin()
    return taskAnswer(ask, name, FLASH_MS, end)
  }
  return pendingAnswer(ask, name, (task, over) =>
    machine.nextStart(() => {
      task.state = 'Running'
      begin()
      machine.after(FLASH_MS, () => over(end()))
    }),
  )
}

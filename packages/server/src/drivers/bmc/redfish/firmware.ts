import { BmcError, type Firmware, type Job } from '../driver.ts'
import { unsupported } from './faults.ts'
import { allowed, type Machine, related } from './machine.ts'
import { action, type Json, link, list, pathOf, type Resource, str } from './resource.ts'

/** Names under which inventories have the two parts that every machine has, where they are not tied to what they belong to. */
const NAMES = {
  bios: /(^|[^a-z])(bios|system ?rom|uefi)([^a-z]|$)/i,
  bmc: /(^|[^a-z])(bmc|idrac|ilo|xcc|management controller)([^a-z]|$)/i,
}

interface Part extends Firmware {
  /** Of the inventory; null where the part is known only by its version. */
  readonly path: string | null
}

const service = async (m: Machine): Promise<Resource | null> =>
  await m.link.find(link((await m.link.root(m.call)).body, 'UpdateService'), m.call)

/** BIOS and BMC as system and manager tell them, which is what runs; the others as the inventory has them. */
const parts = async (m: Machine, update: Resource | null): Promise<readonly Part[]> => {
  const [manager] = await related(m, 'Managers')
  const inventory = await m.link.members(link(update?.body, 'FirmwareInventory'), m.call)
  const busy = str(update?.body, 'Status', 'State') === 'Updating'
  const belongs = (body: Json, path: string | undefined) =>
    path !== undefined && list(body, 'RelatedItem').some(item => pathOf(str(item, '@odata.id')) === path)
  // Older versions that are kept for going back to are no part of the machine.
  const current = inventory.filter(({ body }) => !/^(Previous|Available|Rollback)/i.test(str(body, 'Id') ?? ''))
  const find = (which: 'bios' | 'bmc', of: readonly (string | undefined)[]) =>
    current.find(({ body }) => of.some(path => belongs(body, path))) ??
    current.find(({ body }) => NAMES[which].test(`${str(body, 'Id') ?? ''} ${str(body, 'Name') ?? ''}`))
  const bios = find('bios', [m.system.path, link(m.system.body, 'Bios') ?? undefined])
  const bmc = find('bmc', [manager?.path])
  const part = (component: string, version: string | null, item: Resource | undefined): Part => ({
    component,
    version: version ?? str(item?.body, 'Version'),
    updatable: update !== null && item?.body['Updateable'] !== false,
    updating: busy || str(item?.body, 'Status', 'State') === 'Updating',
    path: item?.path ?? null,
  })
  return [
    part('bios', str(m.system.body, 'BiosVersion'), bios),
    part('bmc', str(manager?.body, 'FirmwareVersion'), bmc === bios ? undefined : bmc),
    ...current.filter(item => item !== bios && item !== bmc).map(item => part(str(item.body, 'Id') ?? item.path, null, item)),
  ]
}

export const firmware = async (m: Machine): Promise<readonly Firmware[]> =>
  (await parts(m, await service(m))).map(({ path: _, ...part }) => part)

export const updateFirmware = async (m: Machine, component: string, url: string): Promise<Job> => {
  const { origin } = m.link.target
  if (!URL.canParse(url) || !/^(https?|nfs|cifs|ftp|tftp|sftp|scp):$/.test(new URL(url).protocol))
    throw new BmcError('settings', 'The firmware must be given by a URL that the BMC can fetch, with http or https.')
  const update = await service(m)
  const simple = action(update?.body, '#UpdateService.SimpleUpdate')
  if (update === null || simple === null) throw unsupported(origin, 'cannot write firmware. Do it by its own page')
  const all = await parts(m, update)
  const part = all.find(each => each.component === component)
  if (part === undefined)
    throw new BmcError(
      'settings',
      `The BMC at ${origin} has no firmware "${component.slice(0, 60)}", only ${all.map(p => p.component).join(', ')}.`,
    )
  if (!part.updatable) throw unsupported(origin, `cannot write the firmware of "${component}"`)
  const writes = all.find(each => each.updating)
  if (writes !== undefined)
    throw new BmcError('busy', `The BMC at ${origin} is writing firmware just now (${writes.component}). Try again when it has ended.`)
  const protocol = new URL(url).protocol.slice(0, -1).toUpperCase()
  const takesTargets = simple.body['Targets@Redfish.AllowableValues'] !== undefined
  const body: Json = {
    ImageURI: url,
    ...(allowed(simple.body, 'TransferProtocol')?.includes(protocol) ? { TransferProtocol: protocol } : {}),
    ...(takesTargets && part.path !== null ? { Targets: [part.path] } : {}),
  }
  return await m.link.begin('POST', simple.target, body, m.call)
}

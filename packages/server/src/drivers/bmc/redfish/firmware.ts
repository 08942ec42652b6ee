import { BmcError, type Firmware, type Job } from '../driver.ts'
import { unsupported } from './faults.ts'
import { type Machine, parameterOf, related } from './machine.ts'
import { action, type Json, link, list, pathOf, type Resource, str } from './resource.ts'

/** Names under which inventories have the two parts that every machine has, where they are not tied to what they belong to. */
const NAMES = {
  bios: /(^|[^a-z])(bios|system ?rom|uefi)([^a-z]|$)/i,
  bmc: /(^|[^a-z])(bmc|idrac|ilo|xcc|management controller)([^a-z]|$)/i,
}

/** So many network cards of a chassis are looked at. */
const CARDS = 32

interface Part extends Firmware {
  /** What an update may name as its target: the part in the inventory, and what it belongs to. */
  readonly targets: readonly string[]
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
  const cards = await adapters(m)
  const near = (card: Resource) =>
    current.find(({ body }) =>
      list(body, 'RelatedItem').some(item => {
        const path = pathOf(str(item, '@odata.id'))
        return path === card.path || path?.startsWith(`${card.path}/`) === true
      }),
    )
  const shown = new Set([bios, bmc, ...cards.map(near)])
  const part = (component: string, version: string | null, item: Resource | undefined, owner?: string): Part => ({
    component,
    version: version ?? str(item?.body, 'Version'),
    updatable: update !== null && item?.body['Updateable'] !== false,
    updating: busy || str(item?.body, 'Status', 'State') === 'Updating',
    targets: [item?.path, owner].filter(path => path !== undefined),
  })
  return [
    part('bios', str(m.system.body, 'BiosVersion'), bios, m.system.path),
    part('bmc', str(manager?.body, 'FirmwareVersion'), bmc === bios ? undefined : bmc, manager?.path),
    ...cards.map(card => part(cardName(card), packageOf(card), near(card), card.path)),
    ...current.filter(item => !shown.has(item)).map(item => part(str(item.body, 'Id') ?? item.path, null, item)),
  ]
}

const packageOf = ({ body }: Resource): string | null =>
  list(body, 'Controllers')
    .map(each => str(each, 'FirmwarePackageVersion'))
    .find(version => version !== null) ?? null

/** As Ironic calls them: by their serial number, or by what the BMC calls them. */
const cardName = ({ body, path }: Resource): string => `nic:${str(body, 'SerialNumber') ?? str(body, 'Id') ?? path}`

/** Network cards that tell what firmware they run. */
const adapters = async (m: Machine): Promise<readonly Resource[]> => {
  const found: Resource[] = []
  for (const chassis of await related(m, 'Chassis'))
    found.push(...(await m.link.members(link(chassis.body, 'NetworkAdapters'), m.call, CARDS)))
  return found.filter(card => packageOf(card) !== null)
}

export const firmware = async (m: Machine): Promise<readonly Firmware[]> =>
  (await parts(m, await service(m))).map(({ targets: _, ...part }) => part)

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
  const protocols = (await parameterOf(m, simple.body, 'TransferProtocol')).values
  const targets = await parameterOf(m, simple.body, 'Targets')
  const target = part.targets.find(path => targets.values === undefined || targets.values.length === 0 || targets.values.includes(path))
  const body: Json = {
    ImageURI: url,
    ...(protocols?.includes(protocol) ? { TransferProtocol: protocol } : {}),
    ...(targets.takes && target !== undefined ? { Targets: [target] } : {}),
  }
  return await m.link.begin('POST', simple.target, body, m.call)
}

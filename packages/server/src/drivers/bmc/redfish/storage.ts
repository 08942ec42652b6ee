import { BmcError, type Controller, type Drive, type Job, type NewVolume, type Volume } from '../driver.ts'
import { unsupported } from './faults.ts'
import type { Machine } from './machine.ts'
import { isObject, type Json, link, list, num, pathOf, type Resource, str, strings } from './resource.ts'

/** So many of each are read; a machine with more has them behind several BMCs. */
const MOST = { controllers: 16, drives: 256, volumes: 256 } as const

/** VolumeType of older services, which say no RAIDType. */
const TYPES: Readonly<Record<string, string>> = {
  NonRedundant: 'RAID0',
  Mirrored: 'RAID1',
  StripedWithParity: 'RAID5',
  SpannedMirrors: 'RAID10',
  SpannedStripesWithParity: 'RAID50',
  RawDevice: 'None',
}

interface Found {
  readonly resource: Resource
  readonly controller: Controller
  /** Where its drives are, by id. */
  readonly paths: ReadonlyMap<string, string>
  readonly volumes: string | null
}

const all = async (m: Machine): Promise<readonly Found[]> => {
  const members = await m.link.members(link(m.system.body, 'Storage'), m.call, MOST.controllers)
  const found: Found[] = []
  for (const resource of members) found.push(await one(m, resource))
  return found
}

const one = async (m: Machine, resource: Resource): Promise<Found> => {
  const { body } = resource
  const paths = new Map<string, string>()
  const drives: Drive[] = []
  for (const each of list(body, 'Drives').slice(0, MOST.drives)) {
    const path = pathOf(str(each, '@odata.id'))
    const drive = await m.link.find(path, m.call)
    if (path === null || drive === null || str(drive.body, 'Status', 'State') === 'Absent') continue
    const id = str(drive.body, 'Id') ?? path
    paths.set(id, path)
    drives.push({ id, ...driveOf(drive.body) })
  }
  const byPath = new Map([...paths].map(([id, path]) => [path, id]))
  const volumes = link(body, 'Volumes')
  return {
    resource,
    paths,
    volumes,
    controller: {
      id: str(body, 'Id') ?? resource.path,
      name: str(body, 'Name'),
      levels: await levelsOf(m, body),
      drives,
      volumes: (await m.link.members(volumes, m.call, MOST.volumes)).map(each => volumeOf(each, byPath)),
    },
  }
}

const driveOf = (body: Json): Omit<Drive, 'id'> => {
  const media = str(body, 'MediaType')
  return {
    bytes: num(body, 'CapacityBytes') ?? 0,
    media: media === 'HDD' || media === 'SMR' ? 'hdd' : media === 'SSD' ? 'ssd' : null,
    protocol: str(body, 'Protocol'),
    serial: str(body, 'SerialNumber'),
    healthy: (str(body, 'Status', 'Health') ?? 'OK') !== 'Critical',
  }
}

const volumeOf = ({ body, path }: Resource, byPath: ReadonlyMap<string, string>): Volume => ({
  id: str(body, 'Id') ?? path,
  name: str(body, 'DisplayName') ?? str(body, 'Name'),
  level: str(body, 'RAIDType') ?? TYPES[str(body, 'VolumeType') ?? ''] ?? null,
  bytes: num(body, 'CapacityBytes') ?? num(body, 'Capacity', 'Data', 'AllocatedBytes'),
  drives: list(body, 'Links', 'Drives')
    .map(drive => byPath.get(pathOf(str(drive, '@odata.id')) ?? ''))
    .filter(id => id !== undefined),
})

/** What its controller can do: told by the controller in the storage, or in a resource of its own (newer services). */
const levelsOf = async (m: Machine, body: Json): Promise<readonly string[] | null> => {
  const inline = list(body, 'StorageControllers')
    .filter(isObject)
    .find(each => Array.isArray(each['SupportedRAIDTypes']))
  if (inline) return strings(inline, 'SupportedRAIDTypes')
  const [controller] = await m.link.members(link(body, 'Controllers'), m.call, 1)
  return controller && Array.isArray(controller.body['SupportedRAIDTypes']) ? strings(controller.body, 'SupportedRAIDTypes') : null
}

export const storage = async (m: Machine): Promise<readonly Controller[]> => (await all(m)).map(({ controller }) => controller)

const named = async (m: Machine, id: string): Promise<Found> => {
  const found = await all(m)
  const it = found.find(({ controller }) => controller.id === id)
  if (it === undefined)
    throw new BmcError(
      'settings',
      `The BMC at ${m.link.target.origin} has no storage controller "${id.slice(0, 60)}", only ${found.map(f => f.controller.id).join(', ') || 'none'}.`,
    )
  return it
}

export const createVolume = async (m: Machine, wanted: NewVolume): Promise<Job> => {
  const { origin } = m.link.target
  const { paths, volumes } = await named(m, wanted.controller)
  if (volumes === null) throw unsupported(origin, `cannot join the disks of "${wanted.controller}"`)
  const missing = wanted.drives.filter(drive => !paths.has(drive))
  if (missing.length > 0) throw new BmcError('settings', `The controller ${wanted.controller} has no disk ${missing.join(', ')}.`)
  const collection = await m.link.get(volumes, m.call)
  const times = strings(collection.body, '@Redfish.OperationApplyTimeSupport', 'SupportedValues')
  const when = ['Immediate', 'OnReset'].find(time => times.includes(time))
  return await m.link.begin(
    'POST',
    volumes,
    {
      RAIDType: wanted.level,
      ...(wanted.bytes === null ? {} : { CapacityBytes: wanted.bytes }),
      ...(wanted.name === null ? {} : { Name: wanted.name }),
      Links: { Drives: wanted.drives.map(drive => ({ '@odata.id': paths.get(drive)! })) },
      ...(when === undefined ? {} : { '@Redfish.OperationApplyTime': when }),
    },
    m.call,
  )
}

export const deleteVolume = async (m: Machine, controller: string, volume: string): Promise<Job> => {
  const { volumes } = await named(m, controller)
  const members = await m.link.members(volumes, m.call, MOST.volumes)
  const found = members.find(({ body, path }) => (str(body, 'Id') ?? path) === volume)
  // Gone already is as wanted.
  if (found === undefined) return { at: null }
  return await m.link.begin('DELETE', found.path, undefined, m.call)
}

/** A controller as its BMC tells it. */
export interface Controller {
  readonly id: string
  readonly levels: readonly string[] | null
  readonly drives: readonly Drive[]
  readonly volumes: readonly Volume[]
}

export interface Drive {
  readonly id: string
  readonly bytes: number
  readonly media: 'hdd' | 'ssd' | null
  readonly protocol: string | null
  readonly healthy: boolean
}

export interface Volume {
  readonly id: string
  readonly name: string | null
  readonly level: string | null
  readonly bytes: number | null
  readonly drives: readonly string[]
}

/** A logical disk of `target_raid_config`, checked before (domain/raid.ts). */
export type Logical = Readonly<Record<string, unknown>>

export interface Planned {
  readonly controller: string
  readonly level: string
  /** Null for as much as there is. */
  readonly bytes: number | null
  readonly drives: readonly string[]
  readonly name: string | null
  readonly root: boolean
}

/** No arrangement of the disks gives what is wanted; a sentence that says of which logical disk. */
export class NoPlan extends Error {}

const GIB = 1024 ** 3

interface Level {
  /** In the words of Redfish. */
  readonly word: string
  readonly least: number
  readonly most: number
  readonly even?: true
  /** How many of so many disks hold data. */
  readonly data: (disks: number) => number
}

export const LEVELS: Readonly<Record<string, Level>> = {
  JBOD: { word: 'None', least: 1, most: 1, data: () => 1 },
  '0': { word: 'RAID0', least: 1, most: 32, data: n => n },
  '1': { word: 'RAID1', least: 2, most: 2, data: () => 1 },
  '5': { word: 'RAID5', least: 3, most: 32, data: n => n - 1 },
  '6': { word: 'RAID6', least: 4, most: 32, data: n => n - 2 },
  '1+0': { word: 'RAID10', least: 4, most: 32, even: true, data: n => n / 2 },
  '5+0': { word: 'RAID50', least: 6, most: 32, even: true, data: n => n - 2 },
  '6+0': { word: 'RAID60', least: 8, most: 32, even: true, data: n => n - 4 },
}

export const levelOf = (word: string | null): string | null => Object.entries(LEVELS).find(([, level]) => level.word === word)?.[0] ?? null

interface State {
  readonly drive: Drive
  readonly controller: Controller
  free: number
  /** Whether what is on it lets others be on it too; null while nothing is. */
  shared: boolean | null
}

/**
 * Which disks are joined to what: disks that are named first, then the largest sizes, at last those that take what is left. Each takes
 * as few and as small disks as will do, of one controller and one kind. Disks that are part of a volume already are left alone.
 */
export const plan = (wanted: readonly Logical[], controllers: readonly Controller[]): readonly Planned[] => {
  const taken = new Set(controllers.flatMap(c => c.volumes.flatMap(v => v.drives.map(d => `${c.id}/${d}`))))
  const states: State[] = controllers.flatMap(controller =>
    controller.drives
      .filter(drive => drive.healthy && drive.bytes > 0 && !taken.has(`${controller.id}/${drive.id}`))
      .map(drive => ({ drive, controller, free: drive.bytes, shared: null })),
  )
  const order = wanted.map((logical, index) => ({ logical, index }))
  const size = ({ size_gb: gb }: Logical) => (gb === 'MAX' ? 0 : Number(gb))
  order.sort((a, b) => Number(named(b.logical)) - Number(named(a.logical)) || size(b.logical) - size(a.logical))
  const planned: Planned[] = []
  for (const { logical, index } of order) planned[index] = place(logical, index, states)
  return planned
}

const named = (logical: Logical): boolean => Array.isArray(logical['physical_disks'])

const place = (logical: Logical, index: number, states: readonly State[]): Planned => {
  const what = `logical disk ${index + 1} (RAID ${logical['raid_level']}, ${logical['size_gb']} GiB)`
  const level = LEVELS[String(logical['raid_level'])]
  if (!level) throw new NoPlan(`No controller can be asked for RAID ${logical['raid_level']}, which ${what} is to be.`)
  if (logical['interface_type'] === 'scsi') throw new NoPlan(`SCSI disks are not known here, which ${what} asks for.`)
  const share = logical['share_physical_disks'] === true
  const bytes = logical['size_gb'] === 'MAX' ? null : Number(logical['size_gb']) * GIB
  const usable = states.filter(
    ({ drive, controller, shared }) =>
      (shared === null || (shared && share)) &&
      (controller.levels === null || controller.levels.includes(level.word) || level.word === 'None') &&
      (logical['controller'] === undefined || controller.id === logical['controller']) &&
      (logical['disk_type'] === undefined || drive.media === logical['disk_type']) &&
      (logical['interface_type'] === undefined || drive.protocol?.toLowerCase() === logical['interface_type']),
  )
  const chosen = named(logical) ? byName(logical, what, level, usable) : bySize(logical, level, bytes, usable)
  if (chosen === null) {
    const count = logical['number_of_physical_disks'] ?? `at least ${level.least}`
    throw new NoPlan(`No disks are free for ${what}: it takes ${count} of one controller and one kind that are large enough.`)
  }
  const data = level.data(chosen.length)
  const room = Math.min(...chosen.map(state => state.free)) * data
  if (bytes !== null && bytes > room) throw new NoPlan(`The disks named for ${what} have only room for ${Math.floor(room / GIB)} GiB.`)
  for (const state of chosen) {
    state.free -= bytes === null ? state.free : bytes / data
    state.shared = share
  }
  return {
    controller: chosen[0]!.controller.id,
    level: level.word,
    bytes: bytes === null || bytes === 0 ? null : bytes,
    drives: chosen.map(({ drive }) => drive.id),
    name: (logical['volume_name'] as string | undefined) ?? null,
    root: logical['is_root_volume'] === true,
  }
}

const byName = (logical: Logical, what: string, level: Level, usable: readonly State[]): readonly State[] => {
  const names = logical['physical_disks'] as readonly unknown[]
  if (!names.every(name => typeof name === 'string')) throw new NoPlan(`The disks of ${what} must be named as the controller names them.`)
  const found = names.map(name => usable.find(({ drive }) => drive.id === name))
  const missing = names.filter((_, i) => found[i] === undefined)
  if (missing.length > 0) throw new NoPlan(`These disks for ${what} are not there, not free, or not fit: ${missing.join(', ')}.`)
  if (!fits(level, found.length)) throw new NoPlan(`${found.length} disks make no ${level.word}, which ${what} is to be.`)
  return found as State[]
}

const fits = (level: Level, count: number): boolean => count >= level.least && count <= level.most && (!level.even || count % 2 === 0)

/** Fewest disks, then smallest ones. */
const bySize = (logical: Logical, level: Level, bytes: number | null, usable: readonly State[]): readonly State[] | null => {
  const kinds = Map.groupBy(usable, ({ controller, drive }) => JSON.stringify([controller.id, drive.media, drive.protocol]))
  const asked = logical['number_of_physical_disks'] as number | undefined
  let best: readonly State[] | null = null
  for (const group of kinds.values()) {
    const sorted = [...group].sort((a, b) => a.free - b.free || a.drive.id.localeCompare(b.drive.id, 'en', { numeric: true }))
    // Whoever wants what there is gets all of it.
    const counts = asked !== undefined ? [asked] : range(level.least, Math.min(level.most, sorted.length))
    const tried = bytes === null && asked === undefined ? counts.reverse() : counts
    for (const count of tried) {
      if (!fits(level, count) || count > sorted.length) continue
      const at = sorted.findIndex(
        (state, i) => i + count <= sorted.length && state.free > 0 && state.free * level.data(count) >= (bytes ?? 1),
      )
      if (at < 0) continue
      const chosen = bytes === null ? sorted.slice(-count) : sorted.slice(at, at + count)
      if (best === null || better(chosen, best, bytes === null)) best = chosen
      break
    }
  }
  return best
}

const better = (a: readonly State[], b: readonly State[], most: boolean): boolean => {
  const total = (states: readonly State[]) => states.reduce((sum, { free }) => sum + free, 0)
  if (most) return total(a) > total(b)
  return a.length !== b.length ? a.length < b.length : total(a) < total(b)
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)

/** Which of the volumes that are there now, and were not before, each planned one has become; null for what is not there. */
export const matched = (planned: readonly Planned[], before: readonly string[], now: readonly Controller[]): readonly (Volume | null)[] => {
  const fresh = now
    .flatMap(c => c.volumes.map(volume => ({ key: `${c.id}/${volume.id}`, controller: c.id, volume })))
    .filter(v => !before.includes(v.key))
  const used = new Set<string>()
  const same = (wanted: Planned, { controller, volume }: (typeof fresh)[number]) =>
    controller === wanted.controller &&
    (volume.level === null || volume.level === wanted.level) &&
    (volume.drives.length === 0 || [...volume.drives].sort().join() === [...wanted.drives].sort().join())
  return planned.map(wanted => {
    const fit = fresh.filter(each => !used.has(each.key) && same(wanted, each))
    const found = fit.find(({ volume }) => wanted.name !== null && volume.name === wanted.name) ?? fit[0]
    if (found) used.add(found.key)
    return found?.volume ?? null
  })
}

/** As the API shows what there is; the sizes in GiB, rounded down. */
export const configOf = (
  controllers: readonly Controller[],
  roots: readonly string[] = [],
): { readonly logical_disks: readonly Logical[] } => ({
  logical_disks: controllers.flatMap(c =>
    c.volumes.flatMap(volume => {
      const level = levelOf(volume.level)
      if (level === null || level === 'JBOD') return []
      return [
        {
          id: volume.id,
          name: volume.name,
          controller: c.id,
          size_gb: Math.floor((volume.bytes ?? 0) / GIB),
          raid_level: level,
          ...(volume.drives.length > 0 ? { physical_disks: volume.drives } : {}),
          ...(roots.includes(`${c.id}/${volume.id}`) ? { is_root_volume: true } : {}),
        },
      ]
    }),
  ),
})

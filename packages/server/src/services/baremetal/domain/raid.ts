import { isObject } from '@esi/api/types'

const LEVELS = ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0']
const DISKS = ['hdd', 'ssd']
const BUSES = ['sata', 'scsi', 'sas']

/** What can be said of a logical disk, in words; as `GET …/raid/logical_disk_properties` tells it. */
export const LOGICAL_DISK: Readonly<Record<string, string>> = {
  raid_level: `RAID level of the logical disk: ${LEVELS.join(', ')}. Required.`,
  size_gb: 'Its size in GiB, a whole number, or MAX for all that is left. Required.',
  volume_name: 'What the volume is called; made by the server when it is left out.',
  is_root_volume: 'Whether the system is put on it; false when it is left out.',
  share_physical_disks: 'Whether other logical disks may be on the same physical ones; false when it is left out.',
  disk_type: `What kind of disks: ${DISKS.join(', ')}. Any when it is left out.`,
  interface_type: `How the disks are attached: ${BUSES.join(', ')}. Any when it is left out.`,
  number_of_physical_disks: 'How many disks; as few as the level needs when it is left out.',
  controller: 'Which controller does it; the driver chooses when it is left out.',
  physical_disks: 'Which disks, as the controller names them; needs controller. The driver chooses when it is left out.',
}

const text = (v: unknown) => typeof v === 'string'
const flag = (v: unknown) => typeof v === 'boolean'
const among = (values: readonly string[]) => (v: unknown) => text(v) && values.includes(v as string)
const whole = (least: number) => (v: unknown) => Number.isSafeInteger(v) && (v as number) >= least

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  raid_level: among(LEVELS),
  size_gb: v => v === 'MAX' || whole(0)(v),
  volume_name: text,
  is_root_volume: flag,
  share_physical_disks: flag,
  disk_type: among(DISKS),
  interface_type: among(BUSES),
  number_of_physical_disks: whole(1),
  controller: text,
  physical_disks: v => Array.isArray(v) && (v.every(text) || (v.length >= 2 && v.every(isObject))),
}

/** What is wrong with a RAID configuration; undefined when nothing is. */
export const badRaid = (config: Readonly<Record<string, unknown>>): string | undefined => {
  const other = Object.keys(config).find(key => key !== 'logical_disks')
  if (other !== undefined) return `there is only "logical_disks", no "${other.slice(0, 60)}"`
  const disks = config['logical_disks']
  if (!Array.isArray(disks) || disks.length === 0) return '"logical_disks" must be a list that is not empty'
  let roots = 0
  for (const disk of disks) {
    if (!isObject(disk)) return 'each logical disk is an object'
    for (const needed of ['raid_level', 'size_gb']) if (disk[needed] === undefined) return `each logical disk needs "${needed}"`
    for (const [key, value] of Object.entries(disk)) {
      if (!Object.hasOwn(CHECKS, key)) return `a logical disk has no "${key.slice(0, 60)}"`
      if (!CHECKS[key]!(value)) return `"${key}" of a logical disk: ${LOGICAL_DISK[key]}`
    }
    if (disk['physical_disks'] !== undefined && disk['controller'] === undefined) return '"physical_disks" needs "controller"'
    if (disk['is_root_volume'] === true) roots++
  }
  return roots > 1 ? 'only one logical disk can be the root volume' : undefined
}

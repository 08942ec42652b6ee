import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import type { VolumeState } from '../machine/state.ts'
import { message, Refusal, refuse } from './message.ts'
import { isObject } from './patch.ts'
import { type Ask, collection, type Json, link, ok, type Reply, type Route, resource } from './route.ts'
import { systemPath } from './system.ts'
import { pendingAnswer, taskAnswer } from './task-routes.ts'

const TAKES_MS = 5_000

/** Fewest disks of a level, and what share of them holds data. */
const LEVELS: Readonly<Record<string, { readonly least: number; readonly data: (disks: number) => number }>> = {
  RAID0: { least: 1, data: n => n },
  RAID1: { least: 2, data: () => 1 },
  RAID5: { least: 3, data: n => n - 1 },
  RAID6: { least: 4, data: n => n - 2 },
  RAID10: { least: 4, data: n => n / 2 },
  RAID50: { least: 6, data: n => n - 2 },
  RAID60: { least: 8, data: n => n - 4 },
}

/** Joined disks: made and taken apart at once or by the next start, which empties them. */
export function volumeRoutes(f: Flavour): Route[] {
  const storage = `${systemPath(f)}/Storage/1`
  const at = `${storage}/Volumes`
  return [
    {
      path: at,
      GET: ({ machine }) =>
        ok({
          ...collection(
            at,
            'VolumeCollection',
            'Volumes',
            volumes(machine).map(v => `${at}/${v.id}`),
          ),
          '@Redfish.OperationApplyTimeSupport': {
            '@odata.type': '#Settings.v1_3_3.OperationApplyTimeSupport',
            SupportedValues: [f.raid.when],
          },
        }),
      POST: ask => create(ask, storage),
    },
    {
      path: `${at}/:id`,
      GET: ({ machine, params, path }) => ok(shown(named(machine, params['id']!, path), storage)),
      DELETE: ask => {
        const { id } = named(ask.machine, ask.params['id']!, ask.path)
        return work(ask, `Delete ${id}`, () => {
          ask.machine.state.volumes = volumes(ask.machine).filter(v => v.id !== id)
        })
      },
    },
  ]
}

const volumes = (machine: Machine): readonly VolumeState[] => machine.state.volumes ?? []

function named(machine: Machine, id: string, path: string): VolumeState {
  const found = volumes(machine).find(v => v.id === id)
  if (!found) throw refuse('ResourceMissingAtURI', [path])
  return found
}

function shown(volume: VolumeState, storage: string): Json {
  const drives = volume.disks.map(i => link(`${storage}/Drives/Disk.${i}`))
  return resource(`${storage}/Volumes/${volume.id}`, 'Volume.v1_8_0.Volume', volume.id, volume.name, {
    RAIDType: volume.level,
    CapacityBytes: volume.bytes,
    Links: { Drives: drives, 'Drives@odata.count': drives.length },
    Status: { State: 'Enabled', Health: 'OK' },
  })
}

function create(ask: Ask, storage: string): Reply {
  const { machine, flavour: f, body } = ask
  const { RAIDType: level, CapacityBytes: bytes, Name: name } = body
  const wrong = (id: 'PropertyMissing' | 'PropertyValueNotInList' | 'PropertyValueFormatError', ...args: string[]) =>
    new Refusal(400, [message(id, args)])
  if (typeof level !== 'string') throw wrong('PropertyMissing', 'RAIDType')
  const rule = LEVELS[level]
  if (!rule || !f.raid.levels.includes(level)) throw wrong('PropertyValueNotInList', level, 'RAIDType')
  const when = body['@Redfish.OperationApplyTime']
  if (when !== undefined && when !== f.raid.when) throw wrong('PropertyValueNotInList', String(when), '@Redfish.OperationApplyTime')
  const drives = isObject(body['Links']) && Array.isArray(body['Links']['Drives']) ? body['Links']['Drives'] : []
  const disks = drives.map(each => {
    const path = isObject(each) ? String(each['@odata.id']) : ''
    const index = machine.spec.disks.findIndex((_, i) => path === `${storage}/Drives/Disk.${i}`)
    if (index < 0) throw wrong('PropertyValueNotInList', path, 'Drives')
    return index
  })
  if (disks.length < rule.least || new Set(disks).size !== disks.length)
    throw wrong('PropertyValueFormatError', String(disks.length), 'Drives')
  const most = Math.floor(Math.min(...disks.map(i => free(machine, i))) * rule.data(disks.length))
  const size = typeof bytes === 'number' ? bytes : most
  if (size <= 0 || size > most) throw wrong('PropertyValueFormatError', String(size), 'CapacityBytes')
  return work(ask, `Create ${level}`, () => {
    const taken = volumes(machine).map(v => Number(v.id.split('.').at(-1)))
    const number = Math.max(-1, ...taken) + 1
    const id = `Disk.Virtual.${number}`
    const made: VolumeState = { id, name: typeof name === 'string' ? name : `Virtual Disk ${number}`, level, bytes: size, disks }
    machine.state.volumes = [...volumes(machine), made]
    // What was on them is gone.
    for (const i of disks) machine.state.disks[i] = null
  })
}

/** What is left of a disk. */
function free(machine: Machine, disk: number): number {
  const used = volumes(machine)
    .filter(v => v.disks.includes(disk))
    .map(v => v.bytes / LEVELS[v.level]!.data(v.disks.length))
  return machine.spec.disks[disk]!.gb * 1_000_000_000 - used.reduce((a, b) => a + b, 0)
}

function work(ask: Ask, name: string, change: () => void): Reply {
  const { machine, flavour: f } = ask
  if (f.raid.needsPower && machine.power !== 'On') throw refuse('ResourceInUse', [], 409)
  const strikes = { fails: ask.struck('raid-fails'), ignored: ask.struck('raid-ignored') }
  const end = (): string | undefined => {
    if (strikes.fails) return 'The controller could not do it.'
    if (!strikes.ignored) change()
    machine.note('OK', `${name}: done.`)
    machine.saved()
    return undefined
  }
  if (f.raid.when === 'Immediate') return taskAnswer(ask, name, TAKES_MS, end)
  return pendingAnswer(ask, name, (_, over) => machine.nextStart(() => over(end())))
}

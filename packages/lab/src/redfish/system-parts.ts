import type { Flavour } from '../flavours/flavour.ts'
import type { Machine } from '../machine/machine.ts'
import { bootOptions } from '../machine/state.ts'
import { refuse } from './message.ts'
import { collection, type Json, link, ok, type Route, resource } from './route.ts'
import { systemPath } from './system.ts'

const FINE = { State: 'Enabled', Health: 'OK' }

/** What a system is made of: processors, memory, network cards, disks, boot options. */
export function systemPartRoutes(f: Flavour): Route[] {
  const at = systemPath(f)
  return [
    ...part(`${at}/Processors`, 'ProcessorCollection', 'Processors', processors),
    ...part(`${at}/Memory`, 'MemoryCollection', 'Memory', memory),
    ...part(`${at}/EthernetInterfaces`, 'EthernetInterfaceCollection', 'Ethernet Interfaces', nics),
    ...part(`${at}/Storage`, 'StorageCollection', 'Storage', storage),
    ...part(`${at}/Storage/1/Drives`, 'DriveCollection', 'Drives', drives, true),
    ...part(`${at}/SimpleStorage`, 'SimpleStorageCollection', 'Simple Storage', simpleStorage),
    ...(f.bootOrder === 'writable' ? part(`${at}/BootOptions`, 'BootOptionCollection', 'Boot Options', options) : []),
  ]
}

/** A collection and its members, both read-only. Drives have no collection of their own in the standard. */
function part(path: string, type: string, name: string, list: (machine: Machine, path: string) => Json[], membersOnly = false): Route[] {
  const one: Route = {
    path: `${path}/:id`,
    GET: ({ machine, params, path: asked }) => {
      const found = list(machine, path).find(m => m['Id'] === params['id'])
      if (!found) throw refuse('ResourceMissingAtURI', [asked])
      return ok(found)
    },
  }
  const all: Route = {
    path,
    GET: ({ machine }) =>
      ok(
        collection(
          path,
          type,
          name,
          list(machine, path).map(m => m['@odata.id'] as string),
        ),
      ),
  }
  return membersOnly ? [one] : [all, one]
}

function processors({ spec }: Machine, path: string): Json[] {
  const sockets = spec.cores > 32 ? 2 : 1
  return Array.from({ length: sockets }, (_, i) =>
    resource(`${path}/CPU${i + 1}`, 'Processor.v1_13_0.Processor', `CPU${i + 1}`, `Processor ${i + 1}`, {
      Socket: `CPU${i + 1}`,
      ProcessorType: 'CPU',
      ProcessorArchitecture: 'x86',
      InstructionSet: 'x86-64',
      Manufacturer: 'Lab',
      Model: 'Lab CPU',
      MaxSpeedMHz: 3000,
      TotalCores: spec.cores / sockets,
      TotalThreads: (spec.cores * 2) / sockets,
      Status: FINE,
    }),
  )
}

function memory({ spec }: Machine, path: string): Json[] {
  const count = spec.memoryMb % (16 * 1024) === 0 ? Math.min(spec.memoryMb / (16 * 1024), 16) : 1
  return Array.from({ length: count }, (_, i) =>
    resource(`${path}/DIMM${i + 1}`, 'Memory.v1_11_0.Memory', `DIMM${i + 1}`, `DIMM ${i + 1}`, {
      CapacityMiB: spec.memoryMb / count,
      MemoryDeviceType: 'DDR4',
      MemoryType: 'DRAM',
      OperatingSpeedMhz: 3200,
      ErrorCorrection: 'MultiBitECC',
      Status: FINE,
    }),
  )
}

function nics({ spec, flavour }: Machine, path: string): Json[] {
  return spec.nics.map((nic, i) => {
    const id = flavour.ids.nic(i)
    return resource(`${path}/${id}`, 'EthernetInterface.v1_7_0.EthernetInterface', id, nic.name, {
      MACAddress: nic.mac,
      PermanentMACAddress: nic.mac,
      SpeedMbps: nic.switch === null ? null : 25_000,
      LinkStatus: nic.switch === null ? 'NoLink' : 'LinkUp',
      InterfaceEnabled: true,
      Status: nic.switch === null ? { State: 'StandbyOffline', Health: 'OK' } : FINE,
    })
  })
}

function storage(machine: Machine, path: string): Json[] {
  return [
    resource(`${path}/1`, 'Storage.v1_10_0.Storage', '1', 'Storage Controller', {
      Drives: machine.spec.disks.map((_, i) => link(`${path}/1/Drives/Disk.${i}`)),
      'Drives@odata.count': machine.spec.disks.length,
      Volumes: link(`${path}/1/Volumes`),
      StorageControllers: [
        {
          '@odata.id': `${path}/1#/StorageControllers/0`,
          MemberId: '0',
          Name: 'Storage Controller',
          SupportedDeviceProtocols: ['SATA', 'NVMe'],
          SupportedRAIDTypes: machine.flavour.raid.levels,
          Status: FINE,
        },
      ],
      Status: FINE,
    }),
  ]
}

function drives({ spec }: Machine, path: string): Json[] {
  return spec.disks.map((disk, i) =>
    resource(`${path}/Disk.${i}`, 'Drive.v1_12_0.Drive', `Disk.${i}`, `Disk ${i}`, {
      CapacityBytes: disk.gb * 1_000_000_000,
      MediaType: disk.kind === 'hdd' ? 'HDD' : 'SSD',
      Protocol: disk.kind === 'nvme' ? 'NVMe' : 'SATA',
      Manufacturer: 'Lab',
      Model: `Lab ${disk.kind}`,
      SerialNumber: `${spec.serial}D${i}`,
      Status: FINE,
    }),
  )
}

function simpleStorage({ spec }: Machine, path: string): Json[] {
  return [
    resource(`${path}/1`, 'SimpleStorage.v1_3_0.SimpleStorage', '1', 'Simple Storage', {
      Devices: spec.disks.map((d, i) => ({ Name: `Disk ${i}`, Model: `Lab ${d.kind}`, CapacityBytes: d.gb * 1_000_000_000, Status: FINE })),
      Status: FINE,
    }),
  ]
}

function options({ spec }: Machine, path: string): Json[] {
  return bootOptions(spec).map(o =>
    resource(`${path}/${o.reference}`, 'BootOption.v1_0_4.BootOption', o.reference, o.label, {
      BootOptionReference: o.reference,
      DisplayName: o.label,
      BootOptionEnabled: true,
      Alias: o.device,
    }),
  )
}

import type { BmcIdentity } from '../driver.ts'
import { type Machine, related } from './machine.ts'
import { link, num, type Resource, str } from './resource.ts'

export const identify = async (m: Machine): Promise<BmcIdentity> => {
  const { body } = m.system
  const [manager] = await related(m, 'Managers')
  const gib = num(body, 'MemorySummary', 'TotalSystemMemoryGiB')
  return {
    vendor: str(body, 'Manufacturer'),
    model: str(body, 'Model'),
    serial: str(body, 'SerialNumber'),
    uuid: str(body, 'UUID')?.toLowerCase() ?? null,
    bmcVersion: str(manager?.body, 'FirmwareVersion'),
    biosVersion: str(body, 'BiosVersion'),
    cpus:
      num(body, 'ProcessorSummary', 'LogicalProcessorCount') ??
      num(body, 'ProcessorSummary', 'CoreCount') ??
      num(body, 'ProcessorSummary', 'Count'),
    memoryMb: gib === null ? null : Math.round(gib * 1024),
    macs: await macs(m, m.system),
    bmcMacs: manager === undefined ? [] : await macs(m, manager),
  }
}

const macs = async (m: Machine, of: Resource): Promise<string[]> => {
  const nics = await m.link.members(link(of.body, 'EthernetInterfaces'), m.call, 64)
  const found = nics
    .filter(({ body }) => str(body, 'Status', 'State') !== 'Absent')
    .map(({ body }) => (str(body, 'PermanentMACAddress') ?? str(body, 'MACAddress') ?? '').toLowerCase().replaceAll('-', ':'))
    .filter(mac => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== '00:00:00:00:00:00')
  return [...new Set(found)]
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Bmc, Call, Power } from '../../driver.ts'

const IMAGE = 'http://images.example/ramdisk.iso'

/**
 * What the driver is asked for in a transcript, and what it told: everything that can be read, and what a deployment changes. Begins and
 * ends with a machine that is off.
 */
export const story = async (bmc: Bmc, rest: number): Promise<Readonly<Record<string, unknown>>> => {
  const call: Call = { signal: new AbortController().signal, before: async () => undefined }
  const until = async (wanted: Power) => {
    while ((await bmc.power(call)) !== wanted) await sleep(rest)
  }
  const told: Record<string, unknown> = {}
  const tell = async (name: string, work: () => Promise<unknown>) => {
    // As a file has it: JSON knows no undefined.
    told[name] = JSON.parse(JSON.stringify((await work()) ?? null))
  }
  await tell('power', () => bmc.power(call))
  await tell('identify', () => bmc.identify(call))
  await tell('boot devices', () => bmc.supportedBootDevices(call))
  await tell('boot mode', () => bmc.bootMode!(call))
  await tell('secure boot', () => bmc.secureBoot!(call))
  await tell('bios', () => bmc.biosSettings!(call))
  await tell('bios registry', async () => (await bmc.biosRegistry!(call))?.map(each => [each.name, each.type]))
  await tell('firmware', () => bmc.firmware!(call))
  await tell('storage', () => bmc.storage!(call))
  await tell('sensors', async () => (await bmc.sensors!(call)).map(each => [each.name, each.kind, each.unit]))
  await tell('event log', async () => (await bmc.eventLog!(3, call)).map(each => each.severity))
  await bmc.insertMedia!('cdrom', IMAGE, call)
  await tell('media', () => bmc.media!(call))
  await bmc.setBootDevice('cdrom', false, call)
  await tell('boot once', () => bmc.bootDevice(call))
  await bmc.setPower('on', call)
  await until('on')
  await bmc.setPower('off', call)
  await until('off')
  await bmc.setBootDevice('pxe', false, call)
  await tell('baseline', async () => (await bmc.baseline(call)).done)
  return told
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bmcContract } from '../../../packages/server/src/drivers/bmc/contract.ts'
import { redfish } from '../../../packages/server/src/drivers/bmc/redfish.ts'
import { startRelay } from '../relay.ts'
import { startEmulator } from '../sushy.ts'

const DEVICES: Readonly<Record<string, string>> = { Pxe: 'pxe', Hdd: 'disk', Cd: 'cdrom' }

bmcContract("redfish on OpenStack's emulator", async () => {
  const emulator = await startEmulator()
  const relay = await startRelay(emulator.port)
  // Asked past the driver, by another client and with another account's eyes: what the emulator holds for true.
  const ask = async (path: string): Promise<any> => {
    const basic = Buffer.from(`${emulator.user}:${emulator.password}`).toString('base64')
    const reply = await fetch(`http://127.0.0.1:${emulator.port}${path}`, { headers: { authorization: `Basic ${basic}` } })
    if (!reply.ok) throw new Error(`GET ${path}: ${reply.status}`)
    return await reply.json()
  }
  const system: string = (await ask('/redfish/v1/Systems')).Members[0]['@odata.id']
  const settings = {
    redfish_address: relay.url,
    redfish_username: emulator.user,
    redfish_password: emulator.password,
  }
  const during = (instead: typeof relay.instead) => async () => {
    relay.instead = instead
    return async () => {
      relay.instead = () => 'pass'
    }
  }
  const images = createServer((_, answer) => void answer.end('no real image'))
  await new Promise<void>(resolve => void images.listen(0, '127.0.0.1', resolve))
  const driver = redfish({ limits: { rest: 0 } })
  return {
    // It offers the diagnostic interrupt, and answers that it cannot.
    driver: { ...driver, can: driver.can.filter(what => what !== 'nmi') },
    settings,
    // A machine of its takes up to eleven seconds to follow.
    settle: 30_000,
    image: `http://127.0.0.1:${(images.address() as AddressInfo).port}/ramdisk.iso`,
    truth: async () => {
      const { PowerState, Boot } = await ask(system)
      return {
        power: PowerState === 'On' ? 'on' : 'off',
        boot: { device: DEVICES[Boot.BootSourceOverrideTarget] ?? null, persistent: Boot.BootSourceOverrideEnabled === 'Continuous' },
        images: (await Promise.all(['Cd', 'Floppy'].map(slot => ask(`${system}/VirtualMedia/${slot}`).catch(() => ({})))))
          .filter(slot => slot.Inserted)
          .map(slot => slot.Image),
      }
    },
    wrong: [
      { what: 'password', settings: { ...settings, redfish_password: 'battery staple' }, fault: 'credentials' },
      { what: 'system', settings: { ...settings, redfish_system_id: '/redfish/v1/Systems/none' }, fault: 'settings' },
      { what: 'port', settings: { ...settings, redfish_address: 'http://127.0.0.1:1' }, fault: 'unreachable' },
      { what: 'scheme', settings: { ...settings, redfish_address: relay.url.replace('http', 'https') }, fault: 'settings' },
    ],
    faults: {
      dead: during(() => 'break'),
      busy: during(() => ({ status: 503, body: '{}' })),
      garbled: during(method => (method === 'GET' ? { status: 200, body: '<html>' } : 'pass')),
      loseReply: during((_, path) => (path.endsWith('ComputerSystem.Reset') ? 'lose' : 'pass')),
    },
    // A boot device is one for good there, however it was asked for.
    without: ['press', 'one start', 'booting an image', 'bios', 'console', 'nmi'],
    close: async () => {
      await relay.stop()
      await emulator.stop()
      images.close()
    },
  }
})

import { afterAll, beforeAll } from 'vitest'
import { bmcContract } from '../contract.ts'
import { redfish } from '../redfish.ts'
import { CD, TestBmc } from './test/bmc.ts'
import { type Certificate, certificate } from './test/certificate.ts'

let shown: Certificate
let bmc: TestBmc
beforeAll(async () => {
  shown = await certificate()
})
afterAll(async () => await bmc?.stop())

const DEVICES: Record<string, string> = { Pxe: 'pxe', Hdd: 'disk', Cd: 'cdrom' }

bmcContract('redfish on a small BMC of its own', async () => {
  bmc = await new TestBmc().start(shown)
  const settings = {
    redfish_address: bmc.origin,
    redfish_username: bmc.user,
    redfish_password: bmc.password,
    redfish_verify_ca: `sha256:${shown.sha256}`,
  }
  const during = (instead: TestBmc['instead']) => async () => {
    bmc.instead = instead
    return async () => {
      bmc.instead = () => undefined
    }
  }
  return {
    driver: redfish({ wait: async () => undefined, limits: { rest: 0 } }),
    settings,
    without: ['booting an image', 'bios', 'console'],
    image: 'https://images.example/ramdisk.iso',
    truth: async () => {
      const boot = bmc.system['Boot']
      const enabled = boot.BootSourceOverrideEnabled !== 'Disabled'
      return {
        power: bmc.system['PowerState'] === 'On' ? 'on' : 'off',
        boot: enabled
          ? { device: DEVICES[boot.BootSourceOverrideTarget] ?? null, persistent: boot.BootSourceOverrideEnabled === 'Continuous' }
          : { device: null, persistent: null },
        images: [bmc.resources[CD]?.['Image']].filter(image => image !== null),
        sessions: bmc.tokens.size,
      }
    },
    press: async power => {
      bmc.system['PowerState'] = power === 'on' ? 'On' : 'Off'
    },
    wrong: [
      { what: 'password', settings: { ...settings, redfish_password: 'battery staple' }, fault: 'credentials' },
      { what: 'certificate', settings: { ...settings, redfish_verify_ca: true }, fault: 'certificate' },
      { what: 'system', settings: { ...settings, redfish_system_id: '/redfish/v1/Systems/2' }, fault: 'settings' },
      { what: 'port', settings: { ...settings, redfish_address: 'https://127.0.0.1:1' }, fault: 'unreachable' },
      { what: 'scheme', settings: { ...settings, redfish_address: bmc.origin.replace('https', 'http') }, fault: 'unreachable' },
    ],
    faults: {
      dead: during(() => 'drop'),
      busy: during(() => ({ status: 503, headers: { 'retry-after': '120' } })),
      garbled: during(({ method }) => (method === 'GET' ? { status: 200, body: '<html>' } : undefined)),
      loseReply: during(({ path }) => (path.endsWith('.Reset') ? 'lose' : undefined)),
    },
  }
})

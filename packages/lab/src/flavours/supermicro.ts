import { COMMON_BIOS } from './bios-attributes.ts'
import type { Flavour } from './flavour.ts'
import { plain } from './plain.ts'

export const supermicro: Flavour = {
  ...plain,
  name: 'supermicro',
  doc: 'like a Supermicro X12: If-Match needed, resets are tasks, CD is UsbCd, no secure boot, boot order or locator light',
  vendor: 'Supermicro',
  model: 'SYS-620P',
  bmcModel: 'ASPEED',
  redfish: '1.8.0',
  ids: { system: '1', chassis: '1', manager: '1', nic: i => `${i + 1}` },
  firmware: { bios: '1.4b', bmc: '01.01.27' },
  resetTypes: ['On', 'ForceOff', 'GracefulShutdown', 'GracefulRestart', 'ForceRestart', 'Nmi', 'ForceOn'],
  resetAnswer: 'task',
  tellsTransition: false,
  bootTargets: ['None', 'Pxe', 'Floppy', 'Hdd', 'UsbCd', 'BiosSetup', 'Diags', 'UefiHttp'],
  bootNeedsEnabled: true,
  afterOnce: 'target stays',
  bootOrder: 'absent',
  secureBoot: false,
  indicator: 'absent',
  ifMatch: 'required',
  media: {
    slots: [{ id: 'VirtualMedia1', kinds: ['CD', 'DVD'] }],
    insert: 'action',
  },
  biosUpdate: 'at start',
  updateTargets: 'owners',
  actionValues: 'info',
  log: { under: 'system', id: 'Log1' },
  sensors: false,
  bios: { ...COMMON_BIOS, BootModeSelect: 'UEFI', TurboMode: 'Enable' },
  biosBootMode: { attribute: 'BootModeSelect', uefi: 'UEFI', legacy: 'Legacy' },
  serial: { command: 'start /system1/sol1', typed: true, told: 'manager' },
}

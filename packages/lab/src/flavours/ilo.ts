import { COMMON_BIOS } from './bios-attributes.ts'
import type { Flavour } from './flavour.ts'
import { plain } from './plain.ts'

export const ilo: Flavour = {
  ...plain,
  name: 'ilo',
  doc: 'like an iLO 5: media in numbered slots, resets answered with a message, a packed registry, 400 for a redundant reset',
  vendor: 'HPE',
  model: 'ProLiant DL360 Gen10',
  bmcModel: 'iLO 5',
  redfish: '1.6.0',
  ids: { system: '1', chassis: '1', manager: '1', nic: i => `${i + 1}` },
  firmware: { bios: 'U32 v2.50', bmc: 'iLO 5 v2.72' },
  sessionLimit: 6,
  sessionLimitStatus: 400,
  resetTypes: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'Nmi', 'PushPowerButton', 'GracefulRestart'],
  resetAnswer: 'message',
  redundantReset: 400,
  tellsTransition: false,
  bootTargets: ['None', 'Cd', 'Hdd', 'Usb', 'SDCard', 'Utilities', 'Diags', 'BiosSetup', 'Pxe', 'UefiShell', 'UefiHttp', 'UefiTarget'],
  bootMode: 'read-only',
  afterOnce: 'cleared',
  media: {
    slots: [
      { id: '1', kinds: ['Floppy', 'USBStick'] },
      { id: '2', kinds: ['CD', 'DVD'] },
    ],
    insert: 'action',
  },
  log: { under: 'system', id: 'IML' },
  sensors: false,
  bios: { ...COMMON_BIOS, BootMode: 'Uefi', ProcTurbo: 'Enabled', Sriov: 'Enabled' },
  registry: 'gzip',
  serial: { command: 'vsp', typed: false, told: 'manager' },
}

import { COMMON_BIOS } from './bios-attributes.ts'
import type { Flavour } from './flavour.ts'
import { plain } from './plain.ts'

export const idrac: Flavour = {
  ...plain,
  name: 'idrac',
  doc: 'like an iDRAC 9: long ids, account slots, 409 for a redundant reset, boot mode only through the BIOS',
  vendor: 'Dell Inc.',
  model: 'PowerEdge R640',
  bmcModel: '14G Monolithic',
  redfish: '1.11.0',
  ids: { system: 'System.Embedded.1', chassis: 'System.Embedded.1', manager: 'iDRAC.Embedded.1', nic: i => `NIC.Integrated.1-${i + 1}-1` },
  firmware: { bios: '2.19.1', bmc: '6.10.80.00' },
  sessions: 'SessionService/Sessions',
  sessionLimit: 8,
  sessionLimitStatus: 503,
  firstAccount: '2',
  accountSlots: 16,
  resetTypes: ['On', 'ForceOff', 'ForceRestart', 'GracefulRestart', 'GracefulShutdown', 'PushPowerButton', 'Nmi', 'PowerCycle'],
  redundantReset: 409,
  tellsTransition: false,
  bootTargets: ['None', 'Pxe', 'Floppy', 'Cd', 'Hdd', 'BiosSetup', 'Utilities', 'UefiTarget', 'SDCard', 'UefiHttp'],
  bootMode: 'read-only',
  media: {
    slots: [
      { id: 'CD', kinds: ['CD', 'DVD'] },
      { id: 'RemovableDisk', kinds: ['USBStick'] },
    ],
    insert: 'action',
  },
  biosUpdate: 'at start',
  updateTargets: 'none',
  raid: { when: 'OnReset', needsPower: true, levels: ['RAID0', 'RAID1', 'RAID5', 'RAID6', 'RAID10', 'RAID50', 'RAID60'] },
  log: { under: 'manager', id: 'Sel' },
  bios: {
    ...COMMON_BIOS,
    BootMode: 'Uefi',
    ProcTurboMode: 'Enabled',
    SriovGlobalEnable: 'Disabled',
    LogicalProc: 'Enabled',
    NumLock: 'On',
  },
  serial: { command: 'console com2', typed: false, told: 'manager' },
  mediaBoot: 'attributes',
}

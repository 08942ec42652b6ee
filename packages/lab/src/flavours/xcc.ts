import { COMMON_BIOS } from './bios-attributes.ts'
import type { Flavour } from './flavour.ts'
import { plain } from './plain.ts'

export const xcc: Flavour = {
  ...plain,
  name: 'xcc',
  doc: 'like an XClarity Controller: no continuous override, media inserted by PATCH',
  vendor: 'Lenovo',
  model: 'ThinkSystem SR630',
  bmcModel: 'Lenovo XClarity Controller',
  redfish: '1.10.0',
  ids: { system: '1', chassis: '1', manager: '1', nic: i => `NIC${i + 1}` },
  firmware: { bios: 'IVE180E', bmc: 'CDI3A6A' },
  resetTypes: ['On', 'Nmi', 'GracefulShutdown', 'GracefulRestart', 'ForceOn', 'ForceOff', 'ForceRestart'],
  tellsTransition: false,
  bootTargets: ['None', 'Pxe', 'Cd', 'Usb', 'Hdd', 'BiosSetup', 'Diags', 'UefiTarget'],
  bootEnabled: ['Once', 'Disabled'],
  media: {
    slots: [
      { id: 'EXT1', kinds: ['CD', 'DVD', 'USBStick'] },
      { id: 'EXT2', kinds: ['CD', 'DVD', 'USBStick'] },
    ],
    insert: 'patch',
  },
  log: { under: 'system', id: 'StandardLog' },
  bios: { ...COMMON_BIOS, BootModes_SystemBootMode: 'UEFIMode', Processors_TurboMode: 'Enable' },
  biosBootMode: { attribute: 'BootModes_SystemBootMode', uefi: 'UEFIMode', legacy: 'LegacyMode' },
  serial: { command: 'console 1', typed: false, told: 'manager' },
}

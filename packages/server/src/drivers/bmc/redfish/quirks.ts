import type { BootDevice } from '../driver.ts'
import type { Json } from './resource.ts'

/** How a family of BMCs departs from what the schemas lead one to expect. Only data: the code is the same for all. */
export interface Quirks {
  readonly name: string
  /** Tested against manufacturer, vendor of the service and names of its OEM sections, joined by spaces. */
  readonly vendor: RegExp
  /** And against the model, where only some of a vendor's machines are meant. */
  readonly model?: RegExp
  /** Override targets to try for a device, best first, instead of the usual ones. */
  readonly targets?: Partial<Record<BootDevice, readonly string[]>>
  /** Send BootSourceOverrideEnabled with every target, or only where it changes. */
  readonly enabled: 'always' | 'when it changes'
  /** Send the present boot mode with every target, as it would fall back to legacy otherwise. */
  readonly keepMode: boolean
  /** What ends a boot override. */
  readonly noOverride: Json
  /** Virtual media slots that are not for images given by URL. */
  readonly notForImages?: RegExp
  /** Whether `Inserted` and `WriteProtected` are part of an insert action. Where they are left out the defaults are the same. */
  readonly insertFlags: boolean
  /** Whether an action without parameters is sent `{}` or nothing. */
  readonly emptyBody: '{}' | 'nothing'
  /** The BIOS attribute for the boot mode: for use where the override's mode cannot be written, or instead of it. */
  readonly bootMode?: { readonly attribute: RegExp; readonly uefi: string; readonly bios: string; readonly instead?: true }
  /**
   * Attributes of the BMC that make the machine start from virtual media, where the override knows only drives of its own: `links` and
   * `path` find the resource below the manager (older firmware has it `otherwise`).
   */
  readonly mediaBoot?: {
    readonly links: readonly string[]
    readonly path: RegExp
    readonly otherwise: string
    readonly device: string
    readonly once: string
    readonly cdrom: string
    readonly normal: string
  }
  /**
   * What leads from the BMC's shell to the machine's serial console, where the service does not say; `typed` at its prompt, where
   * it takes no command with the login.
   */
  readonly console?: { readonly command: string; readonly typed?: true }
  /** OEM actions for virtual media, for firmware that is older than the standard ones. */
  readonly mediaActions?: { readonly insert: RegExp; readonly eject: RegExp }
}

export const STANDARD: Quirks = {
  name: 'standard',
  vendor: /(?:)/,
  enabled: 'when it changes',
  keepMode: false,
  noOverride: { BootSourceOverrideEnabled: 'Disabled' },
  insertFlags: false,
  emptyBody: '{}',
}

// The first that fits counts. What is not named is as STANDARD has it.
const TABLE: readonly (Partial<Quirks> & Pick<Quirks, 'name' | 'vendor'>)[] = [
  {
    name: 'iDRAC',
    vendor: /\bDell\b/i,
    bootMode: { attribute: /^BootMode$/, uefi: 'Uefi', bios: 'Bios' },
    console: { command: 'console com2' },
    mediaBoot: {
      links: ['Links', 'Oem', 'Dell', 'DellAttributes'],
      path: /\/iDRAC\.Embedded\.1$/,
      otherwise: 'Attributes',
      device: 'ServerBoot.1.FirstBootDevice',
      once: 'ServerBoot.1.BootOnce',
      cdrom: 'VCD-DVD',
      normal: 'Normal',
    },
  },
  {
    name: 'iLO',
    vendor: /\b(HPE?|Hewlett.Packard( Enterprise)?)\b/i,
    bootMode: { attribute: /^BootMode$/, uefi: 'Uefi', bios: 'LegacyBios' },
    console: { command: 'vsp' },
    mediaActions: { insert: /^#Hpe?iLOVirtualMedia\.InsertVirtualMedia$/, eject: /^#Hpe?iLOVirtualMedia\.EjectVirtualMedia$/ },
  },
  {
    name: 'XCC',
    vendor: /\bLenovo\b/i,
    // RDOC slots hold uploaded files, Remote slots the console's; EXT slots take URLs.
    notForImages: /^(RDOC|Remote)/i,
    insertFlags: true,
    // The override's mode is that of one start here.
    bootMode: { attribute: /^BootModes_SystemBootMode$/, uefi: 'UEFIMode', bios: 'LegacyMode', instead: true },
    console: { command: 'console 1' },
  },
  {
    name: 'Supermicro with a plain CD',
    vendor: /\bSupermicro\b/i,
    model: /^ARS-111GL-NHR$/i,
    enabled: 'always',
    keepMode: true,
    noOverride: { BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None' },
    bootMode: { attribute: /^BootModeSelect/i, uefi: 'UEFI', bios: 'LEGACY' },
    // The target of its SMASH shell (DSP0214).
    console: { command: 'start /system1/sol1', typed: true },
  },
  {
    name: 'Supermicro',
    vendor: /\bSupermicro\b/i,
    // Virtual media is a CD on USB to these machines, and "Cd" a drive that they do not have.
    targets: { cdrom: ['UsbCd', 'Cd'] },
    enabled: 'always',
    keepMode: true,
    noOverride: { BootSourceOverrideEnabled: 'Disabled', BootSourceOverrideTarget: 'None' },
    bootMode: { attribute: /^BootModeSelect/i, uefi: 'UEFI', bios: 'LEGACY' },
    // The target of its SMASH shell (DSP0214).
    console: { command: 'start /system1/sol1', typed: true },
  },
]

export const quirksOf = (vendor: string, model: string): Quirks => {
  const found = TABLE.find(row => row.vendor.test(vendor) && (row.model?.test(model) ?? true))
  return { ...STANDARD, ...found }
}

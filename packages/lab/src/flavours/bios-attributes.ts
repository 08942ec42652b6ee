/** What a BIOS setting may be, as an attribute registry tells it. */
export type BiosRule =
  | { readonly type: 'Enumeration'; readonly values: readonly string[]; readonly readOnly?: true }
  | { readonly type: 'Integer'; readonly least: number; readonly most: number; readonly readOnly?: true }
  | { readonly type: 'String'; readonly longest: number; readonly readOnly?: true; readonly unique?: true }
  | { readonly type: 'Boolean'; readonly readOnly?: true }

const switched: BiosRule = { type: 'Enumeration', values: ['Enabled', 'Disabled'] }
const able: BiosRule = { type: 'Enumeration', values: ['Enable', 'Disable'] }

/** The rules of all settings that flavours have, by name; the boot mode's words are the flavour's own. */
export const BIOS_RULES: Readonly<Record<string, BiosRule>> = {
  ProcTurboMode: switched,
  SriovGlobalEnable: switched,
  LogicalProc: switched,
  ProcTurbo: switched,
  Sriov: switched,
  Processors_TurboMode: able,
  TurboMode: able,
  NumLock: { type: 'Enumeration', values: ['On', 'Off'] },
  PxeRetries: { type: 'Integer', least: 0, most: 10 },
  QuietBoot: { type: 'Boolean' },
  AssetTag: { type: 'String', longest: 16, unique: true },
  MemorySpeed: { type: 'String', longest: 32, readOnly: true },
}

/** What every flavour has beside its own settings. */
export const COMMON_BIOS = { PxeRetries: 1, QuietBoot: true, AssetTag: '', MemorySpeed: '3200 MT/s' } as const

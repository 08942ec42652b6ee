import type { MediaSlot } from '../machine/spec.ts'

/**
 * How one vendor's BMC differs from the standard. Data only: what it is called, where it keeps things, what it lacks and what it
 * insists on. The names say "like" because they are made after public documentation, not after the devices.
 */
export interface Flavour {
  readonly name: string
  readonly doc: string
  readonly vendor: string
  readonly model: string
  readonly bmcModel: string
  readonly redfish: string
  readonly ids: { readonly system: string; readonly chassis: string; readonly manager: string; readonly nic: (index: number) => string }
  readonly firmware: { readonly bios: string; readonly bmc: string }
  /** Path of the sessions, below /redfish/v1. */
  readonly sessions: string
  readonly sessionLimit: number
  /** What the session limit answers with. */
  readonly sessionLimitStatus: number
  /** The id of the account it is delivered with. */
  readonly firstAccount: string
  /** Accounts are a fixed number of slots that are filled by PATCH, or a collection that grows by POST. */
  readonly accountSlots: number | null
  readonly resetTypes: readonly string[]
  /** What a Reset is answered with: nothing, a message, or a task. */
  readonly resetAnswer: 'nothing' | 'message' | 'task'
  /** What it says to a Reset into the state it is in. */
  readonly redundantReset: 'accept' | 400 | 409
  /** Whether PoweringOn and PoweringOff are told, or only On and Off. */
  readonly tellsTransition: boolean
  readonly bootTargets: readonly string[]
  readonly bootEnabled: readonly ('Disabled' | 'Once' | 'Continuous')[]
  /** Whether BootSourceOverrideMode may be written. */
  readonly bootMode: 'writable' | 'read-only'
  /** A boot target without BootSourceOverrideEnabled in the same request is refused. */
  readonly bootNeedsEnabled: boolean
  /** What is left of a one-time override after it was used. */
  readonly afterOnce: 'cleared' | 'target stays'
  readonly bootOrder: 'writable' | 'absent'
  readonly secureBoot: boolean
  /** Changes of the computer system need If-Match, or it is only looked at when it is there. */
  readonly ifMatch: 'optional' | 'required'
  readonly media: { readonly slots: readonly MediaSlot[]; readonly insert: 'action' | 'patch' }
  readonly indicator: 'IndicatorLED' | 'LocationIndicatorActive' | 'absent'
  readonly log: { readonly under: 'manager' | 'system'; readonly id: string }
  readonly sensors: boolean
  readonly bios: Readonly<Record<string, string | number | boolean>>
  /** Whether the registry of the BIOS's settings comes packed with gzip, whatever the client takes. */
  readonly registry: 'plain' | 'gzip'
  /** The BIOS attribute that holds the boot mode, with its two values; null when there is none. */
  readonly biosBootMode: { readonly attribute: string; readonly uefi: string; readonly legacy: string } | null
  /** What of the BMC's SSH leads to the serial console, whether it is typed at its prompt, and which resource tells of it. */
  readonly serial: { readonly command: string; readonly typed: boolean; readonly told: 'system' | 'manager' }
  /** Whether virtual media is booted by the usual override, or only by attributes of the BMC. */
  readonly mediaBoot: 'override' | 'attributes'
  readonly resetKeys: boolean
  readonly update: boolean
  /** Whether a BIOS image is written when it is sent, or by the machine's next start. */
  readonly biosUpdate: 'at once' | 'at start'
  /** When disks are joined and parted: when it is asked for, or by the next start; and whether the machine must run for it. */
  readonly raid: { readonly when: 'Immediate' | 'OnReset'; readonly needsPower: boolean; readonly levels: readonly string[] }
  /** What an update may name as what it is for: parts of the inventory, or system and manager. */
  readonly updateTargets: 'inventory' | 'owners' | 'none'
  /** Where actions tell the values that they take: with themselves, or in a resource of their own (ActionInfo). */
  readonly actionValues: 'inline' | 'info'
}

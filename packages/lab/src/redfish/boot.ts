import type { Machine } from '../machine/machine.ts'
import { type BootSettings, bootOptions } from '../machine/state.ts'
import { message, Refusal, refuse } from './message.ts'
import { type Check, isTextOrNull, oneOf } from './patch.ts'
import { type Json, link } from './route.ts'

/** The Boot object of a system. */
export function shownBoot(machine: Machine): Json {
  const { flavour: f, state } = machine
  const { boot } = state
  return {
    BootSourceOverrideEnabled: boot.enabled,
    'BootSourceOverrideEnabled@Redfish.AllowableValues': f.bootEnabled,
    BootSourceOverrideTarget: boot.target,
    'BootSourceOverrideTarget@Redfish.AllowableValues': f.bootTargets,
    BootSourceOverrideMode: boot.mode,
    ...(f.bootMode === 'writable' ? { 'BootSourceOverrideMode@Redfish.AllowableValues': ['Legacy', 'UEFI'] } : {}),
    ...(f.bootTargets.includes('UefiTarget') ? { UefiTargetBootSourceOverride: boot.uefiTarget } : {}),
    ...(f.bootTargets.includes('UefiHttp') ? { HttpBootUri: boot.httpUri } : {}),
    ...(f.bootOrder === 'writable' ? { BootOrder: boot.order, BootOptions: link(`/redfish/v1/Systems/${f.ids.system}/BootOptions`) } : {}),
  }
}

export function writableBoot(machine: Machine): Record<string, Check> {
  const { flavour: f } = machine
  return {
    'Boot/BootSourceOverrideEnabled': oneOf(f.bootEnabled),
    'Boot/BootSourceOverrideTarget': oneOf(f.bootTargets),
    ...(f.bootMode === 'writable' ? { 'Boot/BootSourceOverrideMode': oneOf(['Legacy', 'UEFI']) } : {}),
    ...(f.bootTargets.includes('UefiTarget') ? { 'Boot/UefiTargetBootSourceOverride': isTextOrNull } : {}),
    ...(f.bootTargets.includes('UefiHttp') ? { 'Boot/HttpBootUri': isTextOrNull } : {}),
    ...(f.bootOrder === 'writable' ? { 'Boot/BootOrder': order(machine) } : {}),
  }
}

/** Every known boot option at most once. */
function order(machine: Machine): Check {
  const known = new Set(bootOptions(machine.spec).map(o => o.reference))
  return value => {
    if (!Array.isArray(value)) return 'type'
    if (!value.every(v => typeof v === 'string')) return 'type'
    return value.length > 0 && value.every(v => known.has(v)) && new Set(value).size === value.length ? undefined : 'list'
  }
}

/** What the boot settings become; undefined when the request leaves them alone. Changes nothing itself. */
export function readBoot(machine: Machine, changes: ReadonlyMap<string, unknown>): BootSettings | undefined {
  const { flavour: f, state } = machine
  if (![...changes.keys()].some(k => k.startsWith('Boot/'))) return undefined
  const target = changes.get('Boot/BootSourceOverrideTarget') as string | undefined
  const enabled = changes.get('Boot/BootSourceOverrideEnabled') as BootSettings['enabled'] | undefined
  if (f.bootNeedsEnabled && target !== undefined && enabled === undefined) throw refuse('PropertyMissing', ['BootSourceOverrideEnabled'])
  const next: BootSettings = {
    enabled: enabled ?? state.boot.enabled,
    target: target ?? state.boot.target,
    mode: (changes.get('Boot/BootSourceOverrideMode') as BootSettings['mode'] | undefined) ?? state.boot.mode,
    uefiTarget: pick(changes, 'Boot/UefiTargetBootSourceOverride', state.boot.uefiTarget),
    httpUri: pick(changes, 'Boot/HttpBootUri', state.boot.httpUri),
    ...(state.boot.first ? { first: state.boot.first } : {}),
    order: (changes.get('Boot/BootOrder') as string[] | undefined) ?? state.boot.order,
  }
  if (next.enabled === 'Continuous' && next.target === 'UefiTarget')
    throw new Refusal(400, [
      message('PropertyValueNotInList', ['Continuous', 'BootSourceOverrideEnabled'], ['#/Boot/BootSourceOverrideEnabled']),
    ])
  return next
}

function pick(changes: ReadonlyMap<string, unknown>, key: string, before: string | null): string | null {
  return changes.has(key) ? (changes.get(key) as string | null) : before
}

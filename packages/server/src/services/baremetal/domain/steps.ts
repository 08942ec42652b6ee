/** A step as a client or a runbook names it. */
export interface Step {
  readonly interface?: string
  readonly step?: string
  readonly args?: Readonly<Record<string, unknown>>
}

export type Kind = 'clean' | 'deploy' | 'service'

/** Steps that no interface does, but whoever goes through the list. */
const RESERVED = ['hold', 'wait', 'power_on', 'power_off', 'reboot'] as const
export type Reserved = (typeof RESERVED)[number]
export const isReserved = (name: string): name is Reserved => (RESERVED as readonly string[]).includes(name)

/** What the BMC alone can do on every node. */
const BMC = ['management.baseline'] as const

/** What the original's `fake` interfaces take, and do nothing about, but for BIOS settings, which they keep. */
const FAKE: Readonly<Record<string, readonly string[]>> = {
  bios: ['apply_configuration', 'factory_reset', 'cache_bios_settings'],
  firmware: ['update'],
  raid: ['create_configuration', 'delete_configuration', 'apply_configuration'],
}

/** What is done by the BMC on machines whose interface of that kind is one of ours. */
const REAL: Readonly<Record<string, readonly string[]>> = {
  bios: ['apply_configuration', 'factory_reset'],
  firmware: ['update'],
  raid: ['create_configuration', 'delete_configuration', 'apply_configuration'],
}
const OURS = new Set(['redfish', 'idrac-redfish', 'ilo', 'ilo5'])

/** How a step is called in texts. */
export const nameOf = (step: Step): string => `${step.interface}.${step.step}`

/** The steps that a node can do, by name. Reserved ones are there by any interface. */
export const stepsOf = (node: Readonly<Record<string, unknown>>): readonly string[] => [
  ...BMC,
  ...Object.keys(FAKE).flatMap(kind => {
    const named = node[`${kind}_interface`] as string | null | undefined
    const names = named === 'fake' ? FAKE[kind] : OURS.has(named ?? '') ? REAL[kind] : undefined
    return (names ?? []).map(name => `${kind}.${name}`)
  }),
]

/** Steps of a list that the node cannot do. */
export const unknownSteps = (node: Readonly<Record<string, unknown>>, steps: readonly Step[]): string[] => {
  const known = stepsOf(node)
  return steps.filter(step => !isReserved(step.step ?? '') && !known.includes(nameOf(step))).map(nameOf)
}

/** What a node's interfaces can be asked for, and cannot do on this installation; as the words that follow "because". */
export const unable = (node: Readonly<Record<string, unknown>>, event: string): string | undefined => {
  const by = (kind: string): string | undefined => {
    const named = node[`${kind}_interface`]
    return named === undefined || named === 'fake' ? undefined : `nothing here does it by the ${kind} interface "${named}" yet`
  }
  if (event === 'deploy' || event === 'rebuild') return by('deploy')
  if (event === 'rescue' || event === 'unrescue') return by('rescue')
  return undefined
}

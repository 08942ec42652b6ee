import { isObject } from '@esi/api/types'

export interface Config {
  /** Hardware types that nodes may have, in the words of the original: `redfish`, `ipmi`, `fake-hardware`, or a package's name. */
  readonly drivers: readonly string[]
  /** Conductor groups that this process conducts; '' is the default group. */
  readonly groups: readonly string[]
  /** What a node's conductor is called; the host's name when left out. */
  readonly host: string | undefined
  /** Seconds for which a request waits for the hardware. */
  readonly hardwareTimeout: number
  /** Given to nodes that are enrolled without one. */
  readonly resourceClass: string | null
}

const KEYS = ['drivers', 'groups', 'host', 'hardwareTimeout', 'resourceClass']

/** Reads the service's part of the configuration file; throws a sentence that says what is wrong. */
export const config = (given: unknown): Config => {
  if (given !== undefined && given !== null && !isObject(given)) throw new Error('baremetal: must be an object')
  const all: Readonly<Record<string, unknown>> = (given as Record<string, unknown> | null | undefined) ?? {}
  for (const key of Object.keys(all)) if (!KEYS.includes(key)) throw new Error(`baremetal.${key} is unknown; there are ${KEYS.join(', ')}`)
  const timeout = all['hardwareTimeout'] ?? 30
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout <= 300))
    throw new Error('baremetal.hardwareTimeout must be a number of seconds, above 0 and at most 300')
  return {
    drivers: texts('drivers', all['drivers'] ?? ['redfish']),
    groups: texts('groups', all['groups'] ?? ['']).map(group => group.toLowerCase()),
    host: text('host', all['host']) ?? undefined,
    hardwareTimeout: timeout,
    resourceClass: text('resourceClass', all['resourceClass']),
  }
}

const texts = (name: string, value: unknown): string[] => {
  if (!Array.isArray(value) || value.length === 0 || value.some(item => typeof item !== 'string'))
    throw new Error(`baremetal.${name} must be a list of texts that is not empty`)
  return value as string[]
}

const text = (name: string, value: unknown): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value === '') throw new Error(`baremetal.${name} must be a text`)
  return value
}

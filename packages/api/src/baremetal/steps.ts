/** Steps that templates and runbooks are made of. Source: the Bare Metal API reference. */
import { isObject, type Type, Unfit } from '../types.ts'
import { maskSecrets } from './masks.ts'

/** Interfaces that have steps. */
export const STEP_INTERFACES = ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid'] as const

/** One step: `{interface, step, args, priority}` of a deployment, `{interface, step, args?, order}` of a runbook. */
export interface Step {
  readonly interface: string
  readonly step: string
  readonly args?: Readonly<Record<string, unknown>>
  readonly priority?: number
  readonly order?: number
}

/** A list of steps that is not empty and has none twice; the rank is a whole number, or one as text. */
export const steps = (rank: 'priority' | 'order', argsRequired: boolean): Type<Step[]> => {
  const one = (value: unknown): Step => {
    if (!isObject(value)) throw new Unfit('must be a list of objects')
    for (const key of Object.keys(value))
      if (!['interface', 'step', 'args', rank].includes(key))
        throw new Unfit(`must have no "${key.slice(0, 60)}" in a step; there are interface, step, args and ${rank}`)
    for (const key of ['interface', 'step', rank, ...(argsRequired ? ['args'] : [])])
      if (value[key] === undefined) throw new Unfit(`must have "${key}" in every step`)
    if (!(STEP_INTERFACES as readonly unknown[]).includes(value['interface']))
      throw new Unfit(`must have one of ${STEP_INTERFACES.join(', ')} as the interface of a step`)
    if (typeof value['step'] !== 'string' || value['step'] === '') throw new Unfit('must have the name of every step')
    if (value['args'] !== undefined && !isObject(value['args'])) throw new Unfit('must have an object as the args of a step')
    const given = value[rank]
    const number = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given
    if (!Number.isSafeInteger(number) || (number as number) < 0) throw new Unfit(`must have a whole number of at least 0 as ${rank}`)
    return { ...value, [rank]: number } as unknown as Step
  }
  const parse = (value: unknown): Step[] => {
    if (!Array.isArray(value) || value.length === 0) throw new Unfit('is too short: it must be a list of steps that is not empty')
    const all = value.map(one)
    const seen = new Set<string>()
    for (const step of all) {
      const name = `interface: ${step.interface}, step: ${step.step}`
      if (seen.has(name)) throw new Unfit(`must not have a step twice (${name.slice(0, 200)})`)
      seen.add(name)
    }
    return all
  }
  const rankSchema = { type: 'integer', minimum: 0 }
  return {
    name: 'array',
    schema: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          interface: { type: 'string', enum: STEP_INTERFACES },
          step: { type: 'string', minLength: 1 },
          args: { type: 'object' },
          [rank]: rankSchema,
        },
        required: ['interface', 'step', rank],
      },
    },
    parse,
    query: text => parse(JSON.parse(text)),
  }
}

/** Steps as everybody sees them: what is named like a secret is masked. */
export const maskSteps = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(step => (isObject(step) ? { ...step, args: maskSecrets(step['args'] ?? {}) } : step)) : value

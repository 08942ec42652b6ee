import type { Conductor } from './conductor.ts'

/** Refuses, with a sentence, conductors that cannot live together or cannot run. */
export const checkConductors = (conductors: readonly Conductor[]): void => {
  const names = new Set<string>()
  const owners = new Map<string, string>()
  for (const { name, owns, slots, limit, groups, groupOf } of conductors) {
    if (names.has(name)) throw new Error(`Two conductors are named "${name}".`)
    names.add(name)
    if (!Number.isInteger(slots) || slots < 1) throw new Error(`Conductor "${name}" has ${slots} slots; it needs at least 1.`)
    if (!(limit > 0)) throw new Error(`Conductor "${name}" has a limit of ${limit} ms; it needs one above 0.`)
    if (groups && !groupOf) throw new Error(`Conductor "${name}" serves groups but does not say which group a key belongs to.`)
    for (const column of owns) {
      const other = owners.get(column)
      if (other !== undefined && other !== name) throw new Error(`"${column}" is owned by two conductors, "${other}" and "${name}".`)
      owners.set(column, name)
    }
  }
}

/** Milliseconds for which a command of a lost run may still act. */
export const settling = (conductor: Conductor): number => conductor.command ?? (conductor.outside ? 60_000 : 0)

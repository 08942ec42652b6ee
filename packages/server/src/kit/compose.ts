import type { Kit, Running, SeamDef, ServiceDef } from './service.ts'

export interface Composition {
  readonly services: readonly ServiceDef[]
  readonly seams: readonly SeamDef[]
  /** Which seam meets a need when there are several: `leasing.things` → the seam's own name. */
  readonly choose: Readonly<Record<string, string>>
  readonly kitFor: (service: ServiceDef) => Kit
  readonly configFor: (name: string) => unknown
}

/** Puts services together: each says what it needs, a seam gives it, and neither knows who is on the other side. */
export const compose = (c: Composition): ReadonlyMap<string, Running> => {
  const running = new Map<string, Running>()
  const byName = new Map(c.services.map(s => [s.name, s]))
  const opening: string[] = []
  const start = (def: ServiceDef): Running => {
    const up = running.get(def.name)
    if (up) return up
    if (opening.includes(def.name)) throw new Error(`services need each other in a ring: ${[...opening, def.name].join(' -> ')}`)
    opening.push(def.name)
    const needs: Record<string, object> = {}
    for (const [need, how] of Object.entries(def.needs)) {
      const seam = seamFor(c, def.name, need, byName)
      if (seam) {
        const make = () => {
          const door = seam.provider === undefined ? undefined : start(byName.get(seam.provider)!).door
          return seam.make(door, c.kitFor(def), c.configFor(`${def.name}.${need}`))
        }
        needs[need] = how === 'late' ? once(make) : make()
      } else if (how === 'required')
        throw new Error(`${def.name} needs ${need}: run a service that gives it, or name a remote one in the configuration`)
    }
    opening.pop()
    const fresh = def.start(c.kitFor(def), def.config(c.configFor(def.name)), needs)
    running.set(def.name, fresh)
    return fresh
  }
  for (const def of c.services) start(def)
  return running
}

const once = <T extends object>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => (made ??= make())
}

/** The seams whose both ends are here; a remote one only where the configuration names it. */
export const seamsInUse = (c: Pick<Composition, 'services' | 'seams' | 'choose'>): SeamDef[] => {
  const byName = new Map(c.services.map(s => [s.name, s]))
  return c.services.flatMap(def => Object.keys(def.needs).flatMap(need => seamFor(c, def.name, need, byName) ?? []))
}

const seamFor = (
  c: Pick<Composition, 'seams' | 'choose'>,
  consumer: string,
  need: string,
  byName: ReadonlyMap<string, ServiceDef>,
): SeamDef | undefined => {
  const fitting = c.seams.filter(seam => seam.consumer === consumer && seam.need === need)
  const chosen = c.choose[`${consumer}.${need}`]
  if (chosen === undefined) return fitting.find(seam => (seam.provider === undefined ? seam.own === true : byName.has(seam.provider)))
  const seam = fitting.find(each => each.name === chosen)
  if (!seam)
    throw new Error(`${consumer}.${need} cannot be met by "${chosen}": there are ${fitting.map(each => each.name).join(', ') || 'none'}`)
  if (seam.provider !== undefined && !byName.has(seam.provider))
    throw new Error(`${consumer}.${need} is to be met by ${seam.provider}, which does not run here`)
  return seam
}

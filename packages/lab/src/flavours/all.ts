import type { Flavour } from './flavour.ts'
import { idrac } from './idrac.ts'
import { ilo } from './ilo.ts'
import { plain } from './plain.ts'
import { supermicro } from './supermicro.ts'
import { xcc } from './xcc.ts'

/** By the name that rack.yaml uses. */
export const flavours: ReadonlyMap<string, Flavour> = new Map([plain, idrac, ilo, xcc, supermicro].map(f => [f.name, f]))

/** Throws with the names there are. */
export function flavourNamed(name: string): Flavour {
  const found = flavours.get(name)
  if (!found) throw new Error(`there is no flavour '${name}'; there are ${[...flavours.keys()].join(', ')}`)
  return found
}

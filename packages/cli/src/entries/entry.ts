import type { AnyResource } from '@esi/api/define'
import type { Command, Entry } from '../command.ts'
import type { Crud } from '../crud.ts'

export const entry = (words: string, brief: string, load: () => Promise<Command>): Entry => ({ words, brief, load })

export type PlainVerb = 'list' | 'show' | 'create' | 'set' | 'unset' | 'delete'

const briefs: Readonly<Record<PlainVerb, (one: string, many: string) => string>> = {
  list: (_one, many) => `list ${many}`,
  show: one => `show ${one}`,
  create: one => `create ${one}`,
  set: one => `change ${one}`,
  unset: one => `take fields of ${one} back to nothing`,
  delete: (_one, many) => `delete ${many}`,
}

/** The plain commands of a declared resource; its table is read only when one of them is used. */
export const plainEntries = (
  prefix: string,
  one: string,
  many: string,
  load: () => Promise<Crud>,
  verbs: readonly PlainVerb[] = ['list', 'show', 'create', 'set', 'unset', 'delete'],
): Entry[] =>
  verbs.map(verb => {
    const brief = briefs[verb](one, many)
    return entry(`${prefix} ${verb}`, brief, async () => {
      const [crud, commands] = await Promise.all([load(), import('../crud.ts')])
      return commands[`${verb}Command`](crud, brief)
    })
  })

/** For resources whose typed table is only known by its fields here. */
export const anyResource = (resource: object): AnyResource => resource as AnyResource

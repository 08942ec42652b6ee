import type { AnyResource } from '@esi/api/define'
import { type Dialect, Refused } from '@esi/api/dialect'
import { unwrap } from '@esi/api/page'
import { isObject } from '@esi/api/types'
import type { RawBuilder } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Reply } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { Engine, type Setup } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'

export interface KeystoneSetup extends Omit<Setup, 'newId' | 'judgeFirst'> {
  /** Fields that are left out where they are null. */
  readonly sparse?: readonly string[]
  /** Fields that are taken and never shown. */
  readonly unseen?: readonly string[]
  /** Narrows every list: by the domain that a token is for, by what a list is without being asked. */
  readonly narrow?: (context: Context) => readonly RawBuilder<unknown>[]
  /** A change of nothing is no mistake. */
  readonly mayBeEmpty?: boolean
  /** The last touch to an item that is shown. */
  readonly shape?: (item: Item, context: Context) => void
}

/** A resource in Keystone's manner: its own ids, rights before existence, and lists within the token's domain. */
export class Keystone extends Engine {
  readonly #setup: KeystoneSetup

  constructor(setup: KeystoneSetup) {
    super({ own: ownDomain, ...setup, dialect: guarded(setup), newId: hex, judgeFirst: true })
    this.#setup = setup
  }

  override list(context: Context, where: readonly RawBuilder<unknown>[] = [], judged = false): Promise<Reply> {
    return super.list(context, [...where, ...(this.#setup.narrow?.(context) ?? [])], judged)
  }

  /** Whoever may make none is told that, and not what is wrong with theirs. */
  override async create(context: Context, complete?: (draft: Item, tx: Tx) => Promise<void> | void): Promise<Reply> {
    try {
      return await super.create(context, complete)
    } catch (e) {
      if (e instanceof Refused && e.kind === 'invalid') context.require(this.r.policy.create!, targetOf(this.r, texts(context, this.r)))
      throw e
    }
  }

  /** The same of a change to what is not there: not all who may see a kind may change it. */
  override async update(context: Context, ident: string): Promise<Reply> {
    try {
      return await super.update(context, ident)
    } catch (e) {
      if (e instanceof Refused && e.kind === 'missing') context.require(this.r.policy.update!, {})
      throw e
    }
  }

  /** Of a collection below something else: all that `where` leaves, to whose list the caller's right was asked already. */
  below(context: Context, where: readonly RawBuilder<unknown>[]): Promise<Reply> {
    return super.list(context, where, true)
  }

  override present(context: Context, rows: readonly Item[], fields?: readonly string[]): Item[] {
    const { sparse = [], unseen = [], shape } = this.#setup
    return super.present(context, rows, fields).map(item => {
      for (const name of sparse) if (item[name] === null || item[name] === undefined) delete item[name]
      for (const name of unseen) delete item[name]
      shape?.(item, context)
      return item
    })
  }
}

/** What was sent of a thing, as far as it is text. */
const texts = ({ wire: { body } }: Context, r: AnyResource): Item => {
  const given = isObject(body) ? body[r.name] : undefined
  return Object.fromEntries(Object.entries(isObject(given) ? given : {}).filter(([, value]) => typeof value === 'string'))
}

/**
 * Attributes that nobody knows are kept; those that would be columns of ours are not theirs to set. As in Keystone a hyphen in a name
 * counts as an underscore, and an identifier that is not for clients to choose is passed over.
 */
const guarded = ({ dialect, store, mayBeEmpty }: KeystoneSetup): Dialect => {
  const check = (r: AnyResource, name: string, value: unknown): void => {
    if (Object.hasOwn(r.fields, name)) return
    if (store.keeps?.includes(name)) throw new Refused('invalid', `Additional properties are not allowed ('${name}' was unexpected)`)
    if (name === 'description' && value !== null && typeof value !== 'string')
      throw new Refused('invalid', '"description" must be a string or null.')
  }
  return {
    ...dialect,
    created(request, r) {
      const all = Object.entries(dialect.created(request, r)).map(([name, value]) => [spelt(name), value] as const)
      const given = Object.fromEntries(all.filter(([name]) => name !== r.id || r.fields[r.id]!.on.create))
      for (const [name, value] of Object.entries(given)) check(r, name, value)
      return given
    },
    changes(request, r, current) {
      if (!mayBeEmpty && Object.keys(unwrap(request, r)).length === 0)
        throw new Refused('invalid', `The "${r.name}" in the body has nothing in it to change.`)
      const changes = dialect.changes(request, r, current).map(change => ({ ...change, field: spelt(change.field) }))
      for (const { field, value } of changes) check(r, field, value)
      return changes
    },
  }
}

const spelt = (name: string): string => name.replaceAll('-', '_')

/** What lists are judged by: the domain that the token is for. */
const ownDomain = (context: Context) => {
  const domain = context.who.domain_id
  return domain === undefined
    ? {}
    : { target: { domain_id: domain, domain: { id: domain }, user: { domain_id: domain }, group: { domain_id: domain } } }
}

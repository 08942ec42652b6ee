import type { AnyResource, RouteSpec } from '@esi/api/define'
import { type Change, type Dialect, Refused } from '@esi/api/dialect'
import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely'
import { breaks, UNIQUE } from '../db/errors.ts'
import { type Database, Replayed, type Tx } from '../db/transaction.ts'
import type { Context, Input, Reply, Route } from '../http/route.ts'
import { uuid } from '../ids/ids.ts'
import type { Target } from '../policy/types.ts'
import { draftOf, known, valuesOf, writeRules } from './accept.ts'
import type { Behaviour } from './behaviour.ts'
import { changed } from './changed.ts'
import { checkedQuery, idOf, type ListParts, listReply } from './list.ts'
import { selection } from './page.ts'
import { fieldsAt, present, targetOf } from './present.ts'
import type { Item, Store } from './view.ts'

export interface Setup {
  readonly resource: AnyResource
  readonly dialect: Dialect
  readonly database: Database
  readonly store: Store
  readonly behaviour?: Behaviour
  /** Which of the five operations there are; default: those whose rule the resource names. */
  readonly without?: readonly ('list' | 'show' | 'create' | 'update' | 'delete')[]
  /** Identifiers of new rows; default: UUIDs with hyphens. */
  readonly newId?: () => string
  /** What a list of one's own is judged by; default: every relation is the caller's project. */
  readonly own?: (context: Context) => Target
  /** Whom a row concerns, for its events; default: what its relations name. */
  readonly concerns?: (row: Readonly<Item>) => readonly string[]
  /** Whoever may see no row at all is denied before it is told that there is none. */
  readonly judgeFirst?: boolean
}

/** One declared resource, served: list, show, create, change and delete, and the ground that its further routes stand on. */
export class Engine {
  readonly r: AnyResource
  readonly #dialect: Dialect
  readonly #database: Database
  readonly #store: Store
  readonly #behaviour: Behaviour
  readonly #without: readonly string[]
  readonly #setup: Setup
  readonly #parts: ListParts
  #reading: CompiledQuery<Item> | undefined

  constructor(setup: Setup) {
    this.#setup = setup
    this.r = setup.resource
    this.#dialect = setup.dialect
    this.#database = setup.database
    this.#store = setup.store
    this.#behaviour = setup.behaviour ?? {}
    this.#without = setup.without ?? []
    for (const [name, field] of Object.entries(this.r.fields))
      if (!field.computed && !this.#store.view.columns[name])
        throw new Error(`${this.r.service}.${this.r.name}: the view has no column for "${name}"`)
    this.#parts = {
      r: this.r,
      dialect: this.#dialect,
      view: this.#store.view,
      db: this.#database.db,
      behaviour: this.#behaviour,
      present: (context, rows, fields) => this.present(context, rows, fields),
      texts: new Map(),
      asText: !this.r.additional && this.present === Engine.prototype.present,
    }
  }

  /** The routes of the plain operations. */
  get routes(): Route[] {
    const { r } = this
    const one = `${r.path}/:${r.name}`
    const { policy } = r
    const since = r.since === undefined ? {} : { since: r.since, below: 'missing' as const }
    const make = (
      what: string,
      spec: Pick<RouteSpec, 'method' | 'path' | 'status'>,
      rules: (string | undefined)[],
      run: Route['handle'],
    ): Route[] =>
      this.#without.includes(what.split('.')[0]!) || rules[0] === undefined
        ? []
        : [
            {
              spec: { name: `${r.name}.${what}`, ...spec, ...since, policies: rules.filter(rule => rule !== undefined) },
              of: { resource: r, operation: what.split('.')[0] as 'list' },
              handle: run,
            },
          ]
    const lists = [policy.list, policy.listAll]
    return [
      ...make('list', { method: 'GET', path: r.path, status: 200 }, lists, c => this.list(c)),
      ...(r.detail ? make('list.detail', { method: 'GET', path: `${r.path}/detail`, status: 200 }, lists, c => this.list(c)) : []),
      ...make('create', { method: 'POST', path: r.path, status: this.#dialect.status.created }, [policy.create], c => this.create(c)),
      ...make('show', { method: 'GET', path: one, status: 200 }, [policy.show], (c, i) => this.show(c, i.params[r.name]!)),
      ...make('update', { method: this.#dialect.updateMethod, path: one, status: 200 }, [policy.update], (c, i) =>
        this.update(c, i.params[r.name]!),
      ),
      ...make('delete', { method: 'DELETE', path: one, status: this.#dialect.status.deleted }, [policy.delete], (c, i) =>
        this.delete(c, i.params[r.name]!),
      ),
    ]
  }

  /**
   * A list. `where` narrows it for sub-collections (the ports of a node). With `judged` the caller's right was asked already, and is to
   * all that `where` leaves.
   */
  async list(context: Context, where: readonly RawBuilder<unknown>[] = [], judged = false): Promise<Reply> {
    const { r } = this
    const query = checkedQuery(r, this.#dialect, context)
    const everybody = judged || context.may(r.policy.listAll ?? r.policy.list)
    if (!everybody) context.require(r.policy.list, this.#setup.own?.(context) ?? { project_id: context.project, ...ownTarget(r, context) })
    return listReply(this.#parts, context, query, everybody, where)
  }

  async show(context: Context, ident: string): Promise<Reply> {
    const row = await this.find(context, ident)
    const asked = new URLSearchParams(context.wire.query)
      .getAll('fields')
      .flatMap(text => text.split(','))
      .filter(Boolean)
    for (const name of asked) known(this.r, name, context.version)
    return { status: 200, body: await this.#one(context, row, asked.length > 0 ? asked : undefined) }
  }

  async create(context: Context, complete?: (draft: Item, tx: Tx) => Promise<void> | void): Promise<Reply> {
    const { r } = this
    const { draft, named } = draftOf(r, this.#dialect.created(context.wire, r), context.version)
    if (r.tenant && (draft[r.tenant] === undefined || draft[r.tenant] === null) && !named.includes(r.tenant))
      draft[r.tenant] = context.project ?? null
    draft[r.id] ??= (this.#setup.newId ?? uuid)()
    await this.#behaviour.ties?.(draft, context)
    const rules = writeRules(
      r,
      draft,
      named.filter(name => r.fields[name]?.write?.when),
      undefined,
    )
    context.require(r.policy.create!, targetOf(r, draft))
    for (const rule of rules) context.require(rule, targetOf(r, draft))
    try {
      const row = await this.#database.transaction(context, async tx => {
        await tx.once(String(draft[r.id]))
        // The transaction may run again after a deadlock: each attempt completes a draft of its own.
        const whole = { ...draft }
        await this.#behaviour.prepare?.(whole, context, tx)
        await complete?.(whole, tx)
        await this.#write(() => this.#store.insert!(tx, whole), whole).catch(e => {
          if (!named.includes(r.id) || !breaks(e, UNIQUE)) throw e
          throw new Refused('conflict', `A ${r.name} with ${r.id} ${String(whole[r.id])} already exists.`)
        })
        const made = (await this.read(tx.db, String(draft[r.id])))!
        tx.emit(r.service, { type: `${r.service}.${r.name}.created`, ...this.#about(made), data: { after: changed(r, {}, made).after } })
        return made
      })
      return { status: this.#dialect.status.created, body: await this.#one(context, row), headers: this.#location(context, row) }
    } catch (e) {
      if (!(e instanceof Replayed)) throw e
      const row = await this.read(this.#database.db, e.object)
      if (!row) throw new Refused('gone', `This request was carried out before; the ${r.name} ${e.object} that it made is gone.`)
      return { status: this.#dialect.status.created, body: await this.#one(context, row), headers: this.#location(context, row) }
    }
  }

  async update(context: Context, ident: string): Promise<Reply> {
    const { r } = this
    const id = String((await this.find(context, ident))[r.id])
    const row = await this.#database.transaction(context, async tx => {
      const current = await this.locked(context, tx, id)
      const changes = this.#dialect.changes(context.wire, r, current)
      await this.change(context, tx, current, changes)
      return (await this.read(tx.db, id))!
    })
    return { status: 200, body: await this.#one(context, row) }
  }

  /** Carries out changes to a locked row: rights, the hook, the write and the event. */
  async change(context: Context, tx: Tx, current: Item, changes: readonly Change[]): Promise<void> {
    const { r } = this
    const values = valuesOf(r, changes, context.version)
    for (const rule of writeRules(r, values, Object.keys(values), r.policy.update)) context.require(rule, targetOf(r, current))
    await this.#behaviour.beforeUpdate?.(current, values, context, tx, changes)
    const id = String(current[r.id])
    if (Object.keys(values).length > 0) await this.#write(() => this.#store.update!(tx, id, values), { ...current, ...values })
    const after = (await this.read(tx.db, id))!
    const difference = changed(r, current, after)
    if (difference.fields.length > 0)
      tx.emit(r.service, { type: `${r.service}.${r.name}.updated`, ...this.#about(after, current), data: { ...difference } })
  }

  async delete(context: Context, ident: string): Promise<Reply> {
    const { r } = this
    const id = String((await this.find(context, ident, r.policy.delete))[r.id])
    await this.#database.transaction(context, async tx => {
      const current = await this.locked(context, tx, id)
      context.require(r.policy.delete!, targetOf(r, current))
      await this.#behaviour.beforeDelete?.(current, context, tx)
      if (this.#behaviour.remove) return this.#behaviour.remove(current, context, tx)
      await this.#write(() => this.#store.remove!(tx, id), current)
      tx.emit(r.service, { type: `${r.service}.${r.name}.deleted`, ...this.#about(current), data: {} })
    })
    return { status: this.#dialect.status.deleted, ...(this.#dialect.deleted ? { body: this.#dialect.deleted(r) } : {}) }
  }

  /** A declared route below one row: finds the row as its caller may see it, asks the route's first rule, and goes on. */
  on<S extends RouteSpec>(spec: S, run: (row: Item, context: Context, input: Input<any, any>) => Promise<Reply>): Route {
    return {
      spec,
      handle: async (context, input) => run(await this.find(context, input.params[this.r.name]!, spec.policies?.[0]), context, input),
    }
  }

  /** The row that an identifier or a name means to this caller; throws the dialect's answer when there is none to see. */
  async find(context: Context, ident: string, rule?: string): Promise<Item> {
    const { r } = this
    const row = await this.#seen(context, ident, rule)
    if (rule) context.require(rule, targetOf(r, row))
    return row
  }

  async #seen(context: Context, ident: string, rule?: string): Promise<Item> {
    const { r } = this
    const byId = await this.read(this.#database.db, ident)
    if (byId) {
      if (context.may(r.policy.show, targetOf(r, byId))) return byId
      throw this.#dialect.foreign(r, ident, rule ?? r.policy.show)
    }
    if (r.alias && r.alias !== r.id) {
      const everybody = context.may(r.policy.listAll ?? r.policy.list)
      const rows = (await this.#named(ident, everybody ? undefined : context)).filter(row => context.may(r.policy.show, targetOf(r, row)))
      if (rows.length > 1) throw new Refused('conflict', `More than one ${r.name} is called "${ident}": use the ${r.id}.`)
      if (rows[0]) return rows[0]
    }
    if (this.#setup.judgeFirst) context.require(rule ?? r.policy.show, {})
    throw this.#dialect.missing(r, ident)
  }

  /** The row with that id, whoever asks; undefined when there is none. */
  async read(db: Kysely<any>, id: string): Promise<Item | undefined> {
    const { r } = this
    const { view } = this.#store
    const key = idOf(r, id)
    if (key === undefined) return undefined
    // Compiled once: making the text of so many columns costs more than all the rest of showing one row.
    this.#reading ??=
      sql<Item>`select ${selection(view, Object.keys(r.fields))} from ${view.from} where ${view.columns[r.id]!} = ${key}${view.always ? sql` and ${view.always}` : sql``}`.compile(
        db,
      )
    const { parameters } = this.#reading
    if (parameters.length !== 1) throw new Error(`${r.service}.${r.name}: an expression of the view has a value of its own`)
    return (await db.executeQuery(CompiledQuery.raw(this.#reading.sql, [key]))).rows[0] as Item | undefined
  }

  async #named(name: string, context: Context | undefined): Promise<Item[]> {
    const { r } = this
    const { view } = this.#store
    const where = [sql`${view.columns[r.alias!]!} = ${name}`]
    if (view.always) where.push(view.always)
    if (context) where.push(sql`(${view.visible(context.who)})`)
    const { rows } =
      await sql<Item>`select ${selection(view, Object.keys(r.fields))} from ${view.from} where ${sql.join(where, sql` and `)} limit 100`.execute(
        this.#database.db,
      )
    return rows
  }

  /** The row again, locked: what is judged from here on is what will be changed. */
  async locked(context: Context, tx: Tx, id: string): Promise<Item> {
    this.#store.lock(tx, id)
    const row = await this.read(tx.db, id)
    if (!row) throw this.#dialect.missing(this.r, id)
    if (!context.may(this.r.policy.show, targetOf(this.r, row))) throw this.#dialect.foreign(this.r, id, this.r.policy.show)
    return row
  }

  /** Rows as the caller may see them. */
  present(context: Context, rows: readonly Item[], fields: readonly string[] = fieldsAt(this.r, context.version)): Item[] {
    const shown = present(this.r, rows, fields, context.version, context.may, this.#dialect.time)
    if (!this.r.additional) return shown
    return shown.map((item, i) => ({ ...((rows[i]!['extra'] as Item | null) ?? {}), ...item }))
  }

  /** One row in the dialect's envelope, with its computed fields. */
  async #one(context: Context, row: Item, asked?: readonly string[]): Promise<unknown> {
    const fields = fieldsAt(this.r, context.version, asked)
    const whole = { ...row }
    await this.#behaviour.compute?.([whole], context, fields)
    return this.#dialect.one(this.r, this.present(context, [whole], fields)[0]!, context.wire)
  }

  /** The same, for routes that answer with the row they acted on. */
  reply(context: Context, row: Item): Promise<unknown> {
    return this.#one(context, row)
  }

  #about(row: Item, before?: Item) {
    const { r } = this
    const tied = (from: Item | undefined) =>
      from && this.#setup.concerns ? this.#setup.concerns(from) : Object.values(r.relations).map(column => from?.[column])
    const called = r.alias ?? 'name'
    const projects = [...new Set([...tied(row), ...tied(before)])].filter(p => typeof p === 'string') as string[]
    return {
      object: { type: r.name, id: String(row[r.id]), ...(called in r.fields ? { name: (row[called] as string | null) ?? null } : {}) },
      projects,
    }
  }

  #location(context: Context, row: Item): Record<string, string> {
    return { Location: `${context.wire.base}${this.r.path}/${String(row[this.r.id])}` }
  }

  async #write(write: () => Promise<void>, draft: Item): Promise<void> {
    try {
      await write()
    } catch (e) {
      throw this.#store.refuse?.(e, draft) ?? e
    }
  }
}

/** What a list of one's own is judged by: every relation is the caller's project. */
const ownTarget = (r: AnyResource, context: Context): Record<string, unknown> =>
  Object.fromEntries(Object.keys(r.relations).flatMap(relation => [relation, `${r.name}.${relation}`].map(key => [key, context.project])))

import type { AnyResource } from '@esi/api/define'
import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { limit, registeredLimit, limitRoutes as specs } from '@esi/api/identity/limit'
import { isObject } from '@esi/api/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { hex } from '../../../kit/ids/ids.ts'
import { draftOf } from '../../../kit/resource/accept.ts'
import type { Behaviour } from '../../../kit/resource/behaviour.ts'
import type { Item, Store } from '../../../kit/resource/view.ts'
import { invalid } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { Keystone } from '../resources/keystone.ts'
import * as store from '../store/limits.ts'
import { emit } from '../telling.ts'
import type { CatalogEngines } from './endpoint-filter.ts'

const FLAT = {
  name: 'flat',
  description: 'Limit enforcement and validation does not take project hierarchy into consideration.',
}

/** Limits that services ask for; they are kept here and enforced there. */
export const limits = (house: House, engines: CatalogEngines): Route[] => {
  const { database } = house

  const inUse = (id: string): Refused =>
    new Refused('forbidden', `Unable to update or delete registered limit ${id} because there are project limits associated with it.`)

  const there = async (item: Readonly<Item>, what: string): Promise<void> => {
    const { db } = database
    for (const [field, engine] of [
      ['service_id', engines.service],
      ['region_id', engines.region],
      ['project_id', engines.project],
      ['domain_id', engines.project],
    ] as const) {
      const id = item[field]
      if (typeof id === 'string' && !(await engine.read(db, id))) throw invalid(`Expecting to find ${field} in ${what}.`)
    }
  }

  const registeredBehaviour: Behaviour = {
    async beforeUpdate(current, values, _context, tx) {
      await there(values, 'registered_limit')
      const moved = ['service_id', 'region_id', 'resource_name'].some(field => field in values && values[field] !== current[field])
      if (moved && (await store.hasLimits(tx.db, String(current['id'])))) throw inUse(String(current['id']))
    },
    async beforeDelete(current, _context, tx) {
      if (await store.hasLimits(tx.db, String(current['id']))) throw inUse(String(current['id']))
    },
  }

  const shared = { dialect, database, without: ['create'] as const, mayBeEmpty: true }
  const registered = new Keystone({
    ...shared,
    resource: registeredLimit,
    store: store.registeredLimits,
    behaviour: registeredBehaviour,
    concerns: () => [],
  })
  const own = new Keystone({
    ...shared,
    // A limit is tied to its project and that project's domain, or to a domain.
    resource: {
      ...limit,
      relations: { project_id: 'project_id', 'domain.id': 'domain_id', 'project.domain_id': 'project_domain_id' },
    },
    store: store.limitStore,
    concerns: row => [row['project_id'], row['domain_id']].filter(id => typeof id === 'string') as string[],
    narrow: context => store.limitsFor(context.who),
  })

  /** Many in one request: all or none. */
  const many = async (
    context: Context,
    of: { readonly engine: Keystone; readonly table: AnyResource; readonly into: Store },
    raw: unknown,
    complete: (draft: Item, tx: Tx) => Promise<void>,
  ): Promise<Item> => {
    const { engine, table, into } = of
    const given = isObject(raw) ? raw[table.plural] : undefined
    if (!Array.isArray(given) || given.length === 0) throw invalid(`'${table.plural}' must be a list that is not empty`)
    const drafts = given.map(item => {
      if (!isObject(item)) throw invalid(`'${table.plural}' must be a list of objects`)
      return { ...draftOf(table, item, 0).draft, id: hex() } as Item
    })
    for (const draft of drafts) await there(draft, table.name)
    const rows = await database.transaction(context, async tx => {
      for (const each of drafts) {
        const draft = { ...each }
        await complete(draft, tx)
        try {
          await into.insert!(tx, draft)
        } catch (e) {
          throw into.refuse?.(e, draft) ?? e
        }
        emit(tx, `${table.name}.created`, { type: table.name, id: String(draft['id']) }, [
          draft['project_id'] as string | null,
          draft['domain_id'] as string | null,
        ])
      }
      return Promise.all(drafts.map(async draft => (await engine.read(tx.db, String(draft['id'])))!))
    })
    const { links: _, ...body } = dialect.many(table, engine.present(context, rows), context.wire, undefined) as Item
    return body
  }

  return [
    handle(specs.model, async context => {
      context.require('identity:get_limit_model')
      return { body: { model: FLAT } }
    }),
    handle(specs.registerMany, async (context, input) => {
      context.require('identity:create_registered_limits')
      const of = { engine: registered, table: registeredLimit, into: store.registeredLimits }
      return { body: await many(context, of, input.raw, async () => {}) }
    }),
    handle(specs.createMany, async (context, input) => {
      context.require('identity:create_limits')
      const of = { engine: own, table: limit, into: store.limitStore }
      const body = await many(context, of, input.raw, async (draft, tx) => {
        await place(draft, tx)
        const base = await store.findRegistered(tx.db, {
          service: String(draft['service_id']),
          region: (draft['region_id'] ?? null) as string | null,
          resource: String(draft['resource_name']),
        })
        if (base === undefined) throw new Refused('forbidden', 'Unable to create a limit that has no corresponding registered limit.')
        draft['registered_limit_id'] = base
      })
      return { body }
    }),
    ...registered.routes,
    ...own.routes,
  ]

  /** For a project or for a domain; a project that acts as one counts as the domain. */
  async function place(draft: Item, tx: Tx): Promise<void> {
    const { project_id: project, domain_id: domain } = draft
    if ((typeof project === 'string') === (typeof domain === 'string')) throw invalid('A limit has either a project_id or a domain_id.')
    if (typeof project !== 'string') return
    const row = await engines.project.read(tx.db, project)
    if (row?.['is_domain'] !== true) return
    draft['project_id'] = null
    draft['domain_id'] = project
  }
}

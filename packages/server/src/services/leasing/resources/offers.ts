import { dialect } from '@esi/api/leasing/dialect'
import { offer as resource } from '@esi/api/leasing/offer'
import { FOREVER, type Instant, naive, plus } from '@esi/api/time'
import type { Kysely } from 'kysely'
import type { Context, Reply, Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { draftOf } from '../../../kit/resource/accept.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import { endOffer } from '../ending.ts'
import { refused } from '../errors.ts'
import { calendarsOf, place, rootOf } from '../store/calendar/book.ts'
import { freeIn } from '../store/calendar/free.ts'
import { lockUnit } from '../store/calendar/lock.ts'
import { offerConditions } from '../store/conditions.ts'
import { insertOffer, offerStore } from '../store/offers.ts'
import { rememberProjects } from '../store/projects.ts'
import { knowUnit, type Unit } from '../store/resources.ts'
import { tellOffer } from '../telling.ts'
import type { World } from '../world.ts'
import { findOffer, findProject, findThing, withLineage } from './find.ts'
import { lockGround } from './ground.ts'
import { make } from './make.ts'
import { readQueries } from './query.ts'
import { checkSpan, range } from './span.ts'

/** The original's client asks for "available now" as from now to the last day that there is: for what is free at the beginning of it. */
const LAST_DAY: Instant = '9999-12-31T00:00:00.000000Z'

export const offerEngine = (world: World): Engine =>
  new Engine({
    resource,
    dialect,
    database: world.kit.database,
    store: offerStore,
    behaviour: {
      async compute(rows, context, fields) {
        if (fields.includes('availabilities')) await showWindows(world.kit.database.db, rows, context.at)
      },
    },
  })

/** Windows that can be claimed, as pairs of times; an offer that is not available has none. */
const showWindows = async (db: Kysely<any>, rows: Item[], now: Instant): Promise<void> => {
  const open = rows.filter(row => row['availabilities'] === undefined && row['state'] === 'available')
  const free = await freeIn(
    db,
    open.map(row => String(row['uuid'])),
    now,
  )
  for (const row of rows) row['availabilities'] ??= (free.get(String(row['uuid'])) ?? []).map(w => [naive(w.from!), naive(w.to)])
}

export const offerRoutes = (world: World, engine: Engine): Route[] => {
  const ident = (input: { params: Readonly<Record<string, string>> }): string => input.params['offer']!
  const handlers: Readonly<Record<string, Route['handle']>> = {
    'offer.list': context => list(world, engine, context),
    'offer.show': async (plain, input) => {
      const context = await withLineage(world, plain)
      return { status: 200, body: await engine.reply(context, await findOffer(world, context, ident(input), resource.policy.show)) }
    },
    'offer.create': context => create(world, engine, context),
    'offer.delete': async (plain, input) => remove(world, await withLineage(world, plain), ident(input)),
  }
  return engine.routes.flatMap(route => (handlers[route.spec.name] ? [{ ...route, handle: handlers[route.spec.name]! }] : []))
}

const list = async (world: World, engine: Engine, plain: Context): Promise<Reply> => {
  plain.require(resource.policy.list)
  const context = await withLineage(world, plain)
  const given = readQueries(resource, context)
  const span = range('an offer', 'Start Time and End Time', given['start_time'], given['end_time'])
  const free = range(
    'an offer',
    'Availability Start Time and Availability End Time',
    given['available_start_time'],
    given['available_end_time'],
  )
  const type = given['resource_type'] ?? (given['resource_uuid'] === undefined ? undefined : world.config.defaultResourceType)
  return engine.list(
    context,
    offerConditions({
      ...(given['project_id'] === undefined
        ? {}
        : { project: await findProject(world, context, given['project_id'], resource.policy.listAll!) }),
      ...(type === undefined ? {} : { type }),
      ...(given['resource_class'] === undefined ? {} : { class: given['resource_class'] }),
      ...(given['resource_uuid'] === undefined ? {} : { resource: given['resource_uuid'] }),
      ...(span ? { span } : {}),
      ...(free ? { free: { from: free.from, to: free.to < LAST_DAY ? free.to : plus(free.from, 1) } } : {}),
      ...(given['status'] === undefined ? {} : { status: given['status'] }),
    }),
  )
}

const create = async (world: World, engine: Engine, context: Context): Promise<Reply> => {
  context.require('esi_leap:offer:create')
  const project = context.caller?.project
  if (!project) throw refused.noProjectOfToken()
  const { draft } = draftOf(resource, dialect.created(context.wire, resource), context.version)
  const type = (draft['resource_type'] as string | null) ?? world.config.defaultResourceType
  const start = (draft['start_time'] as Instant | null) ?? context.at
  const thing = await findThing(world, context, type, draft['resource_uuid'] as string)
  const lessee = draft['lessee_id'] ? await world.project(draft['lessee_id'] as string) : null
  const id = uuid()
  let unit: Unit | undefined
  let parent: string | null = null
  let end = (draft['end_time'] as Instant | null) ?? FOREVER
  checkSpan('an offer', start, end, context.at)
  return make(
    world,
    engine,
    context,
    id,
    async tx => {
      unit = await knowUnit(tx, type, thing)
      await rememberProjects(tx.db, tx.at, [project, ...(lessee ? [lessee] : [])])
      lockUnit(tx, unit.id)
      const ground = await lockGround(world, tx, context, { unit, thing, start, end: draft['end_time'] === null ? undefined : end })
      if (thing.leaving) throw refused.notLeasable(type, thing.id, thing.notLeasable ?? 'it is retired')
      parent = ground.parent?.uuid ?? null
      if (ground.parent && draft['end_time'] === null) end = ground.parent.end
      if (thing.leaves !== undefined && end > thing.leaves) throw refused.leavesThen(type, thing.id, thing.leaves)
      const grounds = parent === null ? [await rootOf(tx.db, unit.id)] : await calendarsOf(tx.db, parent)
      await place(tx.db, {
        deal: id,
        fresh: true,
        kind: 'offer',
        unit: unit.id,
        during: { from: start, to: end },
        ...(ground.parent ? { bounds: { from: ground.parent.start, to: ground.parent.end } } : {}),
        turnAround: unit.turnAround,
        crossed: [],
        grounds,
      })
      const made = {
        uuid: id,
        name: draft['name'] as string | null,
        project_id: project.id,
        lessee_id: lessee?.id ?? null,
        unit: unit.id,
        thing_owner: thing.owner,
        start,
        end,
        properties: (draft['properties'] as Record<string, unknown> | null) ?? {},
        parent,
      }
      await insertOffer(tx, made)
      tellOffer(
        tx,
        'created',
        { ...made, type: unit.type, thing: unit.thing },
        { start_time: start, end_time: end, parent_lease_uuid: parent },
      )
      if (end !== FOREVER) tx.wake('offer', id, end)
      // Whether it has changed hands since it was asked.
      if (parent === null) tx.wake('resource', thing.id)
    },
    () =>
      refuseTaken(world, context.who, {
        what: parent === null ? `${type} ${thing.id}` : `Lease ${parent}`,
        deal: parent ?? undefined,
        unit: unit!.id,
        type,
        class: unit!.class,
        start,
        end,
      }),
    async (row, tx) => showWindows(tx.db, [row], tx.at),
  )
}

const remove = async (world: World, context: Context, ident: string): Promise<Reply> => {
  const row = await findOffer(world, context, ident, resource.policy.delete!)
  if (row['state'] !== 'available' && row['state'] !== 'error') throw dialect.missing(resource, ident)
  const ends = await world.kit.database.transaction(context, async tx => endOffer(tx, String(row['uuid']), 'deleted'))
  return { status: 200, body: context.dryRun ? { ends } : null }
}

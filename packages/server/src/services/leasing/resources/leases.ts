import { dialect } from '@esi/api/leasing/dialect'
import { lease as resource } from '@esi/api/leasing/lease'
import { openLeases } from '@esi/api/leasing/states'
import { type Instant, later, plus } from '@esi/api/time'
import type { RawBuilder } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Reply, Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { draftOf } from '../../../kit/resource/accept.ts'
import { Engine } from '../../../kit/resource/engine.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import { endLease } from '../ending.ts'
import { refused } from '../errors.ts'
import { calendarsOf, firstBookings, offersIn, rootOf } from '../store/calendar/book.ts'
import { lockBookings, lockUnit, lockUsage } from '../store/calendar/lock.ts'
import { leaseConditions } from '../store/conditions.ts'
import { countLiving, insertLease, leaseStore, type NewLease } from '../store/leases.ts'
import { rememberProjects } from '../store/projects.ts'
import { knowUnit, type Unit } from '../store/resources.ts'
import { tellLease } from '../telling.ts'
import type { World } from '../world.ts'
import { extend } from './extend.ts'
import { findLease, findProject, findThing } from './find.ts'
import { lockGround } from './ground.ts'
import { type Made, make } from './make.ts'
import { readQueries } from './query.ts'
import { checkLength, checkSpan, range, usualLength } from './span.ts'

export const leaseEngine = (world: World): Engine => new Engine({ resource, dialect, database: world.kit.database, store: leaseStore })

export const leaseRoutes = (world: World, engine: Engine): Route[] => {
  const handlers: Readonly<Record<string, Route['handle']>> = {
    'lease.list': context => list(world, engine, context),
    'lease.show': async (context, input) => ({
      status: 200,
      body: await engine.reply(context, await findLease(world, context, input.params['lease']!, resource.policy.show)),
    }),
    'lease.create': context => create(world, engine, context),
    'lease.update': (context, input) => extend(world, engine, context, input.params['lease']!),
    'lease.delete': (context, input) => remove(world, context, input.params['lease']!),
  }
  return engine.routes.flatMap(route => (handlers[route.spec.name] ? [{ ...route, handle: handlers[route.spec.name]! }] : []))
}

/**
 * The original's rules: without a filter one's own, as lessee or as owner; others' only for administrators, who see everybody's
 * with `view=all`.
 */
const list = async (world: World, engine: Engine, context: Context): Promise<Reply> => {
  const admin = 'esi_leap:lease:lease_admin'
  const given = readQueries(resource, context)
  const all = given['view'] === 'all'
  context.require(all ? admin : resource.policy.list)
  const idOf = async (ident: string | undefined) => (ident === undefined ? undefined : await findProject(world, context, ident, admin))
  const project = await idOf(given['project_id'])
  const owner = await idOf(given['owner_id'])
  const mine = context.project
  if (!all) {
    if (owner !== undefined) {
      if (owner !== mine) context.require(admin)
    } else if (project !== undefined && project !== mine) context.require(admin)
  }
  const span = range('a lease', 'Start Time and End Time', given['start_time'], given['end_time'])
  const type = given['resource_type'] ?? (given['resource_uuid'] === undefined ? undefined : world.config.defaultResourceType)
  return engine.list(
    context,
    leaseConditions({
      ...(project === undefined ? {} : { project }),
      ...(owner === undefined ? {} : { owner }),
      ...(!all && owner === undefined && project === undefined ? { party: mine ?? '' } : {}),
      ...(given['offer_uuid'] === undefined ? {} : { offer: given['offer_uuid'] }),
      ...(type === undefined ? {} : { type }),
      ...(given['resource_class'] === undefined ? {} : { class: given['resource_class'] }),
      ...(given['resource_uuid'] === undefined ? {} : { resource: given['resource_uuid'] }),
      ...(given['purpose'] === undefined ? {} : { purpose: given['purpose'] }),
      ...(span ? { span } : {}),
      ...(given['status'] === undefined ? {} : { status: given['status'] }),
    }),
  )
}

/** Writes a lease with its bookings, its event and its work, all with the commit; gives it as it is shown. */
export const writeLease = (tx: Tx, lease: NewLease, unit: Unit, bookings: RawBuilder<unknown>): Made => {
  const made = insertLease(tx, lease, bookings)
  tellLease(
    tx,
    'created',
    { ...lease, type: unit.type, thing: unit.thing },
    {
      start_time: lease.start,
      end_time: lease.end,
      offer_uuid: lease.offer,
      parent_lease_uuid: lease.parent,
    },
  )
  tx.wake('lease', lease.uuid, later(lease.start, tx.at))
  return async () => (await made).rows[0]!
}

/** Counts under the project's row, so that two requests at once do not both find room. */
export const checkLimit = async (world: World, tx: Tx, project: string): Promise<void> => {
  const most = world.config.maxLeasesPerProject
  if (most === undefined) return
  await lockUsage(tx.db, project)
  if ((await countLiving(tx.db, project)) >= most) throw refused.tooMany(most)
}

const create = async (world: World, engine: Engine, context: Context): Promise<Reply> => {
  context.require('esi_leap:lease:create')
  const caller = context.caller?.project
  if (!caller) throw refused.noProjectOfToken()
  const { draft } = draftOf(resource, dialect.created(context.wire, resource), context.version)
  const type = (draft['resource_type'] as string | null) ?? world.config.defaultResourceType
  const thing = await findThing(world, context, type, draft['resource_uuid'] as string)
  const project = await world.project(draft['project_id'] as string)
  const start = (draft['start_time'] as Instant | null) ?? context.at
  const end = (draft['end_time'] as Instant | null) ?? plus(start, usualLength(world))
  checkSpan('a lease', start, end, context.at)
  checkLength(world, context, start, end)
  const id = uuid()
  let unit: Unit | undefined
  let parent: string | null = null
  return make(
    world,
    engine,
    context,
    id,
    async tx => {
      unit = await knowUnit(tx, type, thing)
      await rememberProjects(tx.db, tx.at, [caller, project])
      await checkLimit(world, tx, project.id)
      lockUnit(tx, unit.id)
      const ground = await lockGround(world, tx, context, { unit, thing, start, end })
      // After the right to the thing: how another's is, is told to nobody.
      if (thing.notLeasable && (thing.leaving || project.id !== thing.owner)) throw refused.notLeasable(type, thing.id, thing.notLeasable)
      if (thing.leaves !== undefined && end > thing.leaves) throw refused.leavesThen(type, thing.id, thing.leaves)
      parent = ground.parent?.uuid ?? null
      const grounds = parent === null ? [await rootOf(tx.db, unit.id)] : await calendarsOf(tx.db, parent)
      const offers = await offersIn(tx.db, grounds, caller.id, id)
      await lockBookings(
        tx.db,
        offers.map(o => o.id),
      )
      const bookings = firstBookings({
        deal: id,
        kind: 'lease',
        unit: unit.id,
        during: { from: start, to: end },
        ...(ground.parent ? { bounds: { from: ground.parent.start, to: ground.parent.end } } : {}),
        turnAround: unit.turnAround,
        crossed: await offersIn(tx.db, grounds, caller.id, id),
        grounds,
      })
      return writeLease(
        tx,
        {
          uuid: id,
          name: draft['name'] as string | null,
          project_id: project.id,
          owner_id: caller.id,
          purpose: draft['purpose'] as string | null,
          unit: unit.id,
          start,
          end,
          properties: (draft['properties'] as Record<string, unknown> | null) ?? {},
          offer: null,
          parent,
        },
        unit,
        bookings,
      )
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
  )
}

/** Ends a lease. One that is ending is only looked at again; one that has ended is not there, as in the original. */
const remove = async (world: World, context: Context, ident: string): Promise<Reply> => {
  const row = await findLease(world, context, ident, resource.policy.delete!)
  const ending = row['state'] === 'wait expire' || row['state'] === 'wait cancel'
  if (!ending && !openLeases.includes(row['state'] as 'active')) throw dialect.missing(resource, ident)
  const ends = await world.kit.database.transaction(context, async tx => endLease(tx, String(row['uuid']), 'cancel'))
  return { status: 200, body: context.dryRun ? { ends } : null }
}

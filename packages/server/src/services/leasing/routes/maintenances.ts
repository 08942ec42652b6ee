import { Refused } from '@esi/api/dialect'
import { maintenanceCreate, maintenanceDelete, maintenanceList } from '@esi/api/leasing/documents'
import { naive } from '@esi/api/time'
import { isUuid } from '@esi/api/types'
import { Replayed } from '../../../kit/db/transaction.ts'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { refuseTaken } from '../calendar/refuse.ts'
import { settleOffers } from '../ending.ts'
import { refused } from '../errors.ts'
import { findThing } from '../resources/find.ts'
import { checkSpan } from '../resources/span.ts'
import { isTaken, offersOn, place, rootOf, vacate } from '../store/calendar/book.ts'
import { lockBookings, lockDeal, lockUnit } from '../store/calendar/lock.ts'
import { endMaintenance, insertMaintenance, listMaintenance, type Maintenance, readMaintenance } from '../store/maintenances.ts'
import { idOfThing, knowUnit, type Unit } from '../store/resources.ts'
import type { World } from '../world.ts'

/** Time in which a thing is worked on: cut along the offers it crosses, refused where somebody has a lease. */
export const maintenanceRoutes = (world: World): readonly Route[] => [
  handle(maintenanceCreate, async (context, input) => {
    context.require('esi_leap:maintenance:create')
    const { body } = input
    const type = body.resource_type ?? world.config.defaultResourceType
    const thing = await findThing(world, context, type, body.resource_uuid)
    const project = context.project
    if (project === undefined) throw refused.noProjectOfToken()
    if (project !== thing.owner && !admin(context)) throw refused.notYours(type, thing.id)
    const start = body.start_time ?? context.at
    const end = body.end_time
    checkSpan('maintenance', start, end, context.at)
    const id = uuid()
    const { database } = world.kit
    let unit: Unit | undefined
    try {
      const made = await database.transaction(context, async tx => {
        await tx.once(id)
        unit = await knowUnit(tx, type, thing)
        lockUnit(tx, unit.id)
        const crossed = await offersOn(tx.db, unit.id)
        await lockBookings(
          tx.db,
          crossed.map(c => c.id),
        )
        await place(tx.db, {
          deal: id,
          fresh: true,
          kind: 'maintenance',
          unit: unit.id,
          during: { from: start, to: end },
          turnAround: 0,
          crossed: await offersOn(tx.db, unit.id),
          grounds: [await rootOf(tx.db, unit.id)],
        })
        await insertMaintenance(tx, { uuid: id, unit: unit.id, project_id: project, reason: body.reason ?? null, start, end })
        tell(tx, 'created', (await readMaintenance(tx.db, id))!)
        return (await readMaintenance(tx.db, id))!
      })
      return { body: shown(made) }
    } catch (e) {
      if (e instanceof Replayed) return { body: shown((await readMaintenance(database.db, e.object))!) }
      if (!isTaken(e)) throw e
      throw await refuseTaken(world, context.who, {
        what: `${type} ${thing.id}`,
        deal: undefined,
        unit: unit!.id,
        type,
        class: thing.class,
        start,
        end,
      })
    }
  }),
  handle(maintenanceList, async (context, input) => {
    context.require('esi_leap:maintenance:get_all')
    const { db } = world.kit.database
    const resource = input.query.resource_uuid
    const thing = resource === undefined ? undefined : await idOfThing(db, world.config.defaultResourceType, resource)
    const rows = await listMaintenance(db, admin(context) ? undefined : (context.project ?? ''), thing, context.at)
    return { body: { maintenances: rows.map(shown) } }
  }),
  handle(maintenanceDelete, async (context, input) => {
    context.require('esi_leap:maintenance:delete')
    const id = input.params['maintenance']!
    const { database } = world.kit
    await database.transaction(context, async tx => {
      if (isUuid(id)) lockDeal(tx, id)
      const row = isUuid(id) ? await readMaintenance(tx.db, id) : undefined
      // What is another project's is answered like what is not there.
      if (!row || row.status === 'deleted' || (row.project_id !== context.project && !admin(context)))
        throw new Refused('missing', `Maintenance with uuid "${id.slice(0, 255)}" not found`)
      await vacate(tx.db, id)
      await settleOffers(tx, id)
      await endMaintenance(tx, id)
      tell(tx, 'deleted', row)
    })
    return { body: null }
  }),
]

const admin = (context: Context): boolean => context.may('esi_leap:offer:offer_admin')

const shown = (m: Maintenance) => ({
  uuid: m.uuid,
  resource_type: m.type,
  resource_uuid: m.thing,
  project_id: m.project_id,
  reason: m.reason,
  start_time: naive(m.start),
  end_time: naive(m.end),
  status: m.status,
})

const tell = (tx: Parameters<typeof insertMaintenance>[0], what: string, m: Maintenance): void =>
  tx.emit('leasing', {
    type: `leasing.maintenance.${what}`,
    object: { type: 'maintenance', id: m.uuid },
    projects: [m.project_id],
    data: { resource_type: m.type, resource_uuid: m.thing, lessee_id: null, owner_id: m.project_id, start_time: m.start, end_time: m.end },
  })

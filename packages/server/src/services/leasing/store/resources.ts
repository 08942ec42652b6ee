import { isDeepStrictEqual } from 'node:util'
import { type Instant, plus } from '@esi/api/time'
import { type Kysely, sql } from 'kysely'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Item } from '../../../kit/resource/view.ts'
import type { Thing } from '../needs.ts'

export interface Unit {
  readonly id: number
  readonly type: string
  readonly thing: string
  readonly name: string | null
  readonly class: string | null
  readonly owner: string | null
  readonly turnAround: number
}

const columns = sql`id, type, thing, name, class, owner, turn_around as "turnAround"`

/** Milliseconds after which what is known of a thing is asked for again, should no event have told. */
export const REFRESH = 3_600_000

/** The unit of a thing, with its calendar; made when it is new, brought up to date when it has changed. */
export const knowUnit = async (tx: Tx, type: string, thing: Thing): Promise<Unit> => {
  const { db, at } = tx
  const facts = sql`${thing.name}, ${thing.class}, ${JSON.stringify(condensed(thing.properties))}::jsonb, ${thing.owner}, ${thing.turnAround}::bigint`
  const key = sql`type = ${type} and thing = ${thing.id}`
  // Mostly nothing has changed; then nothing is locked either.
  const known = await sql<Unit>`
    select ${columns} from leasing.resource
    where ${key} and gone_at is null and (name, class, properties, owner, turn_around) is not distinct from (${facts})`.execute(db)
  if (known.rows[0]) return known.rows[0]
  const { rows } = await sql<Unit & { fresh: boolean; handed: boolean }>`
    insert into leasing.resource as r (type, thing, name, class, properties, owner, turn_around, seen_at)
    values (${type}, ${thing.id}, ${facts}, ${at})
    on conflict (type, thing) do update set (name, class, properties, owner, turn_around, seen_at, gone_at) = (${facts}, ${at}, null),
      former_owners = case when r.owner is null or r.owner is not distinct from excluded.owner then r.former_owners
        else array_append(array_remove(r.former_owners, r.owner), r.owner) end
    returning ${columns}, xmax = 0 as fresh, cardinality(former_owners) > 0 as handed`.execute(db)
  const { fresh, handed, ...unit } = rows[0]!
  // What names its former owner is brought up to date under locks of its own.
  if (handed) tx.wake('resource', thing.id)
  if (fresh) {
    await sql`insert into leasing.booking (unit, kind, during, held) values (${unit.id}, 'unit', '(,)', '(,)')`.execute(db)
    tx.wake('resource', thing.id, plus(at, REFRESH))
  }
  return unit
}

/** The unit as an offer's row shows it (see `forClaim`), if all that it says of the thing is still so: then it need not be asked for. */
export const unitIn = (row: Readonly<Item>, thing: Thing): Unit | undefined => {
  const unit: Unit = {
    id: row['unit'] as number,
    type: row['resource_type'] as string,
    thing: row['resource_uuid'] as string,
    name: row['resource'] as string | null,
    class: row['resource_class'] as string | null,
    owner: row['thing_owner'] as string | null,
    turnAround: row['turnAround'] as number,
  }
  const { name, owner, turnAround } = thing
  const same =
    isDeepStrictEqual([unit.thing, unit.name, unit.class, unit.owner, unit.turnAround], [thing.id, name, thing.class, owner, turnAround]) &&
    isDeepStrictEqual(row['resource_properties'], condensed(thing.properties))
  return same && row['thing_gone'] === null ? unit : undefined
}

/** The original shows a node's properties without these two. */
const condensed = (properties: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => key !== 'lease_uuid' && key !== 'capabilities'))

/** Leases that name a former owner do so no more; to be called once that is so. */
export const forgetFormerOwners = async (tx: Tx, unit: number): Promise<void> => {
  await sql`update leasing.resource set former_owners = '{}' where id = ${unit} and former_owners <> '{}'`.execute(tx.db)
}

export const unitsOfThing = async (db: Kysely<any>, thing: string): Promise<Unit[]> =>
  (await sql<Unit>`select ${columns} from leasing.resource where thing = ${thing} order by id`.execute(db)).rows

export const unitById = async (db: Kysely<any>, id: number): Promise<Unit> =>
  (await sql<Unit>`select ${columns} from leasing.resource where id = ${id}`.execute(db)).rows[0]!

/** Since when it is not found any more, this time being the first one or not. */
export const unitGone = async (tx: Tx, id: number): Promise<Instant> => {
  const { rows } = await sql<{ since: Instant }>`
    update leasing.resource set gone_at = coalesce(gone_at, ${tx.at}) where id = ${id} returning gone_at as since`.execute(tx.db)
  return rows[0]?.since ?? tx.at
}

/** Until when something is booked on a thing; FOREVER without end, undefined when nothing is. */
export const bookedUntil = async (db: Kysely<any>, thing: string, now: Instant): Promise<Instant | undefined> => {
  const { rows } = await sql<{ until: Instant | null }>`
    select max(least(coalesce(upper(b.during), 'infinity'), coalesce(upper(b.held), 'infinity'))) as until
    from leasing.booking b join leasing.resource r on r.id = b.unit
    where r.thing = ${thing} and b.kind = 'lease' and not isempty(b.held) and (upper_inf(b.held) or upper(b.held) > ${now})`.execute(db)
  return rows[0]?.until ?? undefined
}

/** A thing's identifier, by its name too; what is given when it is not known. */
export const idOfThing = async (db: Kysely<any>, type: string, ident: string): Promise<string> => {
  const { rows } = await sql<{ thing: string }>`
    select thing from leasing.resource where type = ${type} and (thing = ${ident} or name = ${ident}) order by thing = ${ident} desc limit 1`.execute(
    db,
  )
  return rows[0]?.thing ?? ident
}

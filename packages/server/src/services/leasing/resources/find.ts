import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/leasing/dialect'
import { lease as leaseResource } from '@esi/api/leasing/lease'
import { offer as offerResource } from '@esi/api/leasing/offer'
import { isUuid } from '@esi/api/types'
import type { RawBuilder } from 'kysely'
import type { Context } from '../../../kit/http/route.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { openTo } from '../domain/rights.ts'
import { refused } from '../errors.ts'
import type { Thing } from '../needs.ts'
import { rowsOf } from '../store/find.ts'
import { leaseView } from '../store/leases.ts'
import { offerView } from '../store/offers.ts'
import type { World } from '../world.ts'

/** A request with what the calling project lies below, for the rule of who sees an offer. */
export const withLineage = async (world: World, context: Context): Promise<Context> => {
  const lineage = await world.lineage(context.project)
  return { ...context, who: { ...context.who, lineage } }
}

/** The thing that an identifier means to this caller; a name means nothing but what is the caller's, or is in its hands. */
export const findThing = async (world: World, context: Context, type: string, ident: string): Promise<Thing> => {
  const thing = await world.thing(type, ident)
  const theirs = thing.owner === context.project || thing.lessee === context.project
  if (thing.id !== ident && !theirs && !context.may('esi_leap:offer:offer_admin')) throw refused.noResource(type, ident)
  return thing
}

/**
 * The id of the project by which a list is narrowed. Whether there is one of that name is told to administrators (whom `rule` lets)
 * only: for anybody else one that is not there is one that has nothing to be listed.
 */
export const findProject = async (world: World, context: Context, ident: string, rule: string): Promise<string> => {
  try {
    return (await world.project(ident)).id
  } catch (e) {
    if (e instanceof Refused && e.kind === 'invalid' && !context.may(rule)) return ident
    throw e
  }
}

/** The offer that an identifier means to this caller, who may then do what `rule` says. `more`: further columns; see `rowsOf`. */
export const findOffer = async (world: World, plain: Context, ident: string, rule: string, more?: RawBuilder<unknown>): Promise<Item> => {
  const { db } = world.kit.database
  const admin = plain.may('esi_leap:offer:offer_admin')
  // A name is looked up among what the caller sees; by its uuid most offers are open to everybody.
  const context = admin || isUuid(ident) || plain.who['lineage'] ? plain : await withLineage(world, plain)
  const { rows, by } = await rowsOf(db, offerView, 'o', ident, admin ? undefined : offerView.visible(context.who), more)
  const row = rows[0]
  if (!row) throw dialect.missing(offerResource, ident)
  if (rows.length > 1) throw refused.duplicate('offers', ident)
  const target = targetOf(offerResource, row)
  const foreign = () => (by === 'name' ? dialect.missing(offerResource, ident) : dialect.foreign(offerResource, ident, rule))
  const lineage = async () =>
    (context.who['lineage'] as readonly string[] | undefined) ?? (row['lessee_id'] === null ? [] : await world.lineage(context.project))
  if (!admin && !openTo(row as { project_id: string; lessee_id: string | null }, context.project, await lineage())) throw foreign()
  if (!context.may(rule, target)) throw dialect.foreign(offerResource, String(row['uuid']), rule)
  return row
}

/** The same for a lease: whoever may not see it gets the answer of the original, and may not do more with it. */
export const findLease = async (world: World, context: Context, ident: string, rule: string): Promise<Item> => {
  const { db } = world.kit.database
  const admin = context.may('esi_leap:lease:lease_admin')
  const { rows } = await rowsOf(db, leaseView, 'l', ident, admin ? undefined : leaseView.visible(context.who))
  const row = rows[0]
  if (!row) throw dialect.missing(leaseResource, ident)
  if (rows.length > 1) throw refused.duplicate('leases', ident)
  const target = targetOf(leaseResource, row)
  if (!context.may('esi_leap:lease:get', target)) throw dialect.foreign(leaseResource, ident, 'esi_leap:lease:get')
  if (!context.may(rule, target)) throw dialect.foreign(leaseResource, String(row['uuid']), rule)
  return row
}

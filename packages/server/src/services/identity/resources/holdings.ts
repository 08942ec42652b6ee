import { Refused } from '@esi/api/dialect'
import { flag } from '@esi/api/identity/types'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import type { Held, Holding } from '../needs.ts'
import { beginEndings, forgetEndings, notEnding, projectsOfDomain } from '../store/endings.ts'
import { emit } from '../telling.ts'
import type { House } from './house.ts'

type Place = { readonly id: string; readonly name: string }

/** Named one by one in a refusal; of more only the number is told. */
const NAMED = 10

const DOC =
  'Refused with 409 while the project, or one of the domain, has leases or offers. With end_leases=true they end as at their end: rights gone at once, machines cleaned. With dry_run=true too, "ends" in the reply tells which.'

const wantsEnd = (context: Context): boolean => {
  const text = context.wire.query.get('end_leases')
  return text !== null && flag().query(text)
}

/** The projects that would be without their place: the project itself, or all of the domain. */
const concerned = async (tx: Pick<Tx, 'db'>, row: Readonly<Item>): Promise<Place[]> => {
  const one = { id: String(row['id']), name: String(row['name']) }
  return row['is_domain'] === true ? projectsOfDomain(tx.db, one.id) : [one]
}

/**
 * Before a project or a domain is disabled or deleted. What its projects hold must have ended, or is to end with it: that is written
 * here, in the same transaction, and carried out by whoever keeps the leases. Throws `Refused('conflict')` that names what is held.
 */
export const letGo = async (house: House, row: Readonly<Item>, context: Context, tx: Tx): Promise<void> => {
  const holdings = house.needs.holdings?.()
  if (!holdings) return
  const places = await concerned(tx, row)
  const fresh = await notEnding(
    tx.db,
    places.map(p => p.id),
  )
  const held = await holdings.of(fresh)
  const all = [...held.leases, ...held.offers]
  if (all.length > 0 && !wantsEnd(context)) throw new Refused('conflict', refusal(row, held))
  const holders = new Set(all.map(h => h.project_id))
  // Also those that hold nothing: a claim that was on its way must not leave a lease behind.
  const ending = places.filter(p => fresh.includes(p.id))
  await beginEndings(
    tx.db,
    ending.map(p => p.id),
    tx.at,
  )
  const ids = (of: readonly Holding[], { id }: Place) => of.filter(h => h.project_id === id).map(h => h.uuid)
  // Of one project by itself its change tells already; of those of a domain nothing else does.
  for (const place of ending.filter(p => holders.has(p.id) || row['is_domain'] === true))
    emit(tx, 'project.holdings_ending', { type: 'project', ...place }, [place.id, row['domain_id'] as string | null], {
      leases: ids(held.leases, place),
      offers: ids(held.offers, place),
    })
}

/** A project, or a domain with all its projects, is used again. */
export const takeBack = async (row: Readonly<Item>, tx: Tx): Promise<void> =>
  forgetEndings(
    tx.db,
    (await concerned(tx, row)).map(p => p.id),
  )

/** A dry run that ends leases tells which. */
export const tellingEnds = (house: House, route: Route): Route => ({
  ...route,
  spec: { ...route.spec, doc: DOC },
  async handle(context, input) {
    const holdings = context.dryRun && wantsEnd(context) ? house.needs.holdings?.() : undefined
    const reply = await route.handle(context, input)
    if (!holdings) return reply
    const { db } = house.database
    const id = Object.values(input.params)[0]!
    // What was tried and not kept is as it was before.
    const ids = await notEnding(db, [id, ...(await projectsOfDomain(db, id)).map(p => p.id)])
    return { status: 200, body: { ...(reply.body as object | undefined), ends: await holdings.of(ids) } }
  },
})

const refusal = (row: Readonly<Item>, { leases, offers }: Held): string => {
  const domain = row['is_domain'] === true
  const what = domain ? 'domain' : 'project'
  const named = (of: readonly Holding[], noun: string): string[] => {
    if (of.length === 0) return []
    const some = of.slice(0, NAMED).map(h => `${h.uuid} (${h.resource}, until ${h.end_time.slice(0, 16)}Z)`)
    const rest = of.length > NAMED ? ` and ${of.length - NAMED} more` : ''
    return [`${of.length} ${noun}${of.length === 1 ? '' : 's'}: ${some.join(', ')}${rest}`]
  }
  return (
    `The ${what} ${String(row['name'])} (${String(row['id'])}) has ${[...named(leases, 'lease'), ...named(offers, 'offer')].join('; ')}. ` +
    `End them first, or let them end with it: ?end_leases=true, or --end-leases of "esi ${what} delete" and "esi ${what} set".`
  )
}

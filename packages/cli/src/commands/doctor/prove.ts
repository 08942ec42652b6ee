import { dialect } from '@esi/api/leasing/dialect'
import { lease } from '@esi/api/leasing/lease'
import { offer } from '@esi/api/leasing/offer'
import { ApiError, ResourceClient, type Session } from '@esi/client'
import type { Face, Given } from '../../command.ts'
import { UsageError } from '../../command.ts'
import type { Claimed } from './claims.ts'
import { overlaps, type Span, summary } from './judge.ts'
import { race } from './race.ts'
import { sessionOf } from './replica.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Many claims at once for the same time of one thing. What it makes is far in the future and removed again, so no machine is touched. */
export const proveCalendar = async (face: Face, given: Given): Promise<string> => {
  const [processes, claims] = [whole(given, 'processes', 4, 64), whole(given, 'claims', 200, 100_000)]
  if (claims < processes) throw new UsageError('There must be at least one claim for each process.')
  const lesseeCloud = given.one('lessee') ?? 'lessee1'
  const owner = await sessionOf(given.one('owner') ?? face.cloud ?? 'owner1', face.environment)
  const lessee = await sessionOf(lesseeCloud, face.environment)
  const [offers, leases] = [new ResourceClient(owner, 'lease', offer, dialect), new ResourceClient(owner, 'lease', lease, dialect)]
  const mine = new ResourceClient(lessee, 'lease', lease, dialect)

  const made = await makeOffer(offers, owner, given)
  face.progress(`offered ${made.thing} for a day in ${made.day.slice(0, 4)}; ${claims} claims from ${processes} processes`)
  const won: string[] = []
  let text: string
  const faults: string[] = []
  try {
    const counts = Array.from({ length: processes }, (_, i) => Math.floor(claims / processes) + (i < claims % processes ? 1 : 0))
    const job = { offer: made.uuid, start: at(made.from + 10 * HOUR), end: at(made.from + 11 * HOUR), urls: given.all('url') }
    const { claimed, millis } = await race(lesseeCloud, job, counts, face.environment)
    won.push(...claimed.flatMap(c => c.lease ?? []))
    const rows = await leases.list({ filters: { resource_uuid: made.resource, resource_type: made.type, status: 'any' } })
    const spans: Span[] = rows
      .filter(row => !['deleted', 'expired', 'error'].includes(String(row.status)))
      .map(row => ({ uuid: String(row.uuid), from: String(row.start_time), to: String(row.end_time) }))
    // Whose answer was lost is found here, too.
    for (const row of rows) if (row.offer_uuid === made.uuid && !won.includes(String(row.uuid))) won.push(String(row.uuid))
    faults.push(...judge(claimed, spans, won))
    text = [`${claims} claims from ${processes} processes for the same hour of ${made.thing}.`, ...summary(claimed, millis)].join('\n')
  } finally {
    faults.push(...(await clean(mine, offers, won, made.uuid)))
  }
  if (faults.length > 0) throw new Error(`${text}\nThis is not as it must be:\n${faults.map(f => `- ${f}`).join('\n')}`)
  return `${text}\nNo two leases overlap, by what the API shows. What was made is removed again.`
}

const judge = (claimed: readonly Claimed[], spans: readonly Span[], won: readonly string[]): string[] => {
  const winners = claimed.filter(c => c.status === 201).length
  const others = claimed.filter(c => c.status !== 201 && c.status !== 409)
  return [
    ...(winners === 1 ? [] : [`${winners} claims were accepted instead of one`]),
    ...(won.length === 1 ? [] : [`the offer has ${won.length} leases instead of one: ${won.join(', ')}`]),
    ...(others.length === 0
      ? []
      : [`${others.length} claims were answered otherwise, the first with ${others[0]!.status}: ${others[0]!.said}`]),
    ...(claimed.some(c => c.status === 409 && !c.free?.length) ? ['not every loser was shown what is free instead'] : []),
    ...overlaps(spans).map(([a, b]) => `the leases ${a} and ${b} overlap`),
  ]
}

interface Made {
  readonly uuid: string
  readonly thing: string
  readonly resource: string
  readonly type: string
  readonly from: number
  readonly day: string
}

/** An offer for one day, a year or more from now, of what was named; else of a test thing; else of the owner's first node. */
const makeOffer = async (offers: ResourceClient<any>, owner: Session, given: Given): Promise<Made> => {
  const from = Math.ceil(Date.now() / DAY) * DAY + (365 + Math.floor(Math.random() * 365)) * DAY
  const day = at(from)
  const create = async (resource_uuid: string, resource_type: string | undefined): Promise<Made> => {
    const row = await offers.create({
      resource_uuid,
      ...(resource_type ? { resource_type } : {}),
      start_time: day,
      end_time: at(from + DAY),
      name: `doctor ${globalThis.crypto.randomUUID().slice(0, 8)}`,
    })
    const text = (key: string) => String(row[key])
    return { uuid: text('uuid'), thing: text('resource'), resource: text('resource_uuid'), type: text('resource_type'), from, day }
  }
  const named = given.one('resource')
  if (named !== undefined) return create(named, given.one('resource-type'))
  try {
    return await create(globalThis.crypto.randomUUID(), 'test_node')
  } catch (e) {
    // There are no test things here, or they belong to others.
    if (!(e instanceof ApiError) || e.status >= 500 || e.status === 401) throw e
  }
  const { project } = await owner.token()
  const { body } = await owner.call('lease', dialect, { method: 'GET', path: '/v1/nodes' })
  const nodes = ((body as { nodes?: { uuid: string; name: string; owner?: string; owner_id?: string }[] }).nodes ?? []).filter(
    n => n.owner_id === project?.id || n.owner === project?.name,
  )
  if (nodes.length === 0)
    throw new Error(`The project ${project?.name} owns no node, and there are no test nodes. Name something that it may offer: --resource.`)
  return create(nodes[0]!.uuid, undefined)
}

/** What is left when it cannot be removed, as faults. */
const clean = async (
  leases: ResourceClient<any>,
  offers: ResourceClient<any>,
  won: readonly string[],
  offerId: string,
): Promise<string[]> => {
  const gone = async (what: string, remove: () => Promise<void>): Promise<string[]> => {
    try {
      await remove()
      return []
    } catch (e) {
      return [`${what} could not be removed: ${(e as Error).message}`]
    }
  }
  const faults = (await Promise.all(won.map(id => gone(`lease ${id}`, () => leases.delete(id))))).flat()
  return [...faults, ...(await gone(`offer ${offerId}`, () => offers.delete(offerId)))]
}

const at = (millis: number): string => new Date(millis).toISOString().slice(0, 19)

const whole = (given: Given, name: string, otherwise: number, most: number): number => {
  const text = given.one(name) ?? String(otherwise)
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < 1 || n > most) throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not "${text}".`)
  return n
}

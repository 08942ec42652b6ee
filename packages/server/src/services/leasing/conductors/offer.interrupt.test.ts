import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import { leasing } from '../index.ts'
import type { Machine } from '../test/things.ts'
import { at, DAY, fakeProjects, HOUR, type LeasingWorld, leasingWorld, projectOf, START, type Who } from '../test/world.ts'

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())

interface OfferTrial extends Trial {
  readonly node: Machine
  /** Made in the offer, by who holds them. */
  readonly leases: readonly string[]
  /** In which the offer lies, if it is made by a lessee. */
  readonly parent: string | undefined
}

const ask = (who: Who, method: string, path: string, body?: unknown) => world.request(who, method, path, body)
const offer = async (id: string) => (await ask('admin', 'GET', `/v1/offers/${id}`)).body
const lease = async (id: string) => (await ask('admin', 'GET', `/v1/leases/${id}`)).body
const made = async (who: Who, path: string, body: object): Promise<string> => {
  const answer = await ask(who, 'POST', path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.uuid
}
const told = async (id: string) =>
  (await world.connections.pool.query(`select type from kit.event where object_id = $1 and type <> 'leasing.offer.created'`, [id])).rows

/** An offer of a day on a fresh machine: two hours of it were leased and are over, and its last hour is leased. */
const start = async (tap: Tap, by: Who, above: object | undefined): Promise<OfferTrial> => {
  await world.clock.set(START)
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
  const parent = above && (await made('owner', '/v1/leases', { resource_uuid: node.id, ...above }))
  if (parent) await world.conduct()
  const key = await made(by, '/v1/offers', { resource_uuid: node.id, end_time: at(DAY) })
  const claim = (who: Who, from: number, to: number) => made(who, `/v1/offers/${key}/claim`, { start_time: at(from), end_time: at(to) })
  const leases = [await claim('lessee', 0, 2 * HOUR), await claim('lessee2', DAY - HOUR, DAY)]
  for (const hour of [0, 2, 23]) {
    await world.clock.set(`${at(hour * HOUR)}.000000Z`)
    await world.conduct()
  }
  const clock = fakeClock(world.clock.now())
  const conductor = leasing
    .start({ ...world.kit, clock, database: tap.database(world.database) }, leasing.config({}), {
      things: world.things,
      projects: fakeProjects(),
    })
    .conductors.find(c => c.name === 'offer') as Conductor
  return { conductor, key, database: world.database, clock, node, leases, parent }
}

it.each([
  ['an offer of its owner', 'owner', undefined],
  ['an offer of a lessee', 'both', { project_id: 'both', end_time: at(5 * DAY) }],
] as const)(
  '%s may be interrupted anywhere: it ends once, its leases keep what they have, and its time is free again',
  async (_, by, above) => {
    const effects = await interruptEverywhere<OfferTrial>({
      start: tap => start(tap, by, above),
      async goOn({ key, clock }, outcome) {
        // Not before its time.
        if (outcome.is === 'wait') {
          expect([outcome.until, (await offer(key)).status]).toEqual([`${at(DAY)}.000000Z`, 'available'])
          await clock.set(outcome.until)
        }
        return outcome.is !== 'done'
      },
      async invariant({ key, node, leases, parent, clock }, moment) {
        await world.clock.set(clock.now())
        const { status } = await offer(key)
        expect(await told(key)).toEqual(status === 'expired' ? [{ type: 'leasing.offer.expired' }] : [])
        expect((await ask('lessee', 'POST', `/v1/offers/${key}/claim`, {})).status).toBe(409)
        // That is not the end of a lease: its own conductor sees to that, and the machine stays with whom it is until then.
        expect(await lease(leases[0]!)).toMatchObject({ status: 'expired' })
        if ((await lease(leases[1]!)).status === 'active') expect(node.lease).toBe(leases[1])
        if (moment !== 'finished') return
        expect(status).toBe('expired')
        await world.conduct()
        expect(await lease(leases[1]!)).toMatchObject({ status: 'expired', end_time: at(DAY), end_record: { is: 'released' } })
        expect(node.lease).toBe(parent ?? null)
        const living = await ask('admin', 'GET', `/v1/leases?view=all&status=created,active,wait%20fulfill&offer_uuid=${key}`)
        expect(living.body.leases).toEqual([])
        // All of the time that follows may be given again.
        const next = await made(by, '/v1/offers', { resource_uuid: node.id, end_time: at(3 * DAY) })
        expect((await offer(next)).availabilities).toEqual([[at(DAY), at(3 * DAY)]])
      },
    })
    expect(effects).toEqual(['commit'])
  },
)

it('an offer that is deleted while its end is on the way stays deleted', async () => {
  let deleted: Promise<unknown> | undefined
  await interruptEverywhere<OfferTrial>({
    async start(tap) {
      const trial = await start(tap, 'owner', undefined)
      await trial.clock.set(`${at(DAY)}.000000Z`)
      deleted = undefined
      // Between what it read and what it writes.
      const { run } = trial.conductor
      const conductor: Conductor = {
        ...trial.conductor,
        run: (key, given) =>
          run.call(trial.conductor, key, {
            ...given,
            async transaction(work) {
              deleted ??= ask('owner', 'DELETE', `/v1/offers/${trial.key}`)
              await deleted
              return given.transaction(work)
            },
          }),
      }
      return { ...trial, conductor }
    },
    async invariant({ key }) {
      expect(await deleted).toMatchObject({ status: 200 })
      expect(await offer(key)).toMatchObject({ status: 'deleted' })
      expect(await told(key)).toEqual([{ type: 'leasing.offer.deleted' }])
    },
  })
})

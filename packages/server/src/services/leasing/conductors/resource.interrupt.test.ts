import { plus } from '@esi/api/time'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import { leasing } from '../index.ts'
import type { Things } from '../needs.ts'
import type { Machine } from '../test/things.ts'
import { at, DAY, fakeProjects, HOUR, type LeasingWorld, leasingWorld, projectOf, START, type Who } from '../test/world.ts'

const config = { testNodeOwner: projectOf('owner') }
let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld({ config })
})
afterAll(async () => world?.close())

interface ResourceTrial extends Trial {
  readonly node: Machine
  /** Of its owner's, on the machine; and on another thing that has the same identifier. */
  readonly offer: string
  readonly other: string
  /** One has the machine, the next waits for it to be clean. */
  readonly has: string
  readonly waits: string
}

const ask = (who: Who, method: string, path: string, body?: unknown) => world.request(who, method, path, body)
const made = async (who: Who, path: string, body: object): Promise<string> => {
  const answer = await ask(who, 'POST', path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body.uuid
}
const offerOf = async (id: string) => (await ask('admin', 'GET', `/v1/offers/${id}`)).body
const leaseOf = async (id: string) => (await ask('admin', 'GET', `/v1/leases/${id}`)).body
const told = async (id: string) =>
  (await world.connections.pool.query(`select type, data from kit.event where object_id = $1 and type <> 'leasing.offer.created'`, [id]))
    .rows
const due = async (conductor: string, key: string): Promise<boolean> =>
  (await world.connections.pool.query('select 1 from kit.work where conductor = $1 and key = $2 and due <= $3', [conductor, key, START]))
    .rowCount === 1

const conductorOf = (tap: Tap | undefined, things: Things): Conductor =>
  leasing
    .start({ ...world.kit, clock: fakeClock(START), database: tap?.database(world.database) ?? world.database }, leasing.config(config), {
      things,
      projects: fakeProjects(),
    })
    .conductors.find(c => c.name === 'resource') as Conductor

const start = async (tap: Tap): Promise<ResourceTrial> => {
  await world.clock.set(START)
  world.things.unreachable = undefined
  const node = world.things.add({ id: uuid(), owner: projectOf('owner'), cleansAtOnce: false })
  const offer = await made('owner', '/v1/offers', { resource_uuid: node.id, end_time: at(9 * DAY) })
  const body = { resource_type: 'test_node', resource_uuid: node.id, end_time: at(9 * DAY) }
  const other = await made('owner', '/v1/offers', body)
  const claim = (who: Who, from: number, to: number) => made(who, `/v1/offers/${offer}/claim`, { start_time: at(from), end_time: at(to) })
  // Whoever has it gives it back before its time, and it is not clean then.
  const gone = await claim('lessee2', 0, HOUR)
  await world.conduct()
  expect((await ask('lessee2', 'DELETE', `/v1/leases/${gone}`)).status).toBe(200)
  await world.conduct()
  const waits = await claim('lessee', 0, DAY)
  await world.conduct()
  expect(await leaseOf(waits)).toMatchObject({ status: 'wait fulfill', waiting: 'it is being cleaned' })
  const has = await claim('lessee2', 2 * DAY, 3 * DAY)
  return {
    conductor: conductorOf(tap, world.things),
    key: node.id,
    database: world.database,
    clock: fakeClock(START),
    node,
    offer,
    other,
    has,
    waits,
  }
}

/** It comes again every hour; that is no part of this. */
const goOn = async ({ clock }: ResourceTrial, outcome: { readonly is: string }) => {
  if (outcome.is === 'failed') await clock.advance(1000)
  return outcome.is === 'failed'
}

it('a thing that changes hands may be interrupted anywhere: whoever is shown as its owner is whose offers there are, and leases stay', async () => {
  const effects = await interruptEverywhere<ResourceTrial>({
    async start(tap) {
      const trial = await start(tap)
      trial.node.owner = projectOf('owner2')
      trial.node.name = `handed-over-${trial.key.slice(0, 8)}`
      trial.node.clean = true
      return trial
    },
    goOn,
    async invariant({ key, node, offer, other, has, waits }, moment) {
      const shown = await offerOf(offer)
      const handed = shown.status === 'deleted'
      expect(shown.resource === node.name).toBe(handed)
      const ends = handed ? [{ type: 'leasing.offer.deleted', data: expect.objectContaining({ reason: 'the owner has changed' }) }] : []
      expect(await told(offer)).toEqual(ends)
      // What has the same identifier and another owner is none of its business.
      expect(await offerOf(other)).toMatchObject({ status: 'available', resource: `test-node-${key}` })
      const owner_id = projectOf(handed ? 'owner2' : 'owner')
      expect(await leaseOf(has)).toMatchObject({ status: 'created', owner_id })
      expect(await leaseOf(waits)).toMatchObject({ status: 'wait fulfill', owner_id })
      // Whoever waits for it does not wait longer than it must.
      if (handed) expect(await due('lease', waits)).toBe(true)
      if (moment !== 'finished') return
      expect(handed).toBe(true)
      await world.conduct()
      expect(await leaseOf(waits)).toMatchObject({ status: 'active', waiting: null })
      expect(node.lease).toBe(waits)
      // What is leased is not the new owner's to give, all else is.
      const body = (from: number) => ({ resource_uuid: key, start_time: at(from), end_time: at(from + DAY) })
      expect((await ask('owner2', 'POST', '/v1/offers', body(2 * DAY))).status).toBe(409)
      expect((await ask('owner2', 'POST', '/v1/offers', body(3 * DAY))).status).toBe(201)
      expect((await ask('owner', 'POST', '/v1/offers', body(5 * DAY))).status).toBe(403)
    },
  })
  // One for each thing of that name.
  expect(effects).toEqual(['commit', 'commit'])
})

it('while nobody can be asked about it nothing is changed, and afterwards all is as it should be', async () => {
  await interruptEverywhere<ResourceTrial>({
    async start(tap) {
      const trial = await start(tap)
      trial.node.owner = projectOf('owner2')
      world.things.unreachable = 'no route to host'
      return trial
    },
    async goOn(trial, outcome) {
      if (outcome.is === 'failed') {
        expect(outcome.reason).toBe('no route to host')
        expect((await offerOf(trial.offer)).status).toBe('available')
        world.things.unreachable = undefined
      }
      return goOn(trial, outcome)
    },
    async invariant({ offer, has, waits }, moment) {
      if (moment === 'finished') expect((await offerOf(offer)).status).toBe('deleted')
      expect([(await leaseOf(has)).status, (await leaseOf(waits)).status]).toEqual(['created', 'wait fulfill'])
    },
  })
})

it('a thing that is gone takes no lease and no offer along, and is there again when it comes back', async () => {
  await interruptEverywhere<ResourceTrial>({
    async start(tap) {
      const trial = await start(tap)
      const gone: Things = { ...world.things, find: async id => (id === trial.key ? undefined : world.things.find(id)) }
      return { ...trial, conductor: conductorOf(tap, gone) }
    },
    goOn,
    async invariant({ key, offer, has, waits }, moment) {
      expect((await offerOf(offer)).status).toBe('available')
      expect([(await leaseOf(has)).status, (await leaseOf(waits)).status]).toEqual(['created', 'wait fulfill'])
      if (moment !== 'finished') return
      expect(
        (await world.connections.pool.query(`select gone_at from leasing.resource where thing = $1 order by type`, [key])).rows,
      ).toEqual([{ gone_at: START }, { gone_at: null }])
      await world.database.transaction({ at: START, by: {} }, async tx => tx.wake('resource', key))
      await world.conduct()
      expect(
        (await world.connections.pool.query('select 1 from leasing.resource where thing = $1 and gone_at is null', [key])).rowCount,
      ).toBe(2)
    },
  })
})

it('an offer that the new owner made meanwhile is not ended by what was known before', async () => {
  const { node, offer, key } = await start({ database: d => d, writes: d => d })
  let next: string | undefined
  // It is asked, and the answer is on its way while the thing changes hands.
  const late: Things = {
    ...world.things,
    async find(id) {
      const thing = await world.things.find(id)
      if (id !== key || next !== undefined) return thing
      node.owner = projectOf('owner2')
      next = await made('owner2', '/v1/offers', { resource_uuid: key, start_time: at(10 * DAY), end_time: at(11 * DAY) })
      return thing
    },
  }
  await conductorOf(undefined, late).run(key, runOf())
  expect((await offerOf(next!)).status).toBe('available')
  await world.conduct()
  expect(await offerOf(next!)).toMatchObject({ status: 'available', project_id: projectOf('owner2') })
  expect((await offerOf(offer)).status).toBe('deleted')
})

it('an offer of the former owner that was on its way while the thing changed hands does not stay', async () => {
  const { node, offer, key } = await start({ database: d => d, writes: d => d })
  await ask('owner', 'DELETE', `/v1/offers/${offer}`)
  // The request knows the thing as it was; then it changes hands, which is conducted before the request goes on.
  const { find } = world.things
  let once = true
  world.things.find = async id => {
    const thing = await find(id)
    if (id === key && once) {
      once = false
      node.owner = projectOf('owner2')
      await conductorOf(undefined, world.things).run(key, runOf())
    }
    return thing
  }
  const late = await made('owner', '/v1/offers', { resource_uuid: key, start_time: at(5 * DAY), end_time: at(6 * DAY) })
  world.things.find = find
  await world.conduct()
  expect((await offerOf(late)).status).toBe('deleted')
  expect((await ask('owner2', 'POST', '/v1/offers', { resource_uuid: key, start_time: at(5 * DAY), end_time: at(6 * DAY) })).status).toBe(
    201,
  )
})

const runOf = () => ({
  now: () => START,
  signal: new AbortController().signal,
  check: async () => {},
  origin: { at: START, by: { conductor: 'resource' } },
  failures: 0,
  takenOver: false,
  settledAt: null,
  transaction: <T>(work: (tx: never) => Promise<T>) =>
    world.database.transaction({ at: START, by: { conductor: 'resource' } }, work as never) as Promise<T>,
})

it('a thing that is to leave may be interrupted anywhere: its calendar ends together with what is offered of it, and is told once', async () => {
  const effects = await interruptEverywhere<ResourceTrial>({
    async start(tap) {
      const trial = await start(tap)
      trial.node.leaves = plus(START, 5 * DAY)
      return trial
    },
    goOn,
    async invariant({ key, offer, other, has }, moment) {
      const { rows } = await world.connections.pool.query(
        `select leaves_at from leasing.resource where type = 'ironic_node' and thing = $1`,
        [key],
      )
      const ended = rows[0].leaves_at !== null
      const shown = await offerOf(offer)
      expect([shown.status, shown.end_time]).toEqual(['available', at(ended ? 5 * DAY : 9 * DAY)])
      expect(shown.availabilities.at(-1)[1]).toBe(shown.end_time)
      expect((await told(offer)).map(each => each.type)).toEqual(ended ? ['leasing.offer.updated'] : [])
      expect(await offerOf(other)).toMatchObject({ status: 'available', end_time: at(9 * DAY) })
      expect(await leaseOf(has)).toMatchObject({ status: 'created' })
      if (moment === 'finished') expect(ended).toBe(true)
    },
  })
  // One for each thing of that identifier.
  expect(effects).toEqual(['commit', 'commit'])
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { interruptEverywhere, type Tap, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import { leasing } from '../index.ts'
import { runBetween } from '../test/run.ts'
import type { FakeThings, Machine } from '../test/things.ts'
import { at, DAY, fakeProjects, type LeasingWorld, leasingWorld, projectOf, START } from '../test/world.ts'

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())

interface LeaseTrial extends Trial {
  readonly things: FakeThings
  readonly node: Machine
  readonly parent: string
}

const show = async (id: string) => (await world.request('admin', 'GET', `/v1/leases/${id}`)).body

/** A fresh machine and a lease on it, with a conductor whose every commit and every call of the machine's keeper is an effect. */
const start = async (tap: Tap, sublet: boolean): Promise<LeaseTrial> => {
  await world.clock.set(START)
  const clock = fakeClock(START)
  const node = world.things.add({ id: uuid(), owner: projectOf('owner'), cleansAtOnce: sublet })
  const made = await world.request('owner', 'POST', '/v1/leases', {
    resource_uuid: node.id,
    project_id: sublet ? 'both' : 'lessee',
    end_time: at((sublet ? 5 : 1) * DAY),
  })
  expect(made.status).toBe(201)
  const conductorWith = (database: typeof world.database, things: FakeThings) =>
    leasing
      .start({ ...world.kit, clock, database }, leasing.config({}), { things, projects: fakeProjects() })
      .conductors.find(c => c.name === 'lease') as Conductor
  let key: string = made.body.uuid
  if (sublet) {
    await world.conduct()
    const body = { resource_uuid: node.id, project_id: 'lessee2', end_time: at(DAY) }
    const sub = await world.request('both', 'POST', '/v1/leases', body)
    expect(sub.status).toBe(201)
    key = sub.body.uuid
  }
  const conductor = conductorWith(tap.database(world.database), tap.writes(world.things, ['assign', 'release']))
  return { conductor, key, database: world.database, clock, things: world.things, node, parent: made.body.uuid }
}

it('a lease may be interrupted anywhere: its thing is never with whom it should not be, and in the end it is proven clean', async () => {
  const effects = await interruptEverywhere<LeaseTrial>({
    start: tap => start(tap, false),
    async goOn({ clock, node, things }, outcome) {
      // Its end comes; and some time later whoever wipes the machine is done.
      if (outcome.is === 'wait') await clock.set(outcome.until)
      if (outcome.is === 'again') {
        if (node.lease === null && !node.clean) things.cleaned(node.id)
        await clock.advance(outcome.after)
      }
      if (outcome.is === 'failed') await clock.advance(1000)
      return true
    },
    async invariant({ key, node }, moment) {
      const lease = await show(key)
      if (lease.status === 'active') expect(node.lease).toBe(key)
      if (['created', 'expired'].includes(lease.status)) expect(node.lessee).toBeNull()
      if (moment === 'finished') {
        expect(lease).toMatchObject({ status: 'expired', fulfill_time: at(0), expire_time: expect.stringContaining(at(DAY).slice(0, 13)) })
        expect(lease.end_record).toMatchObject({ is: 'released', proof: { disk: 'wiped' } })
        expect(node).toMatchObject({ wiped: 1, clean: true, lessee: null })
      }
    },
  })
  // Each run begins with a look under lock, which is a transaction even where it changes nothing.
  expect(effects.join(' ')).toBe('commit assign commit commit commit release commit release commit commit release commit')
  expect(effects.filter(e => e === 'assign')).toHaveLength(1)
})

it('a sublease may be interrupted anywhere: never two have the machine, and each gets it clean', async () => {
  await interruptEverywhere<LeaseTrial>({
    start: tap => start(tap, true),
    async goOn({ clock }, outcome) {
      if (outcome.is === 'wait') await clock.set(outcome.until)
      if (outcome.is === 'again') await clock.advance(outcome.after)
      if (outcome.is === 'failed') await clock.advance(1000)
      return true
    },
    async invariant({ key, node, parent }, moment) {
      const lease = await show(key)
      if (lease.status === 'active') expect(node.lease).toBe(key)
      if (lease.status === 'expired') expect(node.lease).not.toBe(key)
      if (moment === 'finished') {
        expect(lease.status).toBe('expired')
        await world.clock.set(`${at(DAY)}.000000Z`)
        await world.conduct()
        expect(await show(parent)).toMatchObject({ status: 'active', waiting: null })
        expect(node).toMatchObject({ lease: parent, disk: parent, wiped: 2 })
      }
    },
  })
})

it('a lease has ended before the next one began, also when that is written down first', async () => {
  await world.clock.set(START)
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
  const lend = async (project: string, from: number, to: number): Promise<string> => {
    const body = { resource_uuid: node.id, project_id: project, start_time: at(from), end_time: at(to) }
    const made = await world.request('owner', 'POST', '/v1/leases', body)
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    return made.body.uuid
  }
  const [first, second] = [await lend('lessee', 0, DAY), await lend('lessee2', DAY, 2 * DAY)]
  await world.conduct()
  let begun: string | undefined
  world.things.after = async call => {
    if (call.what !== 'release' || call.lease !== first || begun) return
    // Its rights are gone; another process gives the thing to the next one before this one goes on.
    await runBetween(world, 'lease', second, async () => {})
    begun = (await show(second)).fulfill_time
    await world.clock.advance(2000)
  }
  await world.clock.set(`${at(DAY)}.000000Z`)
  await world.conduct()
  world.things.after = undefined
  expect([begun, node.lease]).toEqual([at(DAY), second])
  const { status, expire_time } = await show(first)
  expect(status).toBe('expired')
  expect(expire_time <= begun!, `${expire_time} and ${begun}`).toBe(true)
})

it.each(['lost', 'late'])('a lease has ended before the next one began, also where the answer to its release was %s', async how => {
  await world.clock.set(START)
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
  const lend = async (project: string, from: number, to: number): Promise<string> => {
    const body = { resource_uuid: node.id, project_id: project, start_time: at(from), end_time: at(to) }
    const made = await world.request('owner', 'POST', '/v1/leases', body)
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    return made.body.uuid
  }
  const [first, second] = [await lend('lessee', 0, DAY), await lend('lessee2', DAY, 2 * DAY)]
  await world.conduct()
  let asked = 0
  world.things.after = async call => {
    if (call.what !== 'release' || call.lease !== first || node.lease === second) return
    asked++
    // Its rights are gone, and whoever asked dies of it. The next one gets the thing, and only much later somebody asks once more.
    if (how === 'lost') await runBetween(world, 'lease', second, async () => {})
    await world.clock.advance(5000)
    throw new Error('it died')
  }
  await world.clock.set(`${at(DAY)}.000000Z`)
  await world.conduct()
  for (let i = 0; i < 200 && (await show(first)).status !== 'expired'; i++) {
    await world.clock.advance(2000)
    await world.conduct()
  }
  await world.conduct()
  world.things.after = undefined
  const [one, two] = [await show(first), await show(second)]
  expect(asked).toBeGreaterThan(0)
  expect([one.status, two.status, node.lease]).toEqual(['expired', 'active', second])
  expect(one.expire_time <= two.fulfill_time, `${one.expire_time} and ${two.fulfill_time}`).toBe(true)
  expect(one.expire_time > one.fulfill_time).toBe(true)
})

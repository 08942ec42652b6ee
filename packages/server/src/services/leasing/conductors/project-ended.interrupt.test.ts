import { afterAll, beforeAll, expect, it } from 'vitest'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { interruptEverywhere, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import { leasing } from '../index.ts'
import { at, DAY, fakeProjects, HOUR, type LeasingWorld, leasingWorld, projectOf, START } from '../test/world.ts'

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld()
})
afterAll(async () => world?.close())

interface ProjectTrial extends Trial {
  readonly begun: string
  readonly later: string
  readonly offer: string
  readonly foreign: string
}

const post = async (who: string, path: string, body: object): Promise<string> => {
  const made = await world.request(who, 'POST', path, body)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.uuid
}
const statusOf = async (what: 'leases' | 'offers', id: string) => (await world.request('admin', 'GET', `/v1/${what}/${id}`)).body.status

it('what a project holds ends to the last, wherever that is interrupted, and nobody else loses anything', async () => {
  let trials = 0
  const effects = await interruptEverywhere<ProjectTrial>({
    async start(tap) {
      await world.clock.set(START)
      const clock = fakeClock(START)
      const project = projectOf('both')
      const node = (n: number) => world.things.add({ id: `${trials}-${n}`, owner: n < 3 ? projectOf('owner') : project })
      trials++
      const lease = (n: number, more: object) => post('owner', '/v1/leases', { resource_uuid: node(n).id, project_id: project, ...more })
      const begun = await lease(1, { end_time: at(DAY) })
      const later = await lease(2, { start_time: at(HOUR), end_time: at(DAY) })
      const offer = await post('both', '/v1/offers', { resource_uuid: node(3).id, end_time: at(DAY) })
      const foreign = await post('lessee', `/v1/offers/${offer}/claim`, { end_time: at(HOUR) })
      await world.conduct()
      expect([await statusOf('leases', begun), await statusOf('leases', foreign)]).toEqual(['active', 'active'])
      const projects = { ...fakeProjects(), ended: async (id: string) => (id === project ? START : undefined) }
      const conductor = leasing
        .start({ ...world.kit, clock, database: tap.database(world.database) }, leasing.config({}), { things: world.things, projects })
        .conductors.find(c => c.name === 'project') as Conductor
      return { conductor, key: project, database: world.database, clock, begun, later, offer, foreign }
    },
    async goOn({ clock }, outcome) {
      if (outcome.is === 'wait') await clock.set(outcome.until)
      return true
    },
    async invariant({ begun, later, offer, foreign }, moment) {
      expect(await statusOf('leases', foreign)).toBe('active')
      if (moment !== 'finished') return
      await world.conduct()
      expect([await statusOf('leases', begun), await statusOf('leases', later), await statusOf('offers', offer)]).toEqual([
        'expired',
        'expired',
        'expired',
      ])
      // What others have is given back before the next trial, by themselves.
      expect((await world.request('lessee', 'DELETE', `/v1/leases/${foreign}`)).status).toBe(200)
      await world.conduct()
    },
  })
  expect(effects).toEqual(['commit', 'commit', 'commit'])
})

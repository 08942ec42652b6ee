import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { fakeClock } from '../../../kit/testing/fake-clock.ts'
import { interruptEverywhere, type Trial } from '../../../kit/testing/interrupt.ts'
import type { Conductor } from '../../../kit/work/conductor.ts'
import { leasing } from '../index.ts'
import type { Projects } from '../needs.ts'
import { at, DAY, fakeProjects, type LeasingWorld, leasingWorld, projectOf, START } from '../test/world.ts'

let world: LeasingWorld
let offer: string
beforeAll(async () => {
  world = await leasingWorld()
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') })
  const made = await world.request('owner', 'POST', '/v1/offers', { resource_uuid: node.id, lessee_id: 'lessee', end_time: at(DAY) })
  offer = made.body.uuid
})
afterAll(async () => world?.close())

const shown = async (): Promise<unknown[]> => {
  const { body } = await world.request('admin', 'GET', `/v1/offers/${offer}`)
  return [body.project, body.lessee, body.project_id, body.lessee_id]
}

interface ProjectTrial extends Trial {
  readonly before: string
  readonly after: string
  readonly reach: { can: boolean }
}

let names = 0

it.each([
  ['is renamed', true],
  ['is renamed while nobody can be asked', false],
])('a project that %s may be interrupted anywhere: lists show its old name or its new one, and nobody else’s changes', async (_, can) => {
  const effects = await interruptEverywhere<ProjectTrial>({
    async start(tap) {
      const [before] = (await shown()) as [string]
      const after = `renamed-${++names}`
      const reach = { can }
      const projects: Projects = {
        ...fakeProjects(),
        async names(ids) {
          if (!reach.can) throw new Error('no route to host')
          return new Map(ids.filter(id => id === projectOf('owner')).map(id => [id, after]))
        },
      }
      const clock = fakeClock(START)
      const conductor = leasing
        .start({ ...world.kit, clock, database: tap.database(world.database) }, leasing.config({}), { things: world.things, projects })
        .conductors.find(c => c.name === 'project') as Conductor
      return { conductor, key: projectOf('owner'), database: world.database, clock, before, after, reach }
    },
    async goOn({ reach, before }, outcome) {
      if (outcome.is === 'failed') expect((await shown())[0]).toBe(before)
      reach.can = true
      return outcome.is === 'failed'
    },
    async invariant({ before, after }, moment) {
      const [owner, ...others] = await shown()
      expect([before, after]).toContain(owner)
      if (moment === 'finished') expect(owner).toBe(after)
      expect(others).toEqual(['lessee', projectOf('owner'), projectOf('lessee')])
    },
  })
  expect(effects).toEqual(['commit'])
})

it('a project that is gone keeps the name by which it was known, and one that nobody lists is not asked for', async () => {
  const before = await shown()
  const asked: string[] = []
  const projects: Projects = {
    ...fakeProjects(),
    async names(ids) {
      asked.push(...ids)
      return new Map()
    },
  }
  const conductor = leasing
    .start(world.kit, leasing.config({}), { things: world.things, projects })
    .conductors.find(c => c.name === 'project') as Conductor
  for (const key of [projectOf('owner'), 'nobody-knows-it']) expect(await conductor.run(key, undefined as never)).toEqual({ is: 'done' })
  expect(asked).toEqual([projectOf('owner')])
  expect(await shown()).toEqual(before)
})

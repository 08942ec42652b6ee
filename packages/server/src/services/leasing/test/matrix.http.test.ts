import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { ASKERS, callersOf, gaps, matrix, type Things } from '../../../kit/testing/matrix.ts'
import { at, DAY, type LeasingWorld, leasingWorld, projectOf } from './world.ts'

// Who may do what: every route, asked by everybody, about things of the owner that the lessee has. A change of a rule shows here.

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld({ config: { consoleUrl: 'wss://consoles.test' }, callers: callersOf(ASKERS) })
})
afterAll(async () => world?.close())

/** A machine of the owner's with an offer, a lease in it and maintenance after it. */
const things = async (): Promise<Things> => {
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') }).id
  const made = async (who: string, path: string, body: object): Promise<string> => {
    const reply = await world.request(who, 'POST', path, body)
    expect(reply.status, JSON.stringify(reply.body)).toBe(201)
    return reply.body.uuid
  }
  const offer = await made('owner', '/v1/offers', { resource_uuid: node, end_time: at(10 * DAY) })
  const lease = await made('lessee', `/v1/offers/${offer}/claim`, { end_time: at(DAY) })
  const maintenance = await made('owner', '/v1/maintenances', { resource_uuid: node, start_time: at(20 * DAY), end_time: at(21 * DAY) })
  await world.conduct()
  return { node, offer, lease, maintenance }
}

it('is as it was agreed', async () => {
  const made = await matrix({
    routes: world.routes,
    things,
    ask: ({ token, label }, { spec }, path, { body, headers }) =>
      world.request(token === 'none' ? undefined : label, spec.method, path, body, headers),
    questions: {
      'offer.create': t => ({ body: { resource_uuid: t['node'], start_time: at(12 * DAY), end_time: at(13 * DAY) } }),
      'offer.claim': () => ({ body: { start_time: at(5 * DAY), end_time: at(6 * DAY) } }),
      'lease.create': t => ({
        body: { resource_uuid: t['node'], project_id: projectOf('lessee'), start_time: at(14 * DAY), end_time: at(15 * DAY) },
      }),
      'lease.list#all': () => ({ query: 'view=all' }),
      'lease.list#foreign': () => ({ query: `project_id=${projectOf('lessee')}` }),
      'lease.update': () => ({ body: { end_time: at(2 * DAY) } }),
      'events.list#foreign': () => ({ query: `lessee_or_owner_id=${projectOf('lessee')}` }),
      'console_auth_token.create': t => ({ body: { node_uuid_or_name: t['node'] } }),
      'maintenance.create': t => ({ body: { resource_uuid: t['node'], start_time: at(16 * DAY), end_time: at(17 * DAY) } }),
      'rules.explain': () => ({ body: { rule: 'esi_leap:lease:get' } }),
      'rules.explain#others': () => ({ body: { rule: 'esi_leap:lease:get', who: { roles: ['admin'] } } }),
    },
  })
  await expect(made.text).toMatchFileSnapshot('./matrix.txt')
  expect(gaps(made.uncovered, new URL('./uncovered.txt', import.meta.url))).toEqual({ fresh: [], closed: [] })
}, 240_000)

import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { at, DAY, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

// Who may do what: every route, asked by everybody, about things of the owner that the lessee has. A change of a rule shows here.

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld({ config: { consoleUrl: 'wss://consoles.test' } })
})
afterAll(async () => world?.close())

const ASKING: readonly (Who | undefined)[] = [undefined, 'nobody', 'lessee2', 'owner2', 'lessee', 'owner', 'admin']

interface Site {
  readonly node: string
  readonly offer: string
  readonly lease: string
  readonly maintenance: string
}

/** A machine of the owner's with an offer, a lease in it and maintenance after it. */
const site = async (): Promise<Site> => {
  const node = world.things.add({ id: uuid(), owner: projectOf('owner') }).id
  const made = async (who: Who, path: string, body: object): Promise<string> => {
    const reply = await world.request(who, 'POST', path, body)
    expect(reply.status, JSON.stringify(reply.body)).toBe(201)
    return reply.body.uuid
  }
  const offer = await made('owner', '/v1/offers', { resource_uuid: node, end_time: at(10 * DAY) })
  const lease = await made('lessee', `/v1/offers/${offer}/claim`, { end_time: at(DAY) })
  const maintenance = await made('owner', '/v1/maintenances', { resource_uuid: node, start_time: at(20 * DAY), end_time: at(21 * DAY) })
  return { node, offer, lease, maintenance }
}

const bodies: Readonly<Record<string, (s: Site) => object>> = {
  'offer.create': s => ({ resource_uuid: s.node, start_time: at(12 * DAY), end_time: at(13 * DAY) }),
  'offer.claim': () => ({ start_time: at(5 * DAY), end_time: at(6 * DAY) }),
  'lease.create': s => ({ resource_uuid: s.node, project_id: 'lessee', start_time: at(14 * DAY), end_time: at(15 * DAY) }),
  'lease.update': () => ({ end_time: at(2 * DAY) }),
  'console_auth_token.create': s => ({ node_uuid_or_name: s.node }),
  'maintenance.create': s => ({ resource_uuid: s.node, start_time: at(16 * DAY), end_time: at(17 * DAY) }),
}

it('is as it was agreed', async () => {
  const lines: string[] = [`${'route'.padEnd(28)}${ASKING.map(who => (who ?? 'none').padEnd(9)).join('')}`]
  // Each asks about things of their own making, so that no answer is another's doing.
  const sites: Site[] = []
  while (sites.length < world.running.routes.length * ASKING.length) sites.push(await site())
  await world.conduct()
  for (const { spec } of world.running.routes) {
    const statuses: string[] = []
    for (const who of ASKING) {
      const s = sites.pop()!
      const path = spec.path.replace(/:(\w+)/g, (_, name: string) => String(s[name as keyof Site]))
      const reply = await world.request(who, spec.method, path, bodies[spec.name]?.(s))
      statuses.push(String(reply.status).padEnd(9))
    }
    lines.push(`${spec.name.padEnd(28)}${statuses.join('')}`.trimEnd())
  }
  await expect(`${lines.map(l => l.trimEnd()).join('\n')}\n`).toMatchFileSnapshot('./matrix.txt')
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { compareForeign } from '../../../kit/testing/foreign.ts'
import type { Things } from '../../../kit/testing/matrix.ts'
import { at, DAY, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

// Whatever a stranger names that is another's is answered as what is not there, or with the original's one answer for it.

let world: LeasingWorld
beforeAll(async () => {
  world = await leasingWorld({ config: { consoleUrl: 'wss://consoles.test' } })
})
afterAll(async () => world?.close())

const made = async (who: Who, path: string, body: object): Promise<string> => {
  const reply = await world.request(who, 'POST', path, body)
  expect(reply.status, JSON.stringify(reply.body)).toBe(201)
  return reply.body.uuid
}

let count = 0
/** A node with an offer, a lease in it, and maintenance; nobody else may see the offer. */
const place = async (owner: Who, lessee: Who, name: string) => {
  const node = world.things.add({ id: uuid(), name: `${name}-node`, owner: projectOf(owner), class: `${name}-class` }).id
  const offer = await made(owner, '/v1/offers', {
    resource_uuid: node,
    name: `${name}-offer`,
    lessee_id: projectOf(lessee),
    end_time: at(10 * DAY),
  })
  const lease = await made(lessee, `/v1/offers/${offer}/claim`, { name: `${name}-lease`, purpose: `${name}-purpose`, end_time: at(DAY) })
  const maintenance = await made(owner, '/v1/maintenances', {
    resource_uuid: node,
    start_time: at(20 * DAY),
    end_time: at(21 * DAY),
    reason: `${name}-reason`,
  })
  const label = await made(owner, '/v1/offers', {
    resource_uuid: world.things.add({ id: uuid(), owner: projectOf(owner) }).id,
    name: `${name}-label`,
    lessee_id: projectOf(lessee),
  })
  await world.conduct()
  return { node, offer, lease, maintenance, label }
}

/** By place: why what is another's cannot be answered as if it were not there. */
const OTHERWISE: Readonly<Record<string, RegExp>> = {
  // An id gets the original's answer, which says no more than that.
  'offer.show path offer': /^403 .*Access was denied to offer IT\./,
  'offer.delete path offer': /^403 .*Access was denied to offer IT\./,
  'offer.claim path offer': /^403 .*Access was denied to offer IT\./,
  'lease.show path lease': /^403 .*Access was denied to lease IT\./,
  'lease.update path lease': /^403 .*Access was denied to lease IT\./,
  'lease.delete path lease': /^403 .*Access was denied to lease IT\./,
  'offer.create body resource_uuid': /^403 .*Access was denied to ironic_node IT\./,
  'lease.create body resource_uuid': /^403 .*Access was denied to ironic_node IT\./,
  'maintenance.create body resource_uuid': /^403 .*Access was denied to ironic_node IT\./,
  // Whom one leases to is named, by whoever leases out.
  'offer.create body lessee_id': /^201 /,
  'lease.create body project_id': /^201 /,
}

const run = async (by: 'id' | 'name') => {
  const theirs = await place('owner', 'lessee', `their-${by}`)
  world.things.machine(theirs.node).notLeasable = `their-${by}-reason`
  const name = (what: string) => `their-${by}-${what}`
  const own = async (): Promise<Things> => await place('both2', 'both2', `own-${++count}`)
  return compareForeign({
    routes: world.routes,
    kinds: {
      ...Object.fromEntries(
        [
          'start_time',
          'end_time',
          'available_start_time',
          'available_end_time',
          'properties',
          'status',
          'view',
          'resource_type',
          'token_ttl',
          'limit',
          'last_event_id',
          'last_event_time',
          'event_type',
          'reason',
          'target',
          'who',
          'rule',
        ].map(field => [field, null]),
      ),
      'rules.list name': null,
      offer: 'offer',
      lease: 'lease',
      node: 'node',
      maintenance: 'maintenance',
      name: 'label',
      purpose: 'purpose',
      resource_class: 'class',
      resource_uuid: 'node',
      node_uuid_or_name: 'node',
      project_id: 'project',
      owner_id: 'project',
      lessee_id: 'project',
      owner: 'project',
      lessee: 'project',
      lessee_or_owner_id: 'project',
      offer_uuid: 'offer',
      'offer.create lessee_id': 'party',
      'lease.create project_id': 'party',
      'offer.list marker': 'offer',
      'lease.list marker': 'lease',
    },
    foreign: {
      offer: by === 'id' ? theirs.offer : name('offer'),
      lease: by === 'id' ? theirs.lease : name('lease'),
      node: by === 'id' ? theirs.node : name('node'),
      maintenance: theirs.maintenance,
      label: name('label'),
      purpose: name('purpose'),
      class: name('class'),
      project: by === 'id' ? projectOf('lessee') : 'lessee',
      party: by === 'id' ? projectOf('child') : 'child',
    },
    absent: kind => (by === 'id' && !['label', 'purpose', 'class'].includes(kind) ? uuid() : `no-such-${kind}-${++count}`),
    secret: [...Object.values(theirs), name('node'), name('offer'), name('lease'), name('reason'), projectOf('owner'), projectOf('lessee')],
    own,
    questions: {
      'offer.create': t => ({ body: { resource_uuid: t['node'], start_time: at(30 * DAY), end_time: at(31 * DAY) } }),
      'offer.claim': () => ({ body: { start_time: at(5 * DAY), end_time: at(6 * DAY) } }),
      'lease.create': t => ({
        body: { resource_uuid: t['node'], project_id: projectOf('both2'), start_time: at(32 * DAY), end_time: at(33 * DAY) },
      }),
      'lease.update': () => ({ body: { end_time: at(2 * DAY) } }),
      'console_auth_token.create': t => ({ body: { node_uuid_or_name: t['node'] } }),
      'maintenance.create': t => ({ body: { resource_uuid: t['node'], start_time: at(34 * DAY), end_time: at(35 * DAY) } }),
      'rules.explain': () => ({ body: { rule: 'is_admin' } }),
    },
    fill: (_, body, field, value) => ({ ...(body as object), [field]: value }),
    ask: ({ spec }, path, { body, headers }) => world.request('both2', spec.method, path, body, headers),
  })
}

it.each(['id', 'name'] as const)(
  'by %s',
  async by => {
    const { differ, told, asked } = await run(by)
    expect(told).toEqual([])
    expect(asked).toBeGreaterThan(30)
    // A name is looked up among what one sees, so it has no answer of its own.
    const named = ['offer.create body lessee_id', 'lease.create body project_id']
    const allowed = (place: string) => (by === 'id' || named.includes(place) ? OTHERWISE[place] : undefined)
    expect(differ.filter(d => !allowed(d.place)?.test(d.foreign))).toEqual([])
  },
  240_000,
)

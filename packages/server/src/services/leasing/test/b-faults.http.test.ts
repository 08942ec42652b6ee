import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { endOffer } from '../ending.ts'
import { leasing } from '../index.ts'
import { runBetween } from './run.ts'
import type { Machine } from './things.ts'
import { at, DAY, HOUR, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

// The measured faults of esi-leap at b0a4eb1, by their number; each test fails on what was measured there.

let world: LeasingWorld
let node: Machine
/** Milliseconds since the start of all tests: the clock goes on from one to the next. */
let now = 0
const from = (millis: number): string => at(now + millis)
const ask = (who: Who | undefined, method: string, path: string, body?: unknown) => world.request(who, method, path, body)
const go = async (millis: number): Promise<void> => {
  now += millis
  await world.go(millis)
}
const lease = async (id: string, who: Who = 'admin') => (await ask(who, 'GET', `/v1/leases/${id}`)).body
const offerOf = async (days = 100, extra: object = {}) => {
  const made = await ask('owner', 'POST', '/v1/offers', { resource_uuid: node.id, end_time: from(days * DAY), ...extra })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body
}
const claim = (who: Who, offer: string, start: number | undefined, end: number | undefined, extra: object = {}) =>
  ask(who, 'POST', `/v1/offers/${offer}/claim`, {
    ...(start === undefined ? {} : { start_time: from(start) }),
    ...(end === undefined ? {} : { end_time: from(end) }),
    ...extra,
  })
const claimed = async (...args: Parameters<typeof claim>) => {
  const made = await claim(...args)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body
}

beforeAll(async () => {
  world = await leasingWorld({ config: { consoleUrl: 'wss://consoles.test/' } })
})
afterAll(async () => world?.close())
beforeEach(() => {
  world.things.unreachable = undefined
  world.things.before = undefined
  world.things.after = undefined
  node = world.things.add({ id: uuid(), name: `node-${uuid().slice(0, 8)}`, owner: projectOf('owner') })
})

describe('B1: back-to-back leases', () => {
  it('the next tenant waits until the machine of the one before is clean, and gets nothing of theirs', async () => {
    node.cleansAtOnce = false
    const offer = await offerOf()
    const first = await claimed('lessee', offer.uuid, 0, DAY)
    const second = await claimed('lessee2', offer.uuid, DAY, 2 * DAY)
    await world.conduct()
    expect(node.lessee).toBe(projectOf('lessee'))
    await go(DAY)
    expect((await lease(first.uuid)).status).toBe('expired')
    expect(node.lessee).toBeNull()
    expect(await lease(second.uuid, 'lessee2')).toMatchObject({
      status: 'wait fulfill',
      waiting: 'it is being cleaned',
      fulfill_time: null,
    })
    world.things.cleaned(node.id)
    await go(60_000)
    expect(await lease(second.uuid)).toMatchObject({ status: 'active', waiting: null })
    expect(node).toMatchObject({ lessee: projectOf('lessee2'), wiped: 1, disk: second.uuid })
    expect((await lease(first.uuid)).end_record).toMatchObject({ is: 'released', proof: { disk: 'wiped' } })
  })
})

describe('B2: a failing call at expiry', () => {
  it('is repeated until it is done, and nothing is skipped', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    world.things.unreachable = 'no route to host'
    await go(DAY)
    expect((await lease(mine.uuid)).status).toBe('wait expire')
    expect((await lease(mine.uuid)).waiting).toMatch(/cannot be reached/)
    await go(HOUR)
    expect((await lease(mine.uuid)).status).toBe('wait expire')
    world.things.unreachable = undefined
    await go(HOUR)
    expect((await lease(mine.uuid)).status).toBe('expired')
    expect(node).toMatchObject({ lessee: null, wiped: 1 })
  })

  it('so is one whose answer was lost after it was carried out', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    let lost = 0
    world.things.after = async call => {
      if (call.thing === node.id && call.what === 'release' && lost++ < 2) throw new Error('connection reset')
    }
    await go(DAY)
    await go(HOUR)
    expect(lost).toBeGreaterThan(2)
    expect(await lease(mine.uuid)).toMatchObject({ status: 'expired' })
    expect(node).toMatchObject({ lessee: null, wiped: 1 })
  })
})

describe('B3: a lease that waits to begin', () => {
  it('keeps its time', async () => {
    node.clean = false
    const offer = await offerOf()
    const waits = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    expect((await lease(waits.uuid)).status).toBe('wait fulfill')
    const over = await claim('lessee2', offer.uuid, HOUR, 2 * HOUR)
    expect(over.status).toBe(409)
    expect(over.body.faultstring).toContain(`It is taken until ${from(DAY)}`)
    const direct = await ask('owner', 'POST', '/v1/leases', {
      resource_uuid: node.id,
      project_id: 'lessee2',
      start_time: from(HOUR),
      end_time: from(2 * HOUR),
    })
    expect(direct.status).toBe(409)
  })
})

describe('B4: several API hosts', () => {
  it('book a thing once', async () => {
    const beside = await leasingWorld({ beside: world, things: world.things })
    try {
      const machines = Array.from({ length: 20 }, () => world.things.add({ id: uuid(), owner: projectOf('owner') }))
      const body = (id: string, project: string) => ({
        resource_uuid: id,
        project_id: project,
        start_time: from(HOUR),
        end_time: from(DAY),
      })
      const replies = await Promise.all(
        machines.flatMap(m => [
          world.request('owner', 'POST', '/v1/leases', body(m.id, 'lessee')),
          beside.request('owner', 'POST', '/v1/leases', body(m.id, 'lessee2')),
        ]),
      )
      const counts = Map.groupBy(replies, r => r.status)
      expect(counts.get(201)?.length).toBe(20)
      expect(counts.get(409)?.length).toBe(20)
      for (const m of machines) expect((await ask('admin', 'GET', `/v1/leases?view=all&resource_uuid=${m.id}`)).body.leases).toHaveLength(1)
    } finally {
      await beside.close()
    }
  })
})

describe('B5: a lease deleted between read and fulfil', () => {
  it('stays deleted when it had not begun', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await runBetween(world, 'lease', mine.uuid, async () => {
      expect((await ask('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)).status).toBe(200)
    })
    await world.conduct()
    expect((await lease(mine.uuid)).status).toBe('deleted')
    expect(node.lessee).toBeNull()
    expect(world.things.calls.filter(c => c.thing === node.id && c.what === 'assign')).toHaveLength(0)
  })

  it('gives the thing back when it was just being handed over', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    let answered: number | undefined
    world.things.before = async call => {
      if (call.thing !== node.id || call.what !== 'assign') return
      answered = (await ask('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)).status
    }
    await world.conduct()
    expect(answered).toBe(200)
    expect((await lease(mine.uuid)).status).toBe('deleted')
    expect(node).toMatchObject({ lessee: null, wiped: 1 })
  })
})

describe('B6: a lease extended between read and expire', () => {
  it('goes on', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    now += DAY
    await world.clock.advance(DAY)
    await runBetween(world, 'lease', mine.uuid, async () => {
      expect((await ask('admin', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: from(DAY) })).status).toBe(200)
    })
    await world.conduct()
    expect(await lease(mine.uuid)).toMatchObject({ status: 'active', end_time: from(DAY) })
    expect(node.lessee).toBe(projectOf('lessee'))
    expect(world.things.calls.filter(c => c.thing === node.id && c.what === 'release')).toHaveLength(0)
  })

  it('and one that is ending is not extended any more', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    const answers: number[] = []
    world.things.before = async call => {
      // Only its own: leases of earlier tests end at the same moment, before this one or after.
      if (call.thing !== node.id || call.what !== 'release') return
      answers.push((await ask('admin', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: from(DAY) })).status)
    }
    await go(DAY)
    expect(answers[0]).toBe(409)
    expect((await lease(mine.uuid)).status).toBe('expired')
  })
})

describe('B7: a claim while its offer is being deleted', () => {
  it('is refused when it comes between', async () => {
    const offer = await offerOf()
    let waiting: ReturnType<typeof claim> | undefined
    await world.database.transaction({ at: world.clock.now(), by: {} }, async tx => {
      await endOffer(tx, offer.uuid, 'deleted')
      waiting ??= claim('lessee', offer.uuid, 0, DAY)
      // Until it waits for our lock; then we commit.
      for (;;) {
        const { rows } = await world.connections.pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike '%for no key update%'`,
        )
        if (rows.length > 0) break
      }
    })
    expect((await waiting)?.status).toBe(409)
    const { leases } = (await ask('admin', 'GET', `/v1/leases?view=all&status=any&offer_uuid=${offer.uuid}`)).body
    expect(leases).toEqual([])
  })

  it('either ends with the offer or never is, however they meet', async () => {
    for (let round = 0; round < 8; round++) {
      const offer = await offerOf()
      const [, got] = await Promise.all([ask('owner', 'DELETE', `/v1/offers/${offer.uuid}`), claim('lessee', offer.uuid, 0, DAY)])
      if (got.status === 201) expect((await lease(got.body.uuid)).status).toBe('deleted')
      else expect([404, 409]).toContain(got.status)
    }
  })
})

describe('B8: what an owner may edit', () => {
  it('has no part in how a lease ends', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    node.properties = { lease_uuid: 'gone', cpus: 1 }
    node.name = 'renamed'
    await go(DAY)
    expect((await lease(mine.uuid)).status).toBe('expired')
    expect(node).toMatchObject({ lessee: null, wiped: 1 })
  })
})

describe('B9, B11: a machine that is not proven clean', () => {
  it('is not handed over; the lease waits, its time running, and its project is told why', async () => {
    node.clean = false
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    expect(await lease(mine.uuid, 'lessee')).toMatchObject({ status: 'wait fulfill', waiting: 'it is being cleaned' })
    expect(node.lessee).toBeNull()
    await go(DAY)
    expect(await lease(mine.uuid)).toMatchObject({ status: 'expired', fulfill_time: null })
    expect(node.lessee).toBeNull()
  })

  it('does not hold the lease that ended on it, nor its neighbours', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    node.broken = 'its disks cannot be wiped'
    node.cleansAtOnce = false
    await go(DAY)
    expect(await lease(mine.uuid)).toMatchObject({
      status: 'expired',
      end_record: { is: 'quarantined', reason: 'its disks cannot be wiped' },
    })
    expect((await claim('lessee2', offer.uuid, 0, DAY)).status).toBe(201)
    node.broken = undefined
    world.things.cleaned(node.id)
    await go(700_000)
    expect((await lease(mine.uuid)).end_record).toMatchObject({ is: 'released' })
  })
})

describe('B13: a console token', () => {
  it('ends at its time, whether or not anybody clears it away', async () => {
    const made = await ask('owner', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.name, token_ttl: '60' })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ node_uuid: node.id, access_url: `wss://consoles.test/?token=${made.body.token}` })
    now += 59_999
    await world.clock.advance(59_999)
    expect(await world.door.consoleNode(made.body.token)).toBe(node.id)
    now += 1
    await world.clock.advance(1)
    expect(await world.door.consoleNode(made.body.token)).toBeUndefined()
  })

  it('is kept as a hash, voided by DELETE, and only for a machine that the caller sees', async () => {
    const made = await ask('owner', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.id })
    const { rows } = await world.connections.pool.query('select * from leasing.console_token where node = $1', [node.id])
    expect(JSON.stringify(rows)).not.toContain(made.body.token)
    expect((await ask('lessee', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.id })).status).toBe(404)
    expect((await ask('lessee', 'DELETE', `/v1/console_auth_tokens/${node.id}`)).status).toBe(404)
    expect(await world.door.consoleNode(made.body.token)).toBe(node.id)
    expect((await ask('owner', 'DELETE', `/v1/console_auth_tokens/${node.name}`)).status).toBe(200)
    expect(await world.door.consoleNode(made.body.token)).toBeUndefined()
  })
})

describe('B14: policies', () => {
  it('of nodes, events, console tokens and lists are asked', async () => {
    for (const path of ['/v1/nodes', '/v1/events', '/v1/offers', '/v1/leases'])
      expect((await ask('nobody', 'GET', path)).status, path).toBe(403)
    expect((await ask('nobody', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.id })).status).toBe(403)
    expect((await ask('nobody', 'DELETE', `/v1/console_auth_tokens/${node.id}`)).status).toBe(403)
  })

  it("a node shows no foreign project's leases to come", async () => {
    const offer = await offerOf()
    const theirs = await claimed('lessee2', offer.uuid, 5 * DAY, 6 * DAY)
    await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    const seen = async (who: Who) => (await ask(who, 'GET', '/v1/nodes')).body.nodes.find((n: { uuid: string }) => n.uuid === node.id)
    expect((await seen('owner')).future_leases).toEqual([theirs.uuid])
    expect((await seen('lessee')).future_leases).toEqual([])
    expect((await seen('lessee')).lease_uuid).toBeDefined()
    expect(await seen('lessee2')).toBeUndefined()
  })

  it('lease:delete forbids deleting, whoever may see', async () => {
    const policies = leasing.policies.map(p => (p.name === 'esi_leap:lease:delete' ? { ...p, rule: '!' } : p))
    const strict = await leasingWorld({ def: { ...leasing, policies } as typeof leasing, beside: world, things: world.things })
    try {
      const offer = await offerOf()
      const mine = await claimed('lessee', offer.uuid, 0, DAY)
      expect((await strict.request('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)).status).toBe(403)
      expect((await lease(mine.uuid)).status).toBe('created')
    } finally {
      await strict.close()
    }
  })
})

describe('B15: an identifier that nothing has', () => {
  it('is not found, as a name is', async () => {
    for (const ident of ['99999999-0000-4000-8000-000000000000', 'no-such-name'])
      for (const [method, path] of [
        ['GET', `/v1/leases/${ident}`],
        ['DELETE', `/v1/leases/${ident}`],
        ['PATCH', `/v1/leases/${ident}`],
        ['GET', `/v1/offers/${ident}`],
        ['DELETE', `/v1/offers/${ident}`],
        ['POST', `/v1/offers/${ident}/claim`],
      ] as const) {
        const reply = await ask('admin', method, path, method === 'GET' || method === 'DELETE' ? undefined : { end_time: from(DAY) })
        expect(reply.status, `${method} ${path}`).toBe(404)
        expect(reply.body).toMatchObject({ faultcode: 'Client', faultstring: expect.stringContaining(ident), debuginfo: null })
      }
  })
})

describe('B16: a claim by the name of the offer', () => {
  it('is a claim', async () => {
    const name = `offer-${uuid()}`
    const offer = await offerOf(10, { name })
    expect((await claimed('lessee', name, undefined, undefined)).offer_uuid).toBe(offer.uuid)
  })
})

describe('B17: what a user does wrong', () => {
  const wrong = async (expected: number, who: Who, method: string, path: string, body?: unknown) => {
    const reply = await ask(who, method, path, body)
    expect(reply.status, `${method} ${path} ${JSON.stringify(body)}: ${JSON.stringify(reply.body)}`).toBe(expected)
    expect(reply.body.faultcode).toBe('Client')
    expect(reply.body.faultstring).not.toMatch(/select|insert|constraint|leasing\./i)
    return reply.body
  }

  it('is told with a status that says so, and changes nothing', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    // A time conflict, and an offer that has no room.
    await wrong(409, 'owner', 'POST', '/v1/offers', { resource_uuid: node.id })
    await wrong(409, 'lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: from(HOUR), end_time: from(2 * HOUR) })
    await wrong(409, 'lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: from(99 * DAY), end_time: from(101 * DAY) })
    // Bad ranges.
    await wrong(400, 'owner', 'POST', '/v1/offers', { resource_uuid: node.id, start_time: from(2 * DAY), end_time: from(DAY) })
    await wrong(400, 'lessee', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: from(2 * DAY), end_time: from(2 * DAY) })
    await wrong(400, 'lessee', 'GET', `/v1/leases?start_time=${from(0)}`)
    await wrong(400, 'lessee', 'GET', `/v1/leases?end_time=${from(0)}`)
    await wrong(400, 'lessee', 'GET', `/v1/offers?start_time=${from(0)}`)
    await wrong(400, 'lessee', 'GET', `/v1/offers?available_end_time=${from(0)}`)
    await wrong(400, 'lessee', 'GET', `/v1/offers?start_time=${from(DAY)}&end_time=${from(0)}`)
    await wrong(400, 'lessee', 'GET', '/v1/offers?start_time=yesterday&end_time=today')
    // Unknown project and type; another's resource.
    await wrong(400, 'owner', 'POST', '/v1/leases', { resource_uuid: node.id, project_id: 'no such project' })
    await wrong(400, 'owner', 'POST', '/v1/offers', { resource_uuid: node.id, resource_type: 'teapot' })
    await wrong(404, 'owner', 'POST', '/v1/offers', { resource_uuid: 'no-such-node' })
    // What is missing or not known.
    await wrong(400, 'owner', 'POST', '/v1/offers', {})
    await wrong(400, 'owner', 'POST', '/v1/leases', { project_id: 'lessee' })
    await wrong(400, 'owner', 'POST', '/v1/leases', { resource_uuid: node.id })
    await wrong(400, 'owner', 'POST', '/v1/offers', { resource_uuid: node.id, colour: 'green' })
    await wrong(400, 'lessee', 'GET', '/v1/offers?colour=green')
    // The end of a lease, and nothing else, in no other form.
    await wrong(400, 'admin', 'PATCH', `/v1/leases/${mine.uuid}`, { name: 'x' })
    await wrong(400, 'admin', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: from(2 * DAY), name: 'x' })
    await wrong(400, 'admin', 'PATCH', `/v1/leases/${mine.uuid}`, {})
    await wrong(400, 'admin', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: 'tomorrow' })
    await wrong(400, 'admin', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: null })
    await wrong(403, 'lessee', 'PATCH', `/v1/leases/${mine.uuid}`, { end_time: from(2 * DAY) })
    // Too long for everybody but an administrator; a bad time to live.
    await wrong(403, 'lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time: from(2 * DAY), end_time: from(24 * DAY) })
    for (const token_ttl of [0, -1, 'x', 1.5, '99999999999'])
      await wrong(400, 'owner', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node.id, token_ttl })
    await wrong(400, 'owner', 'POST', '/v1/console_auth_tokens', {})
    expect((await ask('admin', 'GET', `/v1/leases?view=all&status=any&resource_uuid=${node.id}`)).body.leases).toHaveLength(1)
    expect((await ask('admin', 'GET', `/v1/offers?status=any&resource_uuid=${node.id}`)).body.offers).toHaveLength(1)
  })

  it('a name that means two of ones own is a conflict', async () => {
    const name = `twice-${uuid()}`
    const offer = await offerOf()
    await claimed('lessee', offer.uuid, 0, DAY, { name })
    await claimed('lessee', offer.uuid, 2 * DAY, 3 * DAY, { name })
    await wrong(409, 'lessee', 'GET', `/v1/leases/${name}`)
    // Another project's of the same name is not told of.
    await claimed('lessee2', offer.uuid, 4 * DAY, 5 * DAY, { name })
    expect((await ask('lessee2', 'GET', `/v1/leases/${name}`)).status).toBe(200)
  })
})

describe('B18: what is wholly in the past', () => {
  it('is refused', async () => {
    for (const [path, body] of [
      ['/v1/offers', { resource_uuid: node.id }],
      ['/v1/leases', { resource_uuid: node.id, project_id: 'lessee' }],
    ] as const) {
      const reply = await ask('owner', 'POST', path, { ...body, start_time: from(-2 * DAY), end_time: from(-DAY) })
      expect(reply.status).toBe(400)
      expect(reply.body.faultstring).toContain('already over')
    }
  })
})

describe('B19: the offset of a time', () => {
  it('counts', async () => {
    const offer = await offerOf(10, { start_time: '2031-01-01T02:00:00+02:00', end_time: '2031-01-05T00:00:00' })
    expect(offer).toMatchObject({ start_time: '2031-01-01T00:00:00', end_time: '2031-01-05T00:00:00' })
    const lists = `start_time=2031-01-01T05:00:00+05:00&end_time=2031-01-02T00:00:00Z&resource_uuid=${node.id}`
    expect((await ask('lessee', 'GET', `/v1/offers?${lists}`)).body.offers).toHaveLength(1)
    const early = `start_time=2031-01-01T00:00:00+05:00&end_time=2031-01-02T00:00:00Z&resource_uuid=${node.id}`
    expect((await ask('lessee', 'GET', `/v1/offers?${early}`)).body.offers).toHaveLength(0)
  })
})

describe('B20: what is shown as free', () => {
  it('is what can be claimed, to the microsecond, whatever state the leases are in', async () => {
    node.turnAround = 5 * 60_000
    node.clean = false
    const offer = await offerOf(20)
    const waits = await claimed('lessee', offer.uuid, 0, 3 * DAY)
    await claimed('lessee', offer.uuid, 10 * DAY, 11 * DAY)
    await world.conduct()
    expect((await lease(waits.uuid)).status).toBe('wait fulfill')
    const { availabilities } = (await ask('lessee2', 'GET', `/v1/offers/${offer.uuid}`)).body
    expect(availabilities).toEqual([
      [from(3 * DAY + 300_000), from(10 * DAY - 300_000)],
      [from(11 * DAY + 300_000), from(20 * DAY)],
    ])
    expect((await claim('lessee2', offer.uuid, 0, DAY)).status).toBe(409)
    expect((await claim('lessee2', offer.uuid, 3 * DAY + 299_000, 4 * DAY)).status).toBe(409)
    for (const [start_time, end_time] of availabilities)
      expect((await ask('lessee2', 'POST', `/v1/offers/${offer.uuid}/claim`, { start_time, end_time })).status).toBe(201)
    expect((await ask('lessee2', 'GET', `/v1/offers/${offer.uuid}`)).body.availabilities).toEqual([])
  })
})

describe('B21: a lease that waits to end', () => {
  it('may be deleted again, and ends by itself', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, DAY)
    await world.conduct()
    world.things.unreachable = 'down'
    await go(DAY)
    expect((await lease(mine.uuid)).status).toBe('wait expire')
    expect((await ask('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)).status).toBe(200)
    await go(30 * DAY)
    world.things.unreachable = undefined
    await go(DAY)
    expect((await lease(mine.uuid)).status).toBe('expired')
    expect((await ask('lessee', 'DELETE', `/v1/leases/${mine.uuid}`)).status).toBe(404)
  })

  it('no failure is for ever: a lease that could not begin begins when it can', async () => {
    const offer = await offerOf()
    const mine = await claimed('lessee', offer.uuid, 0, 20 * DAY)
    world.things.unreachable = 'down'
    await world.conduct()
    await go(5 * DAY)
    expect((await lease(mine.uuid)).status).toBe('wait fulfill')
    world.things.unreachable = undefined
    await go(DAY)
    expect((await lease(mine.uuid)).status).toBe('active')
  })
})

describe('B22: the end of one lease', () => {
  it('is the end of no other', async () => {
    const offer = await offerOf()
    const made = []
    for (let i = 0; i < 13; i++) made.push(await claimed('lessee', offer.uuid, (10 + i) * DAY, (11 + i) * DAY))
    expect((await ask('lessee', 'DELETE', `/v1/leases/${made[5].uuid}`)).status).toBe(200)
    const { leases } = (await ask('lessee', 'GET', `/v1/leases?status=any&offer_uuid=${offer.uuid}`)).body
    expect(leases.filter((l: { status: string }) => l.status === 'created')).toHaveLength(12)
    expect(leases).toHaveLength(13)
  })
})

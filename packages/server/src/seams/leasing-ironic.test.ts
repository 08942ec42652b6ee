import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Served, serve } from '../kit/testing/serve.ts'
import { keeping, leasing } from '../services/leasing/index.ts'
import type { Things } from '../services/leasing/needs.ts'
import { thingsContract } from './contracts/things.ts'
import { leasingBaremetal } from './leasing-baremetal.ts'
import { leasingIronic } from './leasing-ironic.ts'
import { type IronicSite, ironicSite } from './test/ironic-site.ts'
import { type LossyProxy, lossyProxy } from './test/lossy-proxy.ts'

const UNTIL = '2040-01-01T00:00:00.000000Z'
const lease = () => crypto.randomUUID()

let there: IronicSite
let here: Served<unknown>
let proxy: LossyProxy
beforeAll(async () => {
  there = await ironicSite()
  here = await serve({ def: leasing, clock: there.clock })
  proxy = await lossyProxy(new URL(there.url.baremetal).origin)
}, 120_000)
afterAll(async () => {
  await proxy?.close()
  await here?.close()
  await there?.close()
})

const settings = (more: object = {}) => {
  const { username, password } = there.identity.service
  return { authUrl: there.url.identity, url: there.url.baremetal, username, password, ...more }
}
const throughProxy = (more: object = {}): Things => {
  proxy.seen.length = 0
  proxy.fate = () => 'pass'
  return remote({ url: `${proxy.url}/baremetal`, ...more })
}
const shown = async (id: string) => (await there.site.ask('GET', `/v1/nodes/${id}`)).body
const until = async <T extends { readonly is: string }>(ask: () => Promise<T>, is: T['is']): Promise<T> => {
  for (let i = 0; i < 200; i++) {
    const answer = await ask().catch(error => {
      if (error.kind !== 'unavailable') throw error
    })
    if (answer?.is === is) return answer
    await there.site.settle()
  }
  throw new Error(`it never was ${is}`)
}
const remote = (more?: object): Things => leasingIronic.make(undefined, here.kit, settings(more)) as Things

describe('nodes of the bare-metal service in this process', () => {
  thingsContract(() => ({ ...there.site, things: leasingBaremetal.make(there.served.door, there.served.kit, undefined) as Things }))
})

describe('nodes of an Ironic elsewhere', () => {
  let things: Things
  beforeAll(() => {
    things = remote()
  })
  thingsContract(() => ({ ...there.site, things }))
})

it('needs settings that are whole', () => {
  expect(() => leasingIronic.make(undefined, here.kit, {})).toThrow(/ironic\.authUrl/)
  expect(() => remote({ cleanSteps: ['erase_devices'] })).toThrow(/INTERFACE\.STEP/)
})

describe('an Ironic that does not answer as it should', () => {
  it('is asked again while it is busy, and is unavailable when it stays so', async () => {
    const things = throughProxy()
    const id = await there.site.node()
    let left = 2
    proxy.fate = () => (left-- > 0 ? { status: 503 } : 'pass')
    expect(await things.find(id)).toMatchObject({ id })
    proxy.fate = () => ({ status: 503 })
    await expect(things.find(id)).rejects.toMatchObject({ kind: 'unavailable' })
    for (const fate of [{ status: 500 }, 'request lost', 'answer lost'] as const) {
      proxy.fate = () => fate
      await expect(things.find(id)).rejects.toMatchObject({ kind: 'unavailable' })
    }
    proxy.fate = () => 'pass'
    expect(await things.find(id)).toMatchObject({ id })
  })

  it('does not make us wait for ever', async () => {
    const things = throughProxy({ timeout: '300ms' })
    proxy.fate = () => 'no answer'
    await expect(things.find(lease())).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('may have a node locked: what is asked for comes once it is free', async () => {
    const things = throughProxy()
    const id = await there.site.node()
    const first = lease()
    const locked = { status: 409, body: { error_message: JSON.stringify({ faultstring: `Node ${id} is locked by host here` }) } }
    await until(() => things.assign(id, there.site.lessee, first, UNTIL), 'assigned')
    proxy.fate = asked => (asked.startsWith('PATCH') ? locked : 'pass')
    expect(await things.release(id, first)).toMatchObject({ is: 'holding', why: expect.stringContaining('tried again') })
    expect((await shown(id)).lessee).toBe(there.site.lessee)
    let left = 2
    proxy.fate = asked => (asked.startsWith('PATCH') && left-- > 0 ? locked : 'pass')
    expect(await things.release(id, first)).toMatchObject({ is: 'releasing' })
    expect((await shown(id)).lessee).toBeNull()
    await until(() => things.release(id, first), 'released')
  })

  it('may be older than its lessees, or become so', async () => {
    const things = throughProxy()
    proxy.fate = asked => (asked === 'GET /baremetal/v1' ? { status: 200 } : 'pass')
    await expect(things.list(undefined)).rejects.toThrow(/1\.65/)
    proxy.fate = () => 'pass'
    expect(await things.list(undefined)).toBeDefined()
    let once = true
    proxy.fate = asked => {
      if (asked !== 'GET /baremetal/v1/nodes' || !once) return 'pass'
      once = false
      return { status: 406 }
    }
    proxy.seen.length = 0
    expect(await things.list(undefined)).toBeDefined()
    expect(proxy.seen).toEqual(['GET /baremetal/v1/nodes', 'GET /baremetal/v1', 'GET /baremetal/v1/nodes'])
  })

  it('ends our token, and is asked with another', async () => {
    const things = throughProxy()
    const id = await there.site.node()
    expect(await things.find(id)).toBeDefined()
    await there.clock.advance(7_200_000)
    expect(await things.find(id)).toBeDefined()
    const { identity } = there
    const helper = (await identity.ask('GET', '/v3/users?name=helper')).body.users[0].id
    for (const enabled of [false, true]) await identity.ask('PATCH', `/v3/users/${helper}`, { user: { enabled } })
    expect(await things.find(id)).toBeDefined()
  })

  it('is not in the catalog', async () => {
    await expect(remote({ url: undefined, region: 'elsewhere' }).find(lease())).rejects.toThrow(/not in the catalog/)
    await expect(remote({ password: 'wrong' }).find(lease())).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

describe('what is lost on the way', () => {
  /** A whole life of a lease, in which the request with that number goes wrong; gives them. */
  const life = async (number: number, fate: 'request lost' | 'answer lost'): Promise<string[]> => {
    const things = throughProxy({ cleanSteps: ['management.baseline'] })
    const id = await there.site.node()
    const [first, second] = [lease(), lease()]
    let count = 0
    proxy.fate = () => (++count === number ? fate : 'pass')
    await until(() => things.assign(id, there.site.lessee, first, UNTIL), 'assigned')
    expect((await shown(id)).lessee).toBe(there.site.lessee)
    const answer = await until(() => things.release(id, first), 'releasing')
    expect([answer.is, (await shown(id)).lessee]).toEqual(['releasing', null])
    const done = await until(() => things.release(id, first), 'released')
    expect(done).toMatchObject({ proof: { power: 'off', disk: 'cleaned by ironic: management.baseline' } })
    expect(await shown(id)).toMatchObject({ provision_state: 'available', power_state: 'power off', lessee: null })
    await until(() => things.assign(id, there.site.stranger, second, UNTIL), 'assigned')
    proxy.fate = () => 'pass'
    return [...proxy.seen]
  }

  it('is done in the end, and nobody has the node who should not', async () => {
    const all = await life(0, 'request lost')
    expect(all.filter(asked => !asked.startsWith('GET')).length).toBeGreaterThan(6)
    // Whether a question or its answer is lost is the same.
    const effect = (asked: string | undefined) => asked !== undefined && !asked.startsWith('GET')
    for (const [i, asked] of all.entries()) {
      // Of the looks between two effects one stands for all, and whether a question or its answer is lost is the same there.
      if (!effect(asked) && !effect(all[i - 1])) continue
      for (const fate of effect(asked) ? (['request lost', 'answer lost'] as const) : (['answer lost'] as const)) await life(i + 1, fate)
    }
  }, 300_000)

  it('is a process: another goes on when its time is over, and what it still writes is refused', async () => {
    const memory = keeping(here.database, () => there.clock.now())
    const thing = lease()
    let late: Promise<unknown> | undefined
    const gone = memory.hold(thing, 60_000, async held => {
      expect(await memory.hold(thing, 60_000, async () => 'too early')).toBeUndefined()
      await there.clock.advance(61_000)
      expect(await memory.hold(thing, 60_000, async other => (await other.save({ mark: 'the other' })).mark)).toBe('the other')
      late = held.save({ mark: 'too late' })
      await expect(late).rejects.toThrow(/somebody else/)
      return 'gone'
    })
    expect(await gone).toBe('gone')
    // What remembers nothing leaves nothing.
    expect((await memory.of([thing])).size).toBe(0)
  })
})

it('rivals for a node: one has it, whatever replica they ask', async () => {
  const id = await there.site.node()
  const replicas = [remote(), remote()]
  const rivals = Array.from({ length: 8 }, (_, i) => ({ things: replicas[i % 2]!, lease: lease(), project: lease() }))
  const winners = new Set<string>()
  for (let i = 0; i < 200 && winners.size === 0; i++) {
    const answers = await Promise.all(rivals.map(({ things, project, lease }) => things.assign(id, project, lease, UNTIL)))
    for (const [n, answer] of answers.entries()) if (answer.is === 'assigned') winners.add(rivals[n]!.project)
    await there.site.settle()
  }
  for (const { things, project, lease } of rivals)
    if ((await until(() => things.assign(id, project, lease, UNTIL).then(a => ({ is: 'done', a })), 'done')).a.is === 'assigned')
      winners.add(project)
  expect([...winners]).toEqual([(await shown(id)).lessee])
})

describe('how clean a node is', () => {
  it('is what was seen, and no more', async () => {
    const things = remote()
    const id = await there.site.node()
    await there.site.ask('PATCH', `/v1/nodes/${id}`, [{ op: 'remove', path: '/properties/erase' }])
    // Nothing is known of it yet: it is cleaned first, and nobody sees a step.
    expect((await things.find(id))?.notLeasable).toBeUndefined()
    const answer = await until(async () => {
      const said = await things.assign(id, there.site.lessee, lease(), UNTIL)
      return said.is === 'waiting' && said.why.includes('not seen to clean') ? { is: 'unknown' } : said
    }, 'unknown')
    expect(answer).toEqual({ is: 'unknown' })
    expect((await things.find(id))?.notLeasable).toMatch(/erase: none/)
    // Nobody else's data is on it for its own owner.
    const own = lease()
    await until(() => things.assign(id, there.site.owner, own, UNTIL), 'assigned')
    await until(() => things.release(id, own), 'released')
    await there.site.ask('PATCH', `/v1/nodes/${id}`, [{ op: 'add', path: '/automated_clean', value: false }])
    expect((await things.find(id))?.notLeasable).toMatch(/does not clean it/)
    const by = remote({ cleanSteps: ['management.baseline'] })
    const [first] = [lease()]
    await until(() => by.assign(id, there.site.owner, first, UNTIL), 'assigned')
    expect(await until(() => by.release(id, first), 'released')).toMatchObject({
      proof: { disk: 'cleaned by ironic: management.baseline' },
    })
    expect((await by.find(id))?.notLeasable).toBeUndefined()
    await until(() => by.assign(id, there.site.lessee, lease(), UNTIL), 'assigned')
  })

  it('is proven anew when its owner used it since', async () => {
    const things = remote({ cleanSteps: ['management.baseline'] })
    const id = await there.site.node()
    const first = lease()
    await until(() => things.assign(id, there.site.lessee, first, UNTIL), 'assigned')
    await until(() => things.release(id, first), 'released')
    for (const [target, state] of [
      ['active', 'active'],
      ['deleted', 'available'],
    ]) {
      await there.site.ask('PUT', `/v1/nodes/${id}/states/provision`, { target })
      for (let i = 0; i < 60 && (await shown(id)).provision_state !== state; i++) await there.site.settle()
    }
    expect(await things.assign(id, there.site.lessee, lease(), UNTIL)).toMatchObject({ is: 'waiting', why: 'it is being proven clean' })
  })

  it('needs a person when Ironic cannot clean it, and goes on once they have seen to it', async () => {
    const id = await there.site.node()
    const first = lease()
    const good = remote({ cleanSteps: ['management.baseline'] })
    await until(() => good.assign(id, there.site.lessee, first, UNTIL), 'assigned')
    await good.release(id, first)
    await there.site.ask('PUT', `/v1/nodes/${id}/maintenance`, {})
    expect(await until(() => good.release(id, first), 'quarantined')).toEqual({
      is: 'quarantined',
      reason: 'it is in maintenance; its owner sees why',
    })
    expect(await good.assign(id, there.site.stranger, lease(), UNTIL)).toMatchObject({ is: 'waiting' })
    await there.site.ask('DELETE', `/v1/nodes/${id}/maintenance`)
    expect(await until(() => good.release(id, first), 'released')).toMatchObject({ proof: { power: 'off' } })
  })

  it('is nobody’s business any more when it has left Ironic', async () => {
    const things = remote()
    const id = await there.site.node()
    const first = lease()
    await until(() => things.assign(id, there.site.lessee, first, UNTIL), 'assigned')
    await there.site.ask('PUT', `/v1/nodes/${id}/maintenance`, {})
    expect((await there.site.ask('DELETE', `/v1/nodes/${id}`)).status).toBe(204)
    expect(await until(() => things.release(id, first), 'released')).toEqual({ is: 'released', proof: { node: 'no longer in Ironic' } })
    expect(await things.release(id, first)).toEqual({ is: 'released', proof: { node: 'no longer in Ironic' } })
  })
})

it('a lease on an Ironic elsewhere begins, ends and says what was proven, by itself', async () => {
  const things = remote({ cleanSteps: ['management.baseline'] })
  const world = await serve({ def: leasing, clock: there.clock, needs: { things: remote() }, beside: here })
  const id = await there.site.node()
  const end = new Date(there.clock.millis() + 3_600_000).toISOString().slice(0, 19)
  const made = await world.request('admin', 'POST', '/v1/leases', { resource_uuid: id, project_id: there.site.lessee, end_time: end })
  expect([made.status, made.body]).toEqual([201, made.body])
  const look = async () => (await world.request('admin', 'GET', `/v1/leases/${made.body.uuid}`)).body
  const goOn = async (is: (row: any) => boolean) => {
    for (let i = 0; i < 200; i++) {
      await world.conduct()
      const row = await look()
      if (is(row)) return row
      await there.site.settle()
    }
    throw new Error(`it did not come to that: ${JSON.stringify(await look())}`)
  }
  await goOn(row => row.status === 'active')
  expect((await shown(id)).lessee).toBe(there.site.lessee)
  await there.clock.advance(3_600_000)
  await goOn(row => row.status === 'expired')
  expect((await shown(id)).lessee).toBeNull()
  const over = await goOn(row => row.end_record?.is === 'released')
  expect(over.end_record.proof).toMatchObject({ power: 'off', disk: 'not wiped, as its owner says (erase: none)' })
  expect((await things.find(id))?.state.provision).toBe('available')
})

import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { uuid } from '../../../kit/ids/ids.ts'
import { type Deal, Model } from './model.ts'
import { at, HOUR, type LeasingWorld, leasingWorld, projectOf, type Who } from './world.ts'

let world: LeasingWorld
/** Hours that the clock has run before this history. */
let base = 0

let histories = 0

/** Every so often a new world: old machines are looked at every hour too. */
const renew = async (): Promise<void> => {
  if (histories++ % 10 > 0) return
  await world?.close()
  world = await leasingWorld()
  base = 0
}
afterAll(async () => world?.close())

const hour = fc.integer({ min: 0, max: 30 })
const span = fc.record({ from: fc.integer({ min: -2, max: 24 }), length: fc.integer({ min: 1, max: 12 }) })
const pick = fc.nat({ max: 1000 })
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('offer' as const), span }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('claim' as const), pick, span }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('lend' as const), span }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('sublet' as const), span }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('extend' as const), pick, end: hour }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cancel' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('withdraw' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('maintain' as const), span }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('repair' as const), pick }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('advance' as const), hours: fc.integer({ min: 1, max: 6 }) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** One history on one machine, on paper and in the service. */
class History {
  readonly model: Model
  readonly node: string
  readonly log: string[] = []
  readonly start = base

  constructor(turnAround: number) {
    this.model = new Model(turnAround)
    this.node = uuid()
    world.things.add({ id: this.node, owner: projectOf('owner'), turnAround: turnAround * HOUR })
  }

  t = (hours: number): string => at((this.start + hours) * HOUR)

  async ask(who: Who, method: string, path: string, body?: object): Promise<{ status: number; body: any }> {
    const reply = await world.request(who, method, path, body)
    this.log.push(`${who} ${method} ${path} ${JSON.stringify(body ?? null)} -> ${reply.status} ${reply.body?.faultstring ?? ''}`)
    return reply
  }

  /** Paper and service must agree whether it can be had. */
  agree(reply: { status: number }, onPaper: boolean): void {
    expect(reply.status < 300, `on paper it ${onPaper ? 'can' : 'cannot'} be had\n${this.log.join('\n')}`).toBe(onPaper)
    if (!onPaper) expect([400, 403, 404, 409], this.log.join('\n')).toContain(reply.status)
  }

  async make(kind: Deal['kind'], within: Deal | undefined, from: number, to: number, who: Who, path: string, body: object): Promise<void> {
    const reply = await this.ask(who, 'POST', path, { ...body, start_time: this.t(from), end_time: this.t(to) })
    const deal = this.model.deal(kind, reply.body?.uuid, from, to, within)
    const turnAround = kind === 'maintenance' ? 0 : this.model.turnAround
    const open = within === undefined || (within.kind === 'offer' ? within.status === 'open' : within.status === 'active')
    this.agree(reply, open && to > this.model.now && this.model.place(deal, from, to, turnAround))
  }

  async carryOut(o: Operation): Promise<void> {
    const { model, node } = this
    const of = <T>(list: T[], n: number): T | undefined => (list.length > 0 ? list[n % list.length] : undefined)
    const hours = 'span' in o ? ([model.now + o.span.from, model.now + o.span.from + o.span.length] as const) : ([0, 0] as const)
    const resource = { resource_uuid: node }
    switch (o.op) {
      case 'offer':
        return this.make('offer', undefined, ...hours, 'owner', '/v1/offers', resource)
      case 'claim': {
        const offer = of(
          model.deals.filter(d => d.kind === 'offer'),
          o.pick,
        )
        if (offer) await this.make('lease', offer, ...hours, 'both', `/v1/offers/${offer.id}/claim`, {})
        return
      }
      case 'lend':
        return this.make('lease', undefined, ...hours, 'owner', '/v1/leases', { ...resource, project_id: 'lessee' })
      case 'sublet': {
        for (const kind of ['offers', 'leases?view=all&status=any']) {
          const { body } = await world.request('admin', 'GET', `/v1/${kind}`)
          const listed = (body.offers ?? body.leases).at(-1)
          if (listed) expect(listed).toEqual((await world.request('admin', 'GET', `/v1/${kind.split('?')[0]}/${listed.uuid}`)).body)
        }
        const holder = model.holder()
        // Only a claim has one calendar; its project may sublet.
        if (holder?.within?.kind === 'offer')
          await this.make('lease', holder, ...hours, 'both', '/v1/leases', { ...resource, project_id: 'lessee2' })
        return
      }
      case 'extend': {
        const lease = of(model.living('lease'), o.pick)
        if (!lease) return
        const end = model.now + o.end - 5
        const reply = await this.ask('admin', 'PATCH', `/v1/leases/${lease.id}`, { end_time: this.t(end) })
        this.agree(reply, end > lease.start && end > model.now && model.place(lease, lease.start, end))
        return
      }
      case 'cancel': {
        const lease = of(model.living('lease'), o.pick)
        if (!lease) return
        this.agree(await this.ask('admin', 'DELETE', `/v1/leases/${lease.id}`), true)
        model.endLease(lease)
        return world.conduct()
      }
      case 'withdraw': {
        const offer = of(model.living('offer'), o.pick)
        if (!offer) return
        this.agree(await this.ask('owner', 'DELETE', `/v1/offers/${offer.id}`), true)
        model.endOffer(offer)
        return world.conduct()
      }
      case 'maintain':
        return this.make('maintenance', undefined, ...hours, 'owner', '/v1/maintenances', resource)
      case 'repair': {
        const m = of(model.living('maintenance'), o.pick)
        if (!m) return
        this.agree(await this.ask('owner', 'DELETE', `/v1/maintenances/${m.id}`), true)
        model.endMaintenance(m)
        return
      }
      case 'advance':
        for (let i = 0; i < o.hours; i++) {
          base++
          model.advance(1)
          await world.go(HOUR)
        }
        this.log.push(`... ${o.hours} h`)
    }
  }

  /** What is shown is what is on paper, and the machine is with whom it belongs to. */
  async compare(): Promise<void> {
    const { model } = this
    await world.conduct()
    model.advance(0)
    for (const lease of model.deals.filter(d => d.kind === 'lease')) {
      const { status } = (await world.request('admin', 'GET', `/v1/leases/${lease.id}`)).body
      const onPaper = lease.status === 'ended' ? ['expired', 'deleted'] : [lease.status]
      expect(onPaper, `lease ${lease.id}\n${this.log.join('\n')}`).toContain(status)
    }
    for (const offer of model.living('offer')) {
      const { availabilities } = (await world.request('admin', 'GET', `/v1/offers/${offer.id}`)).body
      const shown = new Set<string>()
      for (const [from, to] of availabilities)
        for (let h = -100; h < 200; h++) if (from <= this.t(h) && this.t(h) < to) shown.add(this.t(h))
      expect([...shown], `offer ${offer.id}\n${this.log.join('\n')}`).toEqual(model.bookable(offer).map(this.t))
    }
    for (const kind of ['offers', 'leases?view=all&status=any']) {
      const { body } = await world.request('admin', 'GET', `/v1/${kind}`)
      const listed = (body.offers ?? body.leases).at(-1)
      if (listed) expect(listed).toEqual((await world.request('admin', 'GET', `/v1/${kind.split('?')[0]}/${listed.uuid}`)).body)
    }
    const holder = model.holder()
    expect(world.things.machine(this.node).lease, this.log.join('\n')).toBe(holder?.id ?? null)
  }
}

const ends = fc
  .asyncProperty(fc.constantFrom(0, 1), fc.array(operation, { minLength: 5, maxLength: 25 }), async (turnAround, operations) => {
    const history = new History(turnAround)
    for (const o of operations) {
      await history.carryOut(o)
      await history.compare()
    }
  })
  .beforeEach(renew)

it('any history ends as it does on paper', async () => {
  await fc.assert(ends, { numRuns: Number(process.env['ESI_HISTORIES'] ?? 25), endOnFailure: true })
}, 3_600_000)

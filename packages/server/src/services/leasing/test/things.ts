import type { Instant } from '@esi/api/time'
import type { Credentials } from '../../../kit/auth/caller.ts'
import type { Assigned, Released, Thing, Things } from '../needs.ts'

/** A machine of tests: what it is, who has it, and how it behaves when asked. */
export interface Machine {
  id: string
  name: string | null
  owner: string | null
  lessee: string | null
  lease: string | null
  class: string | null
  properties: Record<string, unknown>
  turnAround: number
  notLeasable?: string
  leaving?: boolean
  leaves?: Instant
  /** Proven clean; a machine that is given back is not until `clean` says so, unless it cleans at once. */
  clean: boolean
  cleansAtOnce: boolean
  broken: string | undefined
  /** Times it was wiped. */
  wiped: number
  /** What is on its disk: the lease that used it last. */
  disk: string | null
}

export interface Call {
  readonly what: 'assign' | 'release'
  readonly thing: string
  readonly lease: string
  readonly project?: string
}

/** Machines in memory that keep the promises of `Things`, with faults to switch on. */
export interface FakeThings extends Things {
  add(machine: Partial<Machine> & { id: string }): Machine
  machine(id: string): Machine
  /** It was wiped and is proven clean. */
  cleaned(id: string): void
  /** Every call throws that, until it is undefined again. */
  unreachable: string | undefined
  /** Called before each assign or release is carried out. */
  before: ((call: Call) => Promise<void>) | undefined
  /** Called after it was carried out, before the answer: throwing here is a lost answer. */
  after: ((call: Call) => Promise<void>) | undefined
  readonly calls: Call[]
}

export const fakeThings = (): FakeThings => {
  const machines = new Map<string, Machine>()
  const thing = (m: Machine): Thing => ({
    id: m.id,
    name: m.name,
    owner: m.owner,
    lessee: m.lessee,
    class: m.class,
    properties: m.properties,
    turnAround: m.turnAround,
    ...(m.notLeasable === undefined ? {} : { notLeasable: m.notLeasable }),
    ...(m.leaving ? { leaving: true } : {}),
    ...(m.leaves === undefined ? {} : { leaves: m.leaves }),
    state: {
      provision: m.clean ? 'available' : 'cleaning',
      targetProvision: null,
      power: 'power off',
      targetPower: null,
      maintenance: false,
    },
  })
  const must = (id: string): Machine => {
    const m = machines.get(id)
    if (!m) throw new Error(`there is no machine ${id}`)
    return m
  }
  const reach = async (call: Call): Promise<void> => {
    things.calls.push(call)
    if (things.unreachable) throw new Error(things.unreachable)
    await things.before?.(call)
  }
  const things: FakeThings = {
    calls: [],
    unreachable: undefined,
    before: undefined,
    after: undefined,
    add(given) {
      const m: Machine = {
        name: given.id,
        owner: null,
        lessee: null,
        lease: null,
        class: 'baremetal',
        properties: { cpus: 8 },
        turnAround: 0,
        clean: true,
        cleansAtOnce: true,
        broken: undefined,
        wiped: 0,
        disk: null,
        ...given,
      }
      machines.set(m.id, m)
      return m
    },
    machine: must,
    cleaned(id) {
      const m = must(id)
      m.clean = true
      m.wiped++
      m.disk = null
    },
    async find(ident) {
      if (things.unreachable) throw new Error(things.unreachable)
      const m = machines.get(ident) ?? [...machines.values()].find(x => x.name === ident)
      return m && thing(m)
    },
    async list(who: Credentials | undefined) {
      if (things.unreachable) throw new Error(things.unreachable)
      return [...machines.values()].filter(m => !who || m.owner === who.project_id || m.lessee === who.project_id).map(thing)
    },
    async assign(id, project, lease): Promise<Assigned> {
      const call: Call = { what: 'assign', thing: id, lease, project }
      await reach(call)
      const m = must(id)
      let answer: Assigned = { is: 'assigned' }
      if (m.broken) answer = { is: 'waiting', why: m.broken }
      else if (m.lease !== null && m.lease !== lease) answer = { is: 'waiting', why: 'it is in use' }
      else if (m.lease === null && !m.clean) answer = { is: 'waiting', why: 'it is being cleaned' }
      else {
        m.lease = lease
        m.lessee = project
        m.clean = false
        m.disk = lease
      }
      await things.after?.(call)
      return answer
    },
    async release(id, lease): Promise<Released> {
      const call: Call = { what: 'release', thing: id, lease }
      await reach(call)
      const m = must(id)
      if (m.lease === lease) {
        m.lease = null
        m.lessee = null
        if (m.cleansAtOnce) things.cleaned(id)
      }
      await things.after?.(call)
      if (m.broken) return { is: 'quarantined', reason: m.broken }
      if (m.lease === null && !m.clean) return { is: 'releasing', doing: 'wiping its disks' }
      return { is: 'released', proof: { disk: 'wiped' } }
    },
  }
  return things
}

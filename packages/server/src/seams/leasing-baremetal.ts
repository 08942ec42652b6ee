import type { NewEvent } from '../kit/events/event.ts'
import type { SeamDef } from '../kit/service.ts'
import type { Door, NodeFacts } from '../services/baremetal/index.ts'
import type { Thing, Things } from '../services/leasing/needs.ts'

/** That a lease got its node leasing knows, for it asked for it: that nobody has to look at. */
const isNews = ({ type, data }: NewEvent): boolean =>
  type !== 'baremetal.node.assigned' &&
  !(type === 'baremetal.node.updated' && Object.keys((data?.['after'] ?? {}) as object).join() === 'lessee')

/** Leasing's things are nodes; whatever happens to a node makes leasing look at it and at the leases that wait for it. */
export const leasingBaremetal: SeamDef = {
  name: 'baremetal',
  consumer: 'leasing',
  need: 'things',
  provider: 'baremetal',
  reactions: [{ on: 'baremetal.node.*', wake: event => (isNews(event) ? [{ conductor: 'resource', key: event.object.id }] : []) }],
  make: (door: Door): Things => ({
    certain: true,
    async find(ident) {
      const node = await door.find(ident)
      return node && thingOf(node)
    },
    list: async who => (await door.list(who)).map(thingOf),
    assign: (thing, project, lease, until) => door.assign(thing, project, lease, until),
    release: (thing, lease) => door.release(thing, lease),
    console: (thing, who, signal) => door.console(thing, who, signal),
  }),
}

const thingOf = (node: NodeFacts): Thing => ({
  id: node.uuid,
  name: node.name,
  owner: node.owner,
  lessee: node.lessee,
  class: node.resourceClass,
  properties: node.properties,
  turnAround: node.turnAround,
  ...(node.notLeasable === undefined ? {} : { notLeasable: node.notLeasable }),
  ...(node.retired ? { leaving: true } : {}),
  ...(node.leavesAt === null ? {} : { leaves: node.leavesAt }),
  state: {
    provision: node.provisionState,
    targetProvision: node.targetProvisionState,
    power: node.powerState,
    targetPower: node.targetPowerState,
    maintenance: node.maintenance,
  },
})

import type { ConductorGroup } from '@esi/api/baremetal/routes'
import type { Command } from '../../command.ts'
import { nodes } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'

export const drivers: Command = {
  brief: 'list the drivers and where they run',
  prints: 'list',
  async run(face) {
    const body = (await (await nodes(face)).call('GET', '/v1/drivers')) as { drivers: { hosts: string[] }[] }
    const columns = [
      ['Supported driver(s)', 'name'],
      ['Active host(s)', 'hosts'],
    ] as const
    return listOf(
      columns,
      body.drivers.map(d => ({ ...d, hosts: d.hosts.join(', ') })),
    )
  },
}

export const conductors: Command = {
  brief: 'list the conductors',
  prints: 'list',
  async run(face) {
    const body = (await (await nodes(face)).call('GET', '/v1/conductors')) as { conductors: object[] }
    const columns = [
      ['Hostname', 'hostname'],
      ['Conductor Group', 'conductor_group'],
      ['Alive', 'alive'],
    ] as const
    return listOf(columns, body.conductors)
  },
}

export const conductorGroups: Command = {
  brief: 'list conductor groups, and the nodes that nobody conducts',
  doc: 'A group that has nodes without a conductor is one that no server names in its configuration (baremetal: { groups: [...] }), or whose servers are gone.',
  prints: 'list',
  async run(face) {
    const body = (await (await nodes(face)).call('GET', '/v1/conductor_groups')) as { conductor_groups: ConductorGroup[] }
    const columns = [
      ['Conductor Group', 'conductor_group'],
      ['Nodes', 'nodes'],
      ['Unserved Nodes', 'unserved_nodes'],
      ['Unserved Drivers', 'unserved_drivers'],
      ['Conductors', 'conductors'],
    ] as const
    return listOf(
      columns,
      body.conductor_groups.map(group => ({
        ...group,
        unserved_drivers: group.unserved_drivers.join(', '),
        conductors: group.conductors.join(', '),
      })),
    )
  },
}

const named = (path: (name: string) => string, noun: string, brief: string): Command => ({
  brief,
  args: [{ name: noun, doc: `the ${noun}, by name` }],
  prints: 'one',
  async run(face, given) {
    const row = (await (await nodes(face)).call('GET', path(encodeURIComponent(given.arg(noun))))) as object
    const fields = Object.keys(row).filter(key => key !== 'links')
    return oneOf(fields, row)
  },
})

export const driver = named(name => `/v1/drivers/${name}`, 'driver', 'show a driver')
export const conductor = named(name => `/v1/conductors/${name}`, 'conductor', 'show a conductor')

/** Of a driver: what it says of each of its properties or methods, by name. */
const ofDriver = (below: string, brief: string, columns: readonly (readonly [string, string])[]): Command => ({
  brief,
  args: [{ name: 'driver', doc: 'the driver, by name' }],
  prints: 'list',
  async run(face, given) {
    const body = (await (await nodes(face)).call('GET', `/v1/drivers/${encodeURIComponent(given.arg('driver'))}/${below}`)) as object
    return listOf(
      columns,
      Object.entries(body).map(([name, what]) => ({ name, ...(typeof what === 'object' ? what : { description: what }) })),
    )
  },
})

const described = [
  ['Property', 'name'],
  ['Description', 'description'],
] as const
export const driverProperties = ofDriver('properties', 'list what a driver wants to be told of a node', described)
export const raidProperties = ofDriver('raid/logical_disk_properties', 'list what may be said of the disks that a driver joins', described)
export const driverPassthru = ofDriver('vendor_passthru/methods', 'list what only the makers of a driver have', [
  ['Name', 'name'],
  ['Supported HTTP methods', 'http_methods'],
  ['Async', 'async'],
  ['Description', 'description'],
])

export const shards: Command = {
  brief: 'list shards, and how many nodes each has',
  prints: 'list',
  async run(face) {
    const body = (await (await nodes(face)).call('GET', '/v1/shards')) as { shards: object[] }
    return listOf(
      [
        ['Name', 'name'],
        ['Count', 'count'],
      ],
      body.shards,
    )
  },
}

const runbook = { name: 'runbook', doc: 'the runbook, by UUID or name' }
const traits = { name: 'trait', doc: 'a trait, like CUSTOM_FAST', many: true }
const at = (name: string, ...more: readonly string[]): string => ['/v1/runbooks', ...[name, ...more].map(encodeURIComponent)].join('/')

export const listRunbookTraits: Command = {
  brief: 'list the traits of the nodes that a runbook is for',
  args: [runbook],
  prints: 'list',
  async run(face, given) {
    const body = (await (await nodes(face)).call('GET', at(given.arg('runbook'), 'traits'))) as { traits: string[] }
    return { columns: ['Traits'], rows: body.traits.map(trait => [trait]) }
  },
}

const changeTraits = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [runbook, traits],
  async run(face, given) {
    const client = await nodes(face)
    for (const trait of given.args('trait')) await client.call(method, at(given.arg('runbook'), 'traits', trait))
    return undefined
  },
})
export const addRunbookTraits = changeTraits('PUT', 'say for nodes with which traits a runbook is')
export const removeRunbookTraits = changeTraits('DELETE', 'take traits from a runbook')

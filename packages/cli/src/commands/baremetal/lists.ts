import type { ConductorGroup } from '@esi/api/baremetal/routes'
import type { Command } from '../../command.ts'
import { each } from '../../each.ts'
import { nodes } from '../../services.ts'
import { listOf } from '../../show.ts'
import { adding, REMOVED, removing, someOrAll, traitsTable } from '../node/hardware.ts'

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

/** Of a driver: what it says of each of its properties or methods, by name. */
const ofDriver = (below: string, brief: string, columns: readonly (readonly [string, string])[]): Command => ({
  brief,
  args: [{ name: 'driver', doc: 'the driver, by name' }],
  prints: 'list',
  async run(face, given) {
    const body = (await (await nodes(face)).call('GET', `/v1/drivers/${encodeURIComponent(given.arg('driver'))}/${below}`)) as object
    return listOf(
      columns,
      // Properties as the original's client sorts them.
      Object.entries(body)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, what]) => ({ [columns[0]![1]]: name, ...(typeof what === 'object' ? what : { description: what }) })),
    )
  },
})

const described = [
  ['Property', 'property'],
  ['Description', 'description'],
] as const
export const driverProperties = ofDriver('properties', 'list what a driver wants to be told of a node', described)
export const raidProperties = ofDriver('raid/logical_disk_properties', 'list what may be said of the disks that a driver joins', described)
export const driverPassthru = ofDriver('vendor_passthru/methods', 'list what only the makers of a driver have', [
  ['Name', 'name'],
  ['Supported HTTP methods', 'http_methods'],
  ['Async', 'async'],
  ['Description', 'description'],
  ['Response is attachment', 'attach'],
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
    return traitsTable(body.traits)
  },
}

export const addRunbookTraits: Command = {
  brief: 'say for nodes with which traits a runbook is',
  args: [runbook, traits],
  async run(face, given) {
    const client = await nodes(face)
    return each(given.args('trait'), adding, trait => client.call('PUT', at(given.arg('runbook'), 'traits', trait)))
  },
}

export const removeRunbookTraits: Command = {
  brief: 'take traits from a runbook',
  args: [runbook, { ...traits, optional: true }],
  options: { all: { doc: 'all of them' } },
  async run(face, given) {
    const names = someOrAll(given)
    const client = await nodes(face)
    if (names !== 'all') return each(names, removing, trait => client.call('DELETE', at(given.arg('runbook'), 'traits', trait)))
    await client.call('DELETE', at(given.arg('runbook'), 'traits'))
    return { text: REMOVED }
  },
}

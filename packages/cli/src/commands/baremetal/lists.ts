import type { ConductorGroup } from '@esi/api/baremetal/routes'
import type { Command } from '../../command.ts'
import { nodes } from '../../services.ts'
import { listOf } from '../../show.ts'

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

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

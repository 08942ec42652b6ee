import type { Command } from '../../command.ts'
import { callLeasing } from '../../services.ts'
import { listOf } from '../../show.ts'
import { propertyTests } from '../../values.ts'
import { columns, more } from './shape.ts'

export const command: Command = {
  brief: 'list the nodes you may see, with their offers and leases',
  options: {
    long: { doc: 'more columns' },
    'resource-class': { doc: 'only of this class', values: ['class'] },
    owner: { doc: 'only of this owner', values: ['project'] },
    lessee: { doc: 'only leased to this project', values: ['project'] },
    property: { doc: 'only where the node has it, like cpus>=40', values: ['test'], repeat: true },
  },
  prints: 'list',
  async run(face, given) {
    const query = new URLSearchParams()
    for (const [option, parameter] of [
      ['resource-class', 'resource_class'],
      ['owner', 'owner'],
      ['lessee', 'lessee'],
    ] as const) {
      const value = given.one(option)
      if (value !== undefined) query.set(parameter, value)
    }
    const tests = propertyTests(given.all('property'))
    const body = await callLeasing(await face.session(), 'GET', '/v1/nodes', undefined, query)
    const rows = (body.nodes as { properties: Record<string, unknown> | null }[]).filter(node =>
      tests.every(test => test(node.properties ?? {})),
    )
    return listOf(given.has('long') ? [...columns, ...more] : columns, rows)
  },
}

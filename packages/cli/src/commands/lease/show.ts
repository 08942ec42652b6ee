import type { Command } from '../../command.ts'
import { leases } from '../../services.ts'
import { oneOf } from '../../show.ts'

export const command: Command = {
  brief: 'show a lease',
  args: [{ name: 'uuid', doc: 'the lease, by UUID or name' }],
  prints: 'one',
  async run(face, given) {
    const lease = await (await leases(face)).show(given.arg('uuid'))
    return oneOf(Object.keys(lease).sort(), lease)
  },
}

import type { Command } from '../../command.ts'
import { leases } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { present } from '../../values.ts'
import { brief } from './shape.ts'

export const command: Command = {
  brief: 'change when a lease ends',
  args: [{ name: 'uuid', doc: 'the lease, by UUID or name' }],
  options: { 'end-time': { doc: 'its new end; without a zone it is UTC', values: ['time'], required: true } },
  prints: 'one',
  changes: true,
  async run(face, given) {
    const changes = Object.entries(present({ end_time: given.one('end-time') })).map(([field, value]) => ({ field, value }))
    return oneOf(brief, await (await leases(face)).update(given.arg('uuid'), changes, { dryRun: face.dryRun }))
  },
}

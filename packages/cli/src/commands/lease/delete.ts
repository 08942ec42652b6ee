import type { Command } from '../../command.ts'
import { leases } from '../../services.ts'

export const command: Command = {
  brief: 'end a lease now, or cancel one that has not begun',
  args: [{ name: 'uuid', doc: 'the lease, by UUID or name', many: true }],
  changes: true,
  async run(face, given) {
    const client = await leases(face)
    for (const uuid of given.args('uuid')) await client.delete(uuid, { dryRun: face.dryRun })
    return {
      text: given
        .args('uuid')
        .map(uuid => `${face.dryRun ? 'Would delete' : 'Deleted'} lease ${uuid}`)
        .join('\n'),
    }
  },
}

import type { Command } from '../../command.ts'
import { offers } from '../../services.ts'

export const command: Command = {
  brief: 'take an offer back',
  doc: 'Takes an offer back. Its leases end with it; --dry-run lists them first.',
  args: [{ name: 'uuid', doc: 'the offer, by UUID or name', many: true }],
  changes: true,
  async run(face, given) {
    const client = await offers(face)
    for (const uuid of given.args('uuid')) await client.delete(uuid, { dryRun: face.dryRun })
    return {
      text: given
        .args('uuid')
        .map(uuid => `${face.dryRun ? 'Would delete' : 'Deleted'} offer ${uuid}`)
        .join('\n'),
    }
  },
}

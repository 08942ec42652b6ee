import { type Command, UsageError } from '../../command.ts'
import { nodes } from '../../services.ts'
import { present } from '../../values.ts'
import { askPlan, planText } from './plan.ts'

export const command: Command = {
  brief: 'take a node out of the pool for good',
  doc: 'Nobody can lease it any more; it is cleaned, and what was proven of that is kept in a last record, which stays when the node is deleted: "esi node retired show". Refused while it is booked; --as-of plans it for when that is over. What could not be cleaned is tried again by the same command.',
  args: [{ name: 'node', doc: 'the node, by UUID or name' }],
  options: {
    reason: { doc: 'why; kept for good', values: ['text'] },
    'as-of': { doc: 'from when on, like 2030-01-31T12:00:00; now if left out', values: ['time'] },
    delete: { doc: 'delete the node once it is proven clean' },
    undo: { doc: 'take its retirement back' },
  },
  changes: true,
  examples: ['esi node retire node-1 --reason "out of warranty" --dry-run', 'esi node retire node-1 --undo'],
  async run(face, given) {
    const client = await nodes(face)
    const name = given.arg('node')
    if (!given.has('undo')) {
      const body = present({ reason: given.one('reason'), as_of: given.one('as-of'), delete: given.has('delete') ? true : undefined })
      return planText(face, await askPlan(face, client, name, ['retire'], body))
    }
    for (const other of ['reason', 'as-of', 'delete']) if (given.has(other)) throw new UsageError(`--${other} does not go with --undo.`)
    const query = face.dryRun ? new URLSearchParams({ dry_run: 'true' }) : undefined
    await client.call('DELETE', client.one(name, 'retire'), undefined, query)
    return {
      text: face.dryRun
        ? `Nothing was changed. The retirement of ${name} would be taken back.`
        : `${name} is not retired any more; "esi node provide ${name}" puts it back into the pool.`,
    }
  },
}

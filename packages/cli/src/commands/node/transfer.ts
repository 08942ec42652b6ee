import type { Command } from '../../command.ts'
import { nodes } from '../../services.ts'
import { askPlan, planText } from './plan.ts'

export const command: Command = {
  brief: 'give a node to another owner',
  doc: "Leases stay, and name the new owner; the old owner's offers end. Only the new owner can give it back: look first with --dry-run.",
  args: [{ name: 'node', doc: 'the node, by UUID or name' }],
  options: { to: { doc: 'the project that is to own it, by UUID or name', values: ['project'], required: true } },
  changes: true,
  examples: ['esi node transfer node-1 --to physics --dry-run'],
  async run(face, given) {
    return planText(face, await askPlan(face, await nodes(face), given.arg('node'), ['transfer'], { to: given.one('to') }))
  },
}

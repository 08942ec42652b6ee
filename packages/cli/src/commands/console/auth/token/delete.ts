import type { Command } from '../../../../command.ts'
import { callLeasing } from '../../../../services.ts'

export const command: Command = {
  brief: 'make all console tokens of a node worthless',
  args: [{ name: 'node', doc: 'the node, by UUID or name' }],
  async run(face, given) {
    await callLeasing(await face.session(), 'DELETE', `/v1/console_auth_tokens/${encodeURIComponent(given.arg('node'))}`)
    return { text: `Disabled console auth tokens for node ${given.arg('node')}` }
  },
}

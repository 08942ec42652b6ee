import type { Command } from '../../command.ts'
import { nodes } from '../../services.ts'
import { awaitNode } from './await.ts'

/** `node manage`, `node provide`, `node undeploy` …: asks for a provision state. */
export const provisionCommand = (target: string, brief: string): Command => ({
  brief,
  args: [{ name: 'node', doc: 'the node, by UUID or name', many: true }],
  options: { wait: { doc: 'wait until it is so' } },
  async run(face, given) {
    const client = await nodes(face)
    const names = given.args('node')
    for (const name of names) await client.call('PUT', client.one(name, 'states', 'provision'), { target })
    if (given.has('wait'))
      for (const name of names) await awaitNode(face, client, name, node => node.target_provision_state === null, 'provision_state')
    return undefined
  },
})

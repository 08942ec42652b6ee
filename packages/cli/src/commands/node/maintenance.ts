import type { Command } from '../../command.ts'
import { nodes } from '../../services.ts'

const args = [{ name: 'node', doc: 'the node, by UUID or name', many: true }]

export const setMaintenance: Command = {
  brief: 'set nodes aside for maintenance',
  args,
  options: { reason: { doc: 'why', values: ['text'] } },
  async run(face, given) {
    const client = await nodes(face)
    for (const name of given.args('node'))
      await client.call('PUT', client.one(name, 'maintenance'), { reason: given.one('reason') ?? null })
    return undefined
  },
}

export const unsetMaintenance: Command = {
  brief: 'take nodes back from maintenance',
  args,
  async run(face, given) {
    const client = await nodes(face)
    for (const name of given.args('node')) await client.call('DELETE', client.one(name, 'maintenance'))
    return undefined
  },
}

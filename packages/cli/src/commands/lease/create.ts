import type { Command } from '../../command.ts'
import { leases } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { jsonObject, present } from '../../values.ts'
import { settle } from './settle.ts'
import { brief } from './shape.ts'

export const command: Command = {
  brief: 'lease something of yours to a project',
  doc: 'Leases a resource that your project owns (or leases now) to a project, without an offer. Without times: from now on, for ever.',
  args: [
    { name: 'resource', doc: 'the resource, by UUID or name' },
    { name: 'project', doc: 'the project that gets it, by id or name' },
  ],
  options: {
    'resource-type': { doc: 'what kind of resource it is; a node if left out', values: ['type'] },
    'start-time': { doc: 'when the lease begins; without a zone it is UTC', values: ['time'] },
    'end-time': { doc: 'when it ends', values: ['time'] },
    name: { doc: 'a name for it', values: ['name'] },
    properties: { doc: 'anything of yours, as a JSON object', values: ['json'] },
    purpose: { doc: 'what it is for', values: ['text'] },
    wait: { doc: 'wait until the lease is active' },
  },
  prints: 'one',
  changes: true,
  async run(face, given) {
    const client = await leases(face)
    const draft = present({
      resource_uuid: given.arg('resource'),
      project_id: given.arg('project'),
      resource_type: given.one('resource-type'),
      start_time: given.one('start-time'),
      end_time: given.one('end-time'),
      name: given.one('name'),
      purpose: given.one('purpose'),
      properties: jsonObject('properties', given.one('properties')),
    })
    const lease = await client.create(draft as never, { dryRun: face.dryRun })
    return oneOf(brief, given.has('wait') && !face.dryRun ? await settle(face, client, lease.uuid as string) : lease)
  },
}

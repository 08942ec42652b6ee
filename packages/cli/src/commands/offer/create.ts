import type { Command } from '../../command.ts'
import { offers } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { jsonObject, present } from '../../values.ts'
import { brief } from './shape.ts'

export const command: Command = {
  brief: 'offer something of yours for lease',
  doc: 'Offers a node (or another resource) that your project owns, or leases now. Without times: from now on, for ever.',
  args: [{ name: 'resource_uuid', doc: 'the resource, by UUID or name' }],
  options: {
    'resource-type': { doc: 'what kind of resource it is; a node if left out', values: ['type'] },
    'start-time': { doc: 'when the offer begins; without a zone it is UTC', values: ['time'] },
    'end-time': { doc: 'when it ends', values: ['time'] },
    lessee: { doc: 'the only project (with those below it) that may claim it', values: ['project'] },
    name: { doc: 'a name for it', values: ['name'] },
    properties: { doc: 'anything of yours, as a JSON object', values: ['json'] },
  },
  prints: 'one',
  changes: true,
  examples: ['esi offer create dell2', 'esi offer create dell2 --start-time 2030-01-01 --end-time 2030-02-01 --lessee lessee1'],
  async run(face, given) {
    const draft = present({
      resource_uuid: given.arg('resource_uuid'),
      resource_type: given.one('resource-type'),
      start_time: given.one('start-time'),
      end_time: given.one('end-time'),
      lessee_id: given.one('lessee'),
      name: given.one('name'),
      properties: jsonObject('properties', given.one('properties')),
    })
    return oneOf(brief, await (await offers(face)).create(draft as never, { dryRun: face.dryRun }))
  },
}

import type { Command } from '../../command.ts'
import { leases, offers } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { jsonObject, present } from '../../values.ts'
import { settle } from '../lease/settle.ts'
import { brief } from '../lease/shape.ts'

export const command: Command = {
  brief: 'lease what is offered, or a part of its time',
  doc: 'Claims an offer, or a part of its time. Without a start it begins now; without an end it lasts as long as the site gives by default.',
  args: [{ name: 'offer_uuid', doc: 'the offer, by UUID or name' }],
  options: {
    'start-time': { doc: 'when the lease begins; without a zone it is UTC', values: ['time'] },
    'end-time': { doc: 'when it ends', values: ['time'] },
    properties: { doc: 'anything of yours, as a JSON object', values: ['json'] },
    name: { doc: 'a name for the lease', values: ['name'] },
    purpose: { doc: 'what it is for', values: ['text'] },
    wait: { doc: 'wait until the lease is active' },
  },
  prints: 'one',
  changes: true,
  examples: ['esi offer claim 7d9f… --end-time 2030-01-02', 'esi offer claim dell2-in-may --wait'],
  async run(face, given) {
    const client = await offers(face)
    const body = present({
      start_time: given.one('start-time'),
      end_time: given.one('end-time'),
      name: given.one('name'),
      purpose: given.one('purpose'),
      properties: jsonObject('properties', given.one('properties')),
    })
    const path = client.one(given.arg('offer_uuid'), 'claim')
    const lease = (await client.call('POST', path, body, face.dryRun ? new URLSearchParams({ dry_run: 'true' }) : undefined)) as {
      uuid: string
    }
    return oneOf(brief, given.has('wait') && !face.dryRun ? await settle(face, await leases(face), lease.uuid) : lease)
  },
}

import { dialect } from '@esi/api/leasing/dialect'
import { lease } from '@esi/api/leasing/lease'
import { offer } from '@esi/api/leasing/offer'
import { ApiError, ResourceClient } from '@esi/client'
import { type Command, UsageError } from '../../../command.ts'
import { listOf } from '../../../show.ts'
import { columns } from '../../lease/shape.ts'
import { command as single } from '../../offer/list.ts'
import { askAll, cloudsOption, type Site, sitesOf } from '../clouds.ts'

const { 'resource-type': type, 'resource-class': resourceClass } = single.options!

export const command: Command = {
  brief: 'lease so many nodes, wherever in several clouds they are free',
  doc: 'Claims the given number of offers that are free for the whole span. All or nothing: what was claimed is given back when there are not enough.',
  args: [
    { name: 'node_count', doc: 'how many' },
    { name: 'start_time', doc: 'when the leases begin; without a zone it is UTC' },
    { name: 'end_time', doc: 'when they end' },
  ],
  options: { ...cloudsOption, 'resource-type': type!, 'resource-class': resourceClass! },
  prints: 'list',
  async run(face, given) {
    const count = Number(given.arg('node_count'))
    if (!Number.isInteger(count) || count < 1)
      throw new UsageError(`node_count must be a whole number above 0, not "${given.arg('node_count')}".`)
    const span = { start_time: given.arg('start_time'), end_time: given.arg('end_time') }
    const filters = {
      status: 'available',
      available_start_time: span.start_time,
      available_end_time: span.end_time,
      resource_type: given.one('resource-type'),
      resource_class: given.one('resource-class'),
    }
    const free = await askAll(face, await sitesOf(face, given), site =>
      new ResourceClient(site.session, 'lease', offer, dialect).list({ filters }),
    )
    if (free.length < count)
      throw new ApiError(
        409,
        `${count} wanted, but only ${free.length} offers are free from ${span.start_time} to ${span.end_time}.`,
        undefined,
        undefined,
      )
    const got: { site: Site; uuid: string; row: object }[] = []
    for (const { site, item } of free) {
      if (got.length === count) break
      const client = new ResourceClient(site.session, 'lease', offer, dialect)
      try {
        const row = (await client.call('POST', client.one(item.uuid as string, 'claim'), span)) as { uuid: string }
        got.push({ site, uuid: row.uuid, row })
      } catch (e) {
        // Somebody was quicker: the next free offer will do.
        if (!(e instanceof ApiError) || e.status !== 409) await giveBack(got).then(() => Promise.reject(e))
        face.progress(`${site.cloud}: offer ${item.uuid} is no longer free`)
      }
    }
    if (got.length < count) {
      await giveBack(got)
      throw new ApiError(409, `${count} wanted, but only ${got.length} could be had; they were given back.`, undefined, undefined)
    }
    return listOf(
      [['Cloud', 'cloud'], ['Region', 'region'], ...columns],
      got.map(({ site, row }) => ({ ...row, cloud: site.cloud, region: site.region })),
    )
  },
}

const giveBack = async (got: readonly { site: Site; uuid: string }[]): Promise<void> => {
  await Promise.all(got.map(({ site, uuid }) => new ResourceClient(site.session, 'lease', lease, dialect).delete(uuid)))
}

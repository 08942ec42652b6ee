import { dialect } from '@esi/api/leasing/dialect'
import { offer } from '@esi/api/leasing/offer'
import { ResourceClient } from '@esi/client'
import type { Command } from '../../../command.ts'
import { listOf } from '../../../show.ts'
import { filtersOf, command as single } from '../../offer/list.ts'
import { columns } from '../../offer/shape.ts'
import { askAll, cloudsOption, sitesOf } from '../clouds.ts'

const {
  status,
  'time-range': timeRange,
  'availability-range': availabilityRange,
  'resource-type': type,
  'resource-class': resourceClass,
} = single.options!

export const command: Command = {
  brief: 'list the offers of several clouds',
  options: {
    ...cloudsOption,
    status: status!,
    'time-range': timeRange!,
    'availability-range': availabilityRange!,
    'resource-type': type!,
    'resource-class': resourceClass!,
  },
  prints: 'list',
  async run(face, given) {
    const filters = filtersOf(given)
    const found = await askAll(face, await sitesOf(face, given), site =>
      new ResourceClient(site.session, 'lease', offer, dialect).list({ filters }),
    )
    return listOf(
      [['Cloud', 'cloud'], ['Region', 'region'], ...columns],
      found.map(({ site, item }) => ({ ...item, cloud: site.cloud, region: site.region })),
    )
  },
}

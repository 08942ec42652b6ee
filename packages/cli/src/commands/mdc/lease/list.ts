import { dialect } from '@esi/api/leasing/dialect'
import { lease } from '@esi/api/leasing/lease'
import { ResourceClient } from '@esi/client'
import type { Command } from '../../../command.ts'
import { listOf } from '../../../show.ts'
import { filtersOf, command as single } from '../../lease/list.ts'
import { columns } from '../../lease/shape.ts'
import { askAll, cloudsOption, sitesOf } from '../clouds.ts'

const { status, 'time-range': timeRange, 'resource-type': type, 'resource-class': resourceClass, purpose } = single.options!

export const command: Command = {
  brief: 'list the leases of several clouds',
  options: {
    ...cloudsOption,
    status: status!,
    'time-range': timeRange!,
    'resource-type': type!,
    'resource-class': resourceClass!,
    purpose: purpose!,
  },
  prints: 'list',
  async run(face, given) {
    const filters = filtersOf(given)
    const wanted = given.one('purpose')
    const found = await askAll(face, await sitesOf(face, given), site =>
      new ResourceClient(site.session, 'lease', lease, dialect).list({ filters }),
    )
    const rows = found
      .filter(({ item }) => wanted === undefined || item.purpose === wanted)
      .map(({ site, item }) => ({ ...item, cloud: site.cloud, region: site.region }))
    return listOf([['Cloud', 'cloud'], ['Region', 'region'], ...columns], rows)
  },
}

import type { Command, Given } from '../../command.ts'
import { leases } from '../../services.ts'
import { listOf } from '../../show.ts'
import { propertyTests } from '../../values.ts'
import { columns, more } from './shape.ts'

export const filtersOf = (given: Given): Record<string, string | undefined> => {
  const span = given.pair('time-range')
  return {
    status: given.one('status'),
    offer_uuid: given.one('offer-uuid'),
    project_id: given.one('project'),
    owner_id: given.one('owner'),
    resource_type: given.one('resource-type'),
    resource_uuid: given.one('resource-uuid'),
    resource_class: given.one('resource-class'),
    ...(given.has('all') ? { view: 'all' } : {}),
    ...(span ? { start_time: span[0], end_time: span[1] } : {}),
  }
}

export const command: Command = {
  brief: 'list leases',
  options: {
    long: { doc: 'more columns' },
    all: { doc: "everybody's; for administrators" },
    status: { doc: 'only leases of this status; "any" for all', values: ['status'] },
    'offer-uuid': { doc: 'only leases of this offer', values: ['offer'] },
    'time-range': { doc: 'only leases that overlap this span', values: ['start', 'end'] },
    project: { doc: 'only leases of this lessee', values: ['project'] },
    owner: { doc: 'only leases of things of this owner', values: ['project'] },
    'resource-type': { doc: 'only of this type', values: ['type'] },
    'resource-uuid': { doc: 'only of this resource', values: ['resource'] },
    'resource-class': { doc: 'only of this class', values: ['class'] },
    purpose: { doc: 'only leases with this purpose', values: ['text'] },
    property: { doc: 'only where the resource has it, like cpus>=40', values: ['test'], repeat: true },
  },
  prints: 'list',
  async run(face, given) {
    const tests = propertyTests(given.all('property'))
    const purpose = given.one('purpose')
    const rows = (await (await leases(face)).list({ filters: filtersOf(given) })).filter(
      lease =>
        (purpose === undefined || lease.purpose === purpose) &&
        tests.every(test => test((lease.resource_properties as Record<string, unknown> | null) ?? {})),
    )
    return listOf(given.has('long') ? [...columns, ...more] : columns, rows)
  },
}

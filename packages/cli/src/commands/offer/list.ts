import type { Command, Given } from '../../command.ts'
import { offers } from '../../services.ts'
import { listOf } from '../../show.ts'
import { propertyTests } from '../../values.ts'
import { columns, more } from './shape.ts'

/** The server's filters, from the options that `offer list` and `mdc offer list` share. */
export const filtersOf = (given: Given): Record<string, string | undefined> => {
  const within = given.pair('time-range')
  // "Now" is what is free at this moment, for however long: the server decides what the moment is.
  const free = given.pair('availability-range')
  return {
    status: given.one('status'),
    project_id: given.one('project'),
    resource_type: given.one('resource-type'),
    resource_uuid: given.one('resource-uuid'),
    resource_class: given.one('resource-class'),
    ...(within ? { start_time: within[0], end_time: within[1] } : {}),
    ...(free ? { available_start_time: free[0], available_end_time: free[1] } : {}),
  }
}

export const command: Command = {
  brief: 'list offers',
  options: {
    long: { doc: 'more columns' },
    status: { doc: 'only offers of this status; "any" for all', values: ['status'] },
    'time-range': { doc: 'only offers that contain this span', values: ['start', 'end'] },
    'availability-range': { doc: 'only offers that are free for this whole span', values: ['start', 'end'] },
    project: { doc: "only this project's", values: ['project'] },
    'resource-type': { doc: 'only of this type', values: ['type'] },
    'resource-uuid': { doc: 'only of this resource', values: ['resource'] },
    'resource-class': { doc: 'only of this class', values: ['class'] },
    property: { doc: 'only where the resource has it, like cpus>=40', values: ['test'], repeat: true },
    now: { doc: 'only offers that can be claimed at this moment' },
  },
  prints: 'list',
  async run(face, given) {
    const tests = propertyTests(given.all('property'))
    const now = new Date().toISOString().slice(0, 19)
    let rows = await (await offers(face)).list({ filters: filtersOf(given) })
    rows = rows.filter(offer => tests.every(test => test((offer.resource_properties as Record<string, unknown> | null) ?? {})))
    if (given.has('now'))
      rows = rows.filter(offer => (offer.availabilities as [string, string][]).some(([from, to]) => from.slice(0, 19) <= now && now < to))
    return listOf(given.has('long') ? [...columns, ...more] : columns, rows)
  },
}

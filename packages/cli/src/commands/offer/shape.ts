/** What the original's client prints of an offer. */
export const columns = [
  ['UUID', 'uuid'],
  ['Resource', 'resource'],
  ['Resource Class', 'resource_class'],
  ['Lessee', 'lessee'],
  ['Start Time', 'start_time'],
  ['End Time', 'end_time'],
  ['Status', 'status'],
  ['Availabilities', 'availabilities'],
] as const
export const more = [
  ['Resource Properties', 'resource_properties'],
  ['Project', 'project'],
  ['Parent Lease UUID', 'parent_lease_uuid'],
] as const
export const brief = ['availabilities', 'end_time', 'lessee', 'resource', 'resource_class', 'start_time', 'status', 'uuid']
export const whole = [
  'availabilities',
  'end_time',
  'lessee',
  'lessee_id',
  'name',
  'parent_lease_uuid',
  'project',
  'project_id',
  'properties',
  'resource',
  'resource_class',
  'resource_properties',
  'resource_type',
  'resource_uuid',
  'start_time',
  'status',
  'uuid',
]

/** What the original's client prints of a lease. */
export const columns = [
  ['UUID', 'uuid'],
  ['Resource', 'resource'],
  ['Resource Class', 'resource_class'],
  ['Project', 'project'],
  ['Start Time', 'start_time'],
  ['End Time', 'end_time'],
  ['Offer UUID', 'offer_uuid'],
  ['Status', 'status'],
  ['Purpose', 'purpose'],
] as const
export const more = [
  ['Resource Properties', 'resource_properties'],
  ['Expire Time', 'expire_time'],
  ['Fulfill Time', 'fulfill_time'],
  ['Owner', 'owner'],
  ['Parent Lease UUID', 'parent_lease_uuid'],
] as const
export const brief = ['end_time', 'offer_uuid', 'project', 'purpose', 'resource', 'resource_class', 'start_time', 'status', 'uuid']

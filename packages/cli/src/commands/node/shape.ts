/** What the original's lease client prints of a node. */
export const columns = [
  ['Name', 'name'],
  ['Owner', 'owner'],
  ['Lessee', 'lessee'],
  ['Resource Class', 'resource_class'],
  ['Provision State', 'provision_state'],
  ['Maintenance', 'maintenance'],
  ['Offer UUID', 'offer_uuid'],
  ['Lease UUID', 'lease_uuid'],
] as const
export const more = [
  ['UUID', 'uuid'],
  ['Properties', 'properties'],
  ['Future Offers', 'future_offers'],
  ['Future Leases', 'future_leases'],
] as const

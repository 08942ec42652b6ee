import type { BenchSite } from './site.ts'

export interface Fleet {
  readonly nodes: number
  /** At most one a node; each without end for our purposes. */
  readonly offers: number
  /** Spread over the offers, one after the other. */
  readonly leases: number
}

/**
 * Writes nodes as an owner of real machines would have them, with offers and leases, straight into the database; those that are
 * there stay. A tenth is the owner's, and of the leases a tenth the lessee's. Everything lies in the future: nothing becomes due.
 */
export const fleet = async (site: BenchSite, { nodes, offers, leases }: Fleet): Promise<void> => {
  const [there] = await site.rows(
    `select (select count(*)::int from baremetal.node) as nodes, (select count(*)::int from leasing.offer) as offers,
       (select count(*)::int from leasing.lease) as leases`,
  )
  const { owner, lessee } = site.projects
  await site.rows(
    `insert into leasing.project (id, name, seen_at) select p, n, now()
     from (values ($1, 'owner'), ($2, 'lessee')) v(p, n)
     union all select w || '-' || i, w || ' ' || i, now() from generate_series(1, 9) i, (values ('owner'), ('lessee')) w(w) on conflict do nothing`,
    [owner, lessee],
  )
  await site.rows(
    `insert into baremetal.node (uuid, name, description, owner, driver, driver_info, driver_internal_info, bios_interface, boot_interface,
       console_interface, deploy_interface, firmware_interface, inspect_interface, management_interface, network_interface, power_interface,
       raid_interface, rescue_interface, storage_interface, vendor_interface, properties, extra, instance_info, resource_class, power_state,
       provision_state, provision_updated_at, boot_mode, secure_boot, clean_proof, clean_at, created_at, updated_at)
     select gen_random_uuid(), 'node-' || i, 'A machine in the long row at the window',
       case when i % 10 = 0 then $3 else 'owner-' || i % 10 end, 'fake-hardware',
       jsonb_build_object('redfish_address', 'https://10.0.' || i % 250 || '.7', 'redfish_username', 'admin', 'redfish_password', '******',
         'redfish_system_id', '/redfish/v1/Systems/1', 'deploy_kernel', 'http://10.0.0.1/kernel', 'deploy_ramdisk', 'http://10.0.0.1/ramdisk'),
       jsonb_build_object('agent_url', 'http://10.0.0.9:9999', 'agent_version', '9.5', 'is_whole_disk_image', true,
         'last_power_state_change', '2027-01-01T00:00:00.000000'),
       'no-bios', 'fake', 'no-console', 'fake', 'no-firmware', 'fake', 'fake', 'noop', 'fake', 'no-raid', 'no-rescue', 'noop', 'no-vendor',
       jsonb_build_object('cpus', '64', 'memory_mb', '524288', 'local_gb', '1800', 'cpu_arch', 'x86_64'),
       jsonb_build_object('rack', 'r' || i % 40, 'unit', (i % 42)::text, 'asset', 'A-' || 100000 + i),
       '{}', 'baremetal', 'power off', 'available', '2027-01-01T12:13:14.567891Z', 'uefi', false, '{"disk":"wiped"}', '2027-01-01T12:13:14Z',
       timestamptz '2027-01-01T00:00:00Z' + i * interval '1 s', '2027-01-02T12:13:14.567891Z'
     from generate_series($1::int, $2::int) i`,
    [there.nodes + 1, nodes, owner],
  )
  await site.rows(
    `insert into baremetal.node_trait select n.uuid, t from baremetal.node n, unnest(array['CUSTOM_RACK', 'HW_CPU_X86_VMX']) t on conflict do nothing`,
  )
  await site.rows(
    `insert into leasing.resource (type, thing, name, class, properties, owner, turn_around, seen_at)
     select 'ironic_node', uuid, name, resource_class, properties, owner, 300000, now() from baremetal.node order by created_at
     on conflict do nothing`,
  )
  await site.rows(
    `insert into leasing.booking (unit, kind, during, held)
     select r.id, 'unit', '(,)', '(,)' from leasing.resource r where not exists (select from leasing.booking b where b.unit = r.id) order by r.id`,
  )
  await site.rows(
    `insert into leasing.offer (uuid, name, project_id, unit, thing_owner, start_time, end_time, status, properties, created_at)
     select gen_random_uuid(), 'offer-' || n, r.owner, r.id, r.owner, '2030-01-01Z', '2230-01-01Z', 'available', '{"floor": "3"}',
       timestamptz '2027-02-01T00:00:00Z' + n * interval '1 s'
     from (select r.*, row_number() over (order by r.id) as n from leasing.resource r) r where n > $1 and n <= $2`,
    [there.offers, offers],
  )
  await site.rows(
    `insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
     select o.unit, 'offer', o.uuid, tstzrange(o.start_time, o.end_time), tstzrange(o.start_time, o.end_time + interval '5 min'), b.id, b.during, b.held
     from leasing.offer o join leasing.booking b on b.unit = o.unit and b.within is null
     where not exists (select from leasing.booking x where x.deal = o.uuid) order by o.unit`,
  )
  await site.rows(
    `insert into leasing.lease (uuid, name, project_id, owner_id, purpose, unit, start_time, end_time, status, properties, offer_uuid, created_at)
     select gen_random_uuid(), 'lease-' || i, case when i % 10 = 0 then $3 else 'lessee-' || i % 10 end, o.project_id, 'a course', o.unit,
       timestamptz '2130-01-01T00:00:00Z' + i * interval '3 h', timestamptz '2130-01-01T02:00:00Z' + i * interval '3 h', 'created',
       '{"ticket": "4711"}', o.uuid, timestamptz '2027-03-01T00:00:00Z' + i * interval '1 s'
     from generate_series($1::int, $2::int) i
     join (select o.*, row_number() over (order by o.unit) - 1 as n from leasing.offer o) o on o.n = i % $4`,
    [there.leases + 1, leases, lessee, Math.max(1, offers)],
  )
  await site.rows(
    `insert into leasing.booking (unit, kind, deal, during, held, within, within_during, within_held)
     select l.unit, 'lease', l.uuid, tstzrange(l.start_time, l.end_time), tstzrange(l.start_time, l.end_time + interval '5 min'), b.id, b.during, b.held
     from leasing.lease l join leasing.booking b on b.deal = l.offer_uuid
     where not exists (select from leasing.booking x where x.deal = l.uuid) order by l.uuid`,
  )
  for (const name of ['baremetal.node', 'baremetal.node_trait', 'leasing.resource', 'leasing.booking', 'leasing.offer', 'leasing.lease'])
    await site.rows(`vacuum analyze ${name}`)
}

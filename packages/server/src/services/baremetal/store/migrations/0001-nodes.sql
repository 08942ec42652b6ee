create table baremetal.chassis (
  uuid        uuid primary key,
  description text,
  extra       jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz
);

create table baremetal.node (
  uuid                   uuid primary key,
  name                   text,
  description            text,
  owner                  text,
  -- Written by domain/tenancy's callers only, together with lessee_by and lease.
  lessee                 text,
  -- Who gave it to the lessee: a lease, a deployment, or somebody by hand.
  lessee_by              text check (lessee_by in ('lease', 'deploy', 'hand')),
  lease                  uuid,
  -- When the lease ends, as the leasing service said it; for error texts.
  lease_end              timestamptz,

  driver                 text not null,
  -- Without secrets: in their place is '******'.
  driver_info            jsonb not null default '{}',
  -- The secrets of driver_info, sealed: a JSON object of JSON pointers and values.
  driver_secrets         text,
  driver_internal_info   jsonb not null default '{}',
  bios_interface         text,
  boot_interface         text,
  console_interface      text,
  deploy_interface       text,
  firmware_interface     text,
  inspect_interface      text,
  management_interface   text,
  network_interface      text,
  power_interface        text,
  raid_interface         text,
  rescue_interface       text,
  storage_interface      text,
  vendor_interface       text,

  properties             jsonb not null default '{}',
  extra                  jsonb not null default '{}',
  instance_info          jsonb not null default '{}',
  instance_uuid          uuid,
  instance_name          text,
  network_data           jsonb not null default '{}',
  chassis_uuid           uuid constraint node_chassis references baremetal.chassis,
  parent_node            uuid constraint node_parent references baremetal.node,
  resource_class         text,
  conductor_group        text not null default '',
  shard                  text,
  automated_clean        boolean,
  protected              boolean not null default false,
  protected_reason       text,
  retired                boolean not null default false,
  retired_reason         text,
  disable_power_off      boolean not null default false,

  -- What is wanted. A request writes it and counts `intent` up; the conductor takes away what is done, if `intent` is still the
  -- same. Keys: power {action, timeout, intent}, provision {verb, steps…, intent}, boot_mode, secure_boot.
  wanted                 jsonb not null default '{}',
  intent                 bigint not null default 0,

  power_state            text,
  target_power_state     text,
  -- When the power state was last read from the hardware.
  power_seen_at          timestamptz,
  provision_state        text not null,
  target_provision_state text,
  provision_updated_at   timestamptz,
  -- The conductor that is changing the node; requests meet it with 409 NodeLocked.
  reservation            text,
  last_error             text,
  fault                  text,
  maintenance            boolean not null default false,
  maintenance_reason     text,
  clean_step             jsonb,
  deploy_step            jsonb,
  service_step           jsonb,
  raid_config            jsonb not null default '{}',
  target_raid_config     jsonb not null default '{}',
  boot_mode              text,
  secure_boot            boolean,
  health                 text,
  console_enabled        boolean not null default false,
  inspection_started_at  timestamptz,
  inspection_finished_at timestamptz,

  -- What proves that nothing of the last lessee is left, and since when; null: not proven.
  clean_proof            jsonb,
  clean_at               timestamptz,
  -- How the last lease's end went: what is being done or was, and what could be proven.
  release                jsonb,

  created_at             timestamptz not null,
  updated_at             timestamptz,

  check ((lessee is null) = (lessee_by is null)),
  check (lease is null or lessee_by = 'lease'),
  check ((clean_proof is null) = (clean_at is null))
) with (fillfactor = 80);

-- Names are unique among what a project owns: a name taken by another one must not be told.
create unique index node_name on baremetal.node (owner, name) nulls not distinct where name is not null;
create unique index node_instance on baremetal.node (instance_uuid);
create index node_created on baremetal.node (created_at, uuid);
create index node_owner on baremetal.node (owner);
create index node_lessee on baremetal.node (lessee) where lessee is not null;
create index node_lease on baremetal.node (lease) where lease is not null;
create index node_parent on baremetal.node (parent_node) where parent_node is not null;
create index node_chassis on baremetal.node (chassis_uuid) where chassis_uuid is not null;
create index node_class on baremetal.node (resource_class);

create table baremetal.node_trait (
  node  uuid not null references baremetal.node on delete cascade,
  trait text not null,
  primary key (node, trait)
);

create table baremetal.portgroup (
  uuid                       uuid primary key,
  node_uuid                  uuid not null constraint portgroup_node references baremetal.node on delete cascade,
  name                       text,
  address                    text,
  mode                       text,
  properties                 jsonb not null default '{}',
  extra                      jsonb not null default '{}',
  internal_info              jsonb not null default '{}',
  standalone_ports_supported boolean not null default true,
  physical_network           text,
  category                   text,
  dynamic_portgroup          boolean not null default false,
  created_at                 timestamptz not null,
  updated_at                 timestamptz
);

create unique index portgroup_address on baremetal.portgroup (address);
create unique index portgroup_name on baremetal.portgroup (node_uuid, name);
create index portgroup_created on baremetal.portgroup (created_at, uuid);

create table baremetal.port (
  uuid                            uuid primary key,
  node_uuid                       uuid not null constraint port_node references baremetal.node on delete cascade,
  portgroup_uuid                  uuid constraint port_portgroup references baremetal.portgroup,
  -- Lower case.
  address                         text not null,
  name                            text,
  description                     text,
  vendor                          text,
  category                        text,
  extra                           jsonb not null default '{}',
  internal_info                   jsonb not null default '{}',
  local_link_connection           jsonb not null default '{}',
  pxe_enabled                     boolean not null default true,
  physical_network                text,
  is_smartnic                     boolean not null default false,
  available_for_dynamic_portgroup boolean not null default true,
  created_at                      timestamptz not null,
  updated_at                      timestamptz
);

create unique index port_address on baremetal.port (address);
create unique index port_name on baremetal.port (node_uuid, name);
create index port_node on baremetal.port (node_uuid, created_at);
create index port_portgroup on baremetal.port (portgroup_uuid) where portgroup_uuid is not null;
create index port_created on baremetal.port (created_at, uuid);

-- What happened to a node, as its owner reads it.
create table baremetal.node_history (
  uuid                   uuid primary key,
  node                   uuid not null references baremetal.node on delete cascade,
  created_at             timestamptz not null,
  conductor              text,
  event_type             text,
  severity               text check (severity in ('ERROR', 'INFO')),
  event                  text,
  "user"                 text,
  project                text,
  state                  text,
  target_provision_state text,
  duration_seconds       int
);

create index node_history_node on baremetal.node_history (node, created_at desc, uuid);

-- A call that is answered by the hardware: a request writes it and waits, the conductor `hardware-call` (key: the node's uuid, so
-- that the calls of one node go one after another, oldest first) carries it out. Rows that are over are kept for an hour.
create table baremetal.hardware_call (
  id         uuid primary key,
  node       uuid not null references baremetal.node on delete cascade,
  -- `boot_device.get`, `boot_device.set`, …; see api/baremetal/hardware.ts for what each takes and gives.
  what       text not null,
  args       jsonb not null default '{}',
  -- Whoever asked; the request's id is in the events.
  request    text,
  project    text,
  -- Nothing may be done for it any more from this moment on, nor when the node has another lease or lessee than these: whoever
  -- asked may have no right any more. To be looked at again right before each write to the hardware.
  expires_at timestamptz not null,
  lease      uuid,
  lessee     text,
  asked_at   timestamptz not null,
  -- Set before the first request goes out: a call that was begun and not ended is not begun again.
  begun_at   timestamptz,
  done_at    timestamptz,
  -- One of both, once it is done: what the hardware said, or {fault, message} as in BmcError.
  result     jsonb,
  error      jsonb
);

create index hardware_call_open on baremetal.hardware_call (node, asked_at, id) where done_at is null;
create index hardware_call_done on baremetal.hardware_call (done_at) where done_at is not null;

-- Processes that conduct, as GET /v1/conductors shows them.
create table baremetal.conductor (
  hostname        text primary key,
  conductor_group text not null default '',
  drivers         text[] not null default '{}',
  started_at      timestamptz not null,
  seen_at         timestamptz not null
);

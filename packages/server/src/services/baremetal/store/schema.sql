-- Made by tools/fresh.ts from the migrations beside it.

create table baremetal.allocation (
  uuid uuid not null,
  name text,
  resource_class text,
  traits text[] default '{}'::text[] not null,
  candidate_nodes uuid[] default '{}'::uuid[] not null,
  owner text,
  extra jsonb default '{}'::jsonb not null,
  state text not null,
  last_error text,
  node_uuid uuid,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint allocation_check CHECK (((state = 'active'::text) = (node_uuid IS NOT NULL))),
  constraint allocation_pkey PRIMARY KEY (uuid),
  constraint allocation_state_check CHECK ((state = ANY (ARRAY['allocating'::text, 'active'::text, 'error'::text])))
);
CREATE INDEX allocation_created ON baremetal.allocation USING btree (created_at, uuid);
CREATE UNIQUE INDEX allocation_name ON baremetal.allocation USING btree (owner, name) NULLS NOT DISTINCT WHERE (name IS NOT NULL);
CREATE UNIQUE INDEX allocation_node ON baremetal.allocation USING btree (node_uuid);

create table baremetal.bios_setting (
  node uuid not null,
  name text not null,
  value text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  registry jsonb default '{}'::jsonb not null,
  constraint bios_setting_pkey PRIMARY KEY (node, name)
);

create table baremetal.bmc_password (
  node uuid not null,
  state text not null,
  secrets text,
  asked_at timestamp with time zone not null,
  "user" text,
  project text,
  began_at timestamp with time zone,
  unsettled_until timestamp with time zone,
  tries integer default 0 not null,
  done_at timestamp with time zone,
  error text,
  leader uuid,
  constraint bmc_password_pkey PRIMARY KEY (node),
  constraint bmc_password_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'setting'::text, 'lost'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX bmc_password_leader ON baremetal.bmc_password USING btree (leader) WHERE (leader IS NOT NULL);

create table baremetal.chassis (
  uuid uuid not null,
  description text,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint chassis_pkey PRIMARY KEY (uuid)
);

create table baremetal.conductor (
  hostname text not null,
  conductor_group text default ''::text not null,
  drivers text[] default '{}'::text[] not null,
  started_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  console_url text,
  constraint conductor_pkey PRIMARY KEY (hostname)
);

create table baremetal.console_session (
  node uuid not null,
  id uuid not null,
  host text not null,
  user_id text,
  project_id text,
  opened_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  constraint console_session_pkey PRIMARY KEY (node)
);

create table baremetal.console_token (
  hash text not null,
  node uuid not null,
  user_id text,
  project_id text,
  lease uuid,
  expires timestamp with time zone not null,
  created_at timestamp with time zone not null,
  lessee text,
  constraint console_token_pkey PRIMARY KEY (hash)
);
CREATE INDEX console_token_node_idx ON baremetal.console_token USING btree (node);

create table baremetal.deploy_template (
  uuid uuid not null,
  name text not null,
  steps jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint deploy_template_pkey PRIMARY KEY (uuid)
);
CREATE UNIQUE INDEX deploy_template_name ON baremetal.deploy_template USING btree (name);

create table baremetal.discovery (
  uuid uuid not null,
  driver text not null,
  trust text not null,
  conductor_group text default ''::text not null,
  secrets text,
  project text,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  constraint discovery_pkey PRIMARY KEY (uuid),
  constraint discovery_trust_check CHECK ((trust = ANY (ARRAY['first'::text, 'known'::text])))
);

create table baremetal.discovery_address (
  discovery uuid not null,
  "position" integer not null,
  host text not null,
  port integer,
  state text default 'waiting'::text not null,
  driver text,
  settings jsonb,
  account integer,
  found jsonb,
  error jsonb,
  node uuid,
  constraint discovery_address_pkey PRIMARY KEY (discovery, "position"),
  constraint discovery_address_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'silent'::text, 'found'::text, 'failed'::text])))
);
CREATE INDEX discovery_waiting ON baremetal.discovery_address USING btree (discovery, "position") WHERE (state = 'waiting'::text);

create table baremetal.discovery_claim (
  key text not null,
  discovery uuid not null,
  node uuid not null,
  constraint discovery_claim_pkey PRIMARY KEY (key)
);
CREATE INDEX discovery_claim_discovery ON baremetal.discovery_claim USING btree (discovery);
CREATE INDEX discovery_claim_node ON baremetal.discovery_claim USING btree (node);

create table baremetal.firmware_component (
  node uuid not null,
  component text not null,
  initial_version text not null,
  current_version text not null,
  last_version_flashed text,
  vendor text,
  model text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint firmware_component_pkey PRIMARY KEY (node, component)
);

create table baremetal.hardware_call (
  id uuid not null,
  node uuid not null,
  what text not null,
  args jsonb default '{}'::jsonb not null,
  request text,
  project text,
  expires_at timestamp with time zone not null,
  lease uuid,
  lessee text,
  asked_at timestamp with time zone not null,
  begun_at timestamp with time zone,
  done_at timestamp with time zone,
  result jsonb,
  error jsonb,
  constraint hardware_call_pkey PRIMARY KEY (id)
);
CREATE INDEX hardware_call_done ON baremetal.hardware_call USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX hardware_call_open ON baremetal.hardware_call USING btree (node, asked_at, id) WHERE (done_at IS NULL);

create table baremetal.inspection_rule (
  uuid uuid not null,
  description text,
  phase text,
  priority integer default 0 not null,
  sensitive boolean default false not null,
  conditions jsonb default '[]'::jsonb not null,
  actions jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint inspection_rule_pkey PRIMARY KEY (uuid)
);

create table baremetal.lease_end (
  lease uuid not null,
  node uuid not null,
  node_name text,
  owner text,
  project text,
  began_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  outcome text not null,
  proof jsonb default '{}'::jsonb not null,
  failures jsonb default '[]'::jsonb not null,
  said jsonb,
  constraint lease_end_outcome_check CHECK ((outcome = ANY (ARRAY['releasing'::text, 'quarantined'::text, 'clean'::text, 'unclean'::text]))),
  constraint lease_end_pkey PRIMARY KEY (lease, node)
);
CREATE INDEX lease_end_node ON baremetal.lease_end USING btree (node, began_at DESC);

create table baremetal.node (
  uuid uuid not null,
  name text,
  description text,
  owner text,
  lessee text,
  lessee_by text,
  lease uuid,
  lease_end timestamp with time zone,
  driver text not null,
  driver_info jsonb default '{}'::jsonb not null,
  driver_secrets text,
  driver_internal_info jsonb default '{}'::jsonb not null,
  bios_interface text,
  boot_interface text,
  console_interface text,
  deploy_interface text,
  firmware_interface text,
  inspect_interface text,
  management_interface text,
  network_interface text,
  power_interface text,
  raid_interface text,
  rescue_interface text,
  storage_interface text,
  vendor_interface text,
  properties jsonb default '{}'::jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  instance_info jsonb default '{}'::jsonb not null,
  instance_uuid uuid,
  instance_name text,
  network_data jsonb default '{}'::jsonb not null,
  chassis_uuid uuid,
  parent_node uuid,
  resource_class text,
  conductor_group text default ''::text not null,
  shard text,
  automated_clean boolean,
  protected boolean default false not null,
  protected_reason text,
  retired boolean default false not null,
  retired_reason text,
  disable_power_off boolean default false not null,
  wanted jsonb default '{}'::jsonb not null,
  intent bigint default 0 not null,
  power_state text,
  target_power_state text,
  power_seen_at timestamp with time zone,
  provision_state text not null,
  target_provision_state text,
  provision_updated_at timestamp with time zone,
  reservation text,
  last_error text,
  fault text,
  maintenance boolean default false not null,
  maintenance_reason text,
  clean_step jsonb,
  deploy_step jsonb,
  service_step jsonb,
  raid_config jsonb default '{}'::jsonb not null,
  target_raid_config jsonb default '{}'::jsonb not null,
  boot_mode text,
  secure_boot boolean,
  health text,
  console_enabled boolean default false not null,
  inspection_started_at timestamp with time zone,
  inspection_finished_at timestamp with time zone,
  clean_proof jsonb,
  clean_at timestamp with time zone,
  release jsonb,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  power_failures integer default 0 not null,
  unsettled_until timestamp with time zone,
  notes jsonb,
  stuck_at timestamp with time zone,
  lent jsonb,
  agent_token text,
  flash jsonb,
  constraint node_check CHECK (((lessee IS NULL) = (lessee_by IS NULL))),
  constraint node_check1 CHECK (((lease IS NULL) OR (lessee_by = 'lease'::text))),
  constraint node_check2 CHECK (((clean_proof IS NULL) = (clean_at IS NULL))),
  constraint node_lessee_by_check CHECK ((lessee_by = ANY (ARRAY['lease'::text, 'deploy'::text, 'hand'::text]))),
  constraint node_pkey PRIMARY KEY (uuid)
) with (fillfactor=80);
CREATE INDEX node_chassis ON baremetal.node USING btree (chassis_uuid) WHERE (chassis_uuid IS NOT NULL);
CREATE INDEX node_class ON baremetal.node USING btree (resource_class);
CREATE INDEX node_created ON baremetal.node USING btree (created_at, uuid);
CREATE UNIQUE INDEX node_instance ON baremetal.node USING btree (instance_uuid);
CREATE INDEX node_lease ON baremetal.node USING btree (lease) WHERE (lease IS NOT NULL);
CREATE INDEX node_lessee ON baremetal.node USING btree (lessee) WHERE (lessee IS NOT NULL);
CREATE UNIQUE INDEX node_name ON baremetal.node USING btree (owner, name) NULLS NOT DISTINCT WHERE (name IS NOT NULL);
CREATE INDEX node_owner ON baremetal.node USING btree (owner);
CREATE INDEX node_parent ON baremetal.node USING btree (parent_node) WHERE (parent_node IS NOT NULL);

create table baremetal.node_history (
  uuid uuid not null,
  node uuid not null,
  created_at timestamp with time zone not null,
  conductor text,
  event_type text,
  severity text,
  event text,
  "user" text,
  project text,
  state text,
  target_provision_state text,
  duration_seconds integer,
  constraint node_history_pkey PRIMARY KEY (uuid),
  constraint node_history_severity_check CHECK ((severity = ANY (ARRAY['ERROR'::text, 'INFO'::text])))
);
CREATE INDEX node_history_node ON baremetal.node_history USING btree (node, created_at DESC, uuid);
CREATE INDEX node_history_stay ON baremetal.node_history USING btree (state, created_at DESC) WHERE (duration_seconds IS NOT NULL);

create table baremetal.node_inventory (
  node uuid not null,
  inventory jsonb not null,
  plugin_data jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  constraint node_inventory_pkey PRIMARY KEY (node)
);

create table baremetal.node_trait (
  node uuid not null,
  trait text not null,
  constraint node_trait_pkey PRIMARY KEY (node, trait)
);

create table baremetal.port (
  uuid uuid not null,
  node_uuid uuid not null,
  portgroup_uuid uuid,
  address text not null,
  name text,
  description text,
  vendor text,
  category text,
  extra jsonb default '{}'::jsonb not null,
  internal_info jsonb default '{}'::jsonb not null,
  local_link_connection jsonb default '{}'::jsonb not null,
  pxe_enabled boolean default true not null,
  physical_network text,
  is_smartnic boolean default false not null,
  available_for_dynamic_portgroup boolean default true not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint port_pkey PRIMARY KEY (uuid)
);
CREATE UNIQUE INDEX port_address ON baremetal.port USING btree (address);
CREATE INDEX port_created ON baremetal.port USING btree (created_at, uuid);
CREATE UNIQUE INDEX port_name ON baremetal.port USING btree (node_uuid, name);
CREATE INDEX port_node ON baremetal.port USING btree (node_uuid, created_at);
CREATE INDEX port_portgroup ON baremetal.port USING btree (portgroup_uuid) WHERE (portgroup_uuid IS NOT NULL);

create table baremetal.portgroup (
  uuid uuid not null,
  node_uuid uuid not null,
  name text,
  address text,
  mode text,
  properties jsonb default '{}'::jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  internal_info jsonb default '{}'::jsonb not null,
  standalone_ports_supported boolean default true not null,
  physical_network text,
  category text,
  dynamic_portgroup boolean default false not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint portgroup_pkey PRIMARY KEY (uuid)
);
CREATE UNIQUE INDEX portgroup_address ON baremetal.portgroup USING btree (address);
CREATE INDEX portgroup_created ON baremetal.portgroup USING btree (created_at, uuid);
CREATE UNIQUE INDEX portgroup_name ON baremetal.portgroup USING btree (node_uuid, name);

create table baremetal.replacement (
  node uuid not null,
  state text not null,
  parts jsonb not null,
  board jsonb,
  asked_at timestamp with time zone not null,
  "user" text,
  project text,
  tries integer default 0 not null,
  why text,
  done_at timestamp with time zone,
  constraint replacement_pkey PRIMARY KEY (node),
  constraint replacement_state_check CHECK ((state = ANY (ARRAY['looking'::text, 'done'::text, 'failed'::text])))
);

create table baremetal.retirement (
  uuid uuid not null,
  node uuid not null,
  name text,
  owner text,
  serial text,
  state text not null,
  reason text,
  as_of timestamp with time zone not null,
  remove boolean default false not null,
  asked_at timestamp with time zone not null,
  "user" text,
  project text,
  why text,
  retired_at timestamp with time zone,
  cleaned_at timestamp with time zone,
  deleted_at timestamp with time zone,
  document jsonb default '{}'::jsonb not null,
  constraint retirement_pkey PRIMARY KEY (uuid),
  constraint retirement_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'cleaning'::text, 'not clean'::text, 'retired'::text, 'deleted'::text])))
);
CREATE INDEX retirement_asked ON baremetal.retirement USING btree (asked_at, uuid);
CREATE INDEX retirement_node ON baremetal.retirement USING btree (node);
CREATE UNIQUE INDEX retirement_open ON baremetal.retirement USING btree (node) WHERE (state <> 'deleted'::text);

create table baremetal.runbook (
  uuid uuid not null,
  name text not null,
  description text,
  steps jsonb not null,
  disable_ramdisk boolean default false not null,
  public boolean default false not null,
  owner text,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint runbook_check CHECK (((NOT public) OR (owner IS NULL))),
  constraint runbook_pkey PRIMARY KEY (uuid)
);
CREATE UNIQUE INDEX runbook_name ON baremetal.runbook USING btree (owner, name) NULLS NOT DISTINCT;

create table baremetal.runbook_trait (
  runbook uuid not null,
  trait text not null,
  constraint runbook_trait_pkey PRIMARY KEY (runbook, trait)
);

create table baremetal.volume_connector (
  uuid uuid not null,
  node_uuid uuid not null,
  type text not null,
  connector_id text not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint volume_connector_pkey PRIMARY KEY (uuid)
);
CREATE INDEX volume_connector_created ON baremetal.volume_connector USING btree (created_at, uuid);
CREATE UNIQUE INDEX volume_connector_id ON baremetal.volume_connector USING btree (connector_id, type);
CREATE INDEX volume_connector_node ON baremetal.volume_connector USING btree (node_uuid);

create table baremetal.volume_target (
  uuid uuid not null,
  node_uuid uuid not null,
  volume_type text not null,
  boot_index integer not null,
  volume_id text not null,
  properties jsonb default '{}'::jsonb not null,
  secrets text,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint volume_target_pkey PRIMARY KEY (uuid)
);
CREATE UNIQUE INDEX volume_target_boot ON baremetal.volume_target USING btree (node_uuid, boot_index);
CREATE INDEX volume_target_created ON baremetal.volume_target USING btree (created_at, uuid);

alter table baremetal.allocation add constraint allocation_node FOREIGN KEY (node_uuid) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.bios_setting add constraint bios_setting_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.bmc_password add constraint bmc_password_leader_fkey FOREIGN KEY (leader) REFERENCES baremetal.node(uuid) ON DELETE SET NULL;
alter table baremetal.bmc_password add constraint bmc_password_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.console_session add constraint console_session_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.console_token add constraint console_token_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.discovery_address add constraint discovery_address_discovery_fkey FOREIGN KEY (discovery) REFERENCES baremetal.discovery(uuid) ON DELETE CASCADE;
alter table baremetal.discovery_claim add constraint discovery_claim_discovery_fkey FOREIGN KEY (discovery) REFERENCES baremetal.discovery(uuid) ON DELETE CASCADE;
alter table baremetal.discovery_claim add constraint discovery_claim_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
alter table baremetal.firmware_component add constraint firmware_component_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.hardware_call add constraint hardware_call_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.node add constraint node_chassis FOREIGN KEY (chassis_uuid) REFERENCES baremetal.chassis(uuid);
alter table baremetal.node add constraint node_parent FOREIGN KEY (parent_node) REFERENCES baremetal.node(uuid);
alter table baremetal.node_history add constraint node_history_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.node_inventory add constraint node_inventory_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.node_trait add constraint node_trait_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.port add constraint port_node FOREIGN KEY (node_uuid) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.port add constraint port_portgroup FOREIGN KEY (portgroup_uuid) REFERENCES baremetal.portgroup(uuid);
alter table baremetal.portgroup add constraint portgroup_node FOREIGN KEY (node_uuid) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.replacement add constraint replacement_node_fkey FOREIGN KEY (node) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.runbook_trait add constraint runbook_trait_runbook_fkey FOREIGN KEY (runbook) REFERENCES baremetal.runbook(uuid) ON DELETE CASCADE;
alter table baremetal.volume_connector add constraint volume_connector_node FOREIGN KEY (node_uuid) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;
alter table baremetal.volume_target add constraint volume_target_node FOREIGN KEY (node_uuid) REFERENCES baremetal.node(uuid) ON DELETE CASCADE;

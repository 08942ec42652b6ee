create table baremetal.volume_connector (
  uuid         uuid primary key,
  node_uuid    uuid not null constraint volume_connector_node references baremetal.node on delete cascade,
  type         text not null,
  connector_id text not null,
  extra        jsonb not null default '{}',
  created_at   timestamptz not null,
  updated_at   timestamptz
);

create unique index volume_connector_id on baremetal.volume_connector (connector_id, type);
create index volume_connector_node on baremetal.volume_connector (node_uuid);
create index volume_connector_created on baremetal.volume_connector (created_at, uuid);

create table baremetal.volume_target (
  uuid        uuid primary key,
  node_uuid   uuid not null constraint volume_target_node references baremetal.node on delete cascade,
  volume_type text not null,
  boot_index  int not null,
  volume_id   text not null,
  -- Without secrets: in their place is '******'.
  properties  jsonb not null default '{}',
  -- The secrets of properties, sealed: a JSON object of JSON pointers and values.
  secrets     text,
  extra       jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz
);

create unique index volume_target_boot on baremetal.volume_target (node_uuid, boot_index);
create index volume_target_created on baremetal.volume_target (created_at, uuid);

-- What was found in a machine, or set in it.
create table baremetal.bios_setting (
  node       uuid not null references baremetal.node on delete cascade,
  name       text not null,
  value      text,
  created_at timestamptz not null,
  updated_at timestamptz,
  primary key (node, name)
);

create table baremetal.firmware_component (
  node                 uuid not null references baremetal.node on delete cascade,
  component            text not null,
  initial_version      text not null,
  current_version      text not null,
  last_version_flashed text,
  vendor               text,
  model                text,
  created_at           timestamptz not null,
  updated_at           timestamptz,
  primary key (node, component)
);

create table baremetal.node_inventory (
  node        uuid primary key references baremetal.node on delete cascade,
  inventory   jsonb not null,
  plugin_data jsonb not null default '{}',
  created_at  timestamptz not null
);

-- What the machine's registry tells of a BIOS setting, in the words of the API.
alter table baremetal.bios_setting add column registry jsonb not null default '{}';

-- What is being written into the machine's firmware: its power is left alone until that has ended.
alter table baremetal.node add column flash jsonb;

-- Who has a machine's serial console: one at a time.
create table baremetal.console_session (
  node       uuid primary key references baremetal.node on delete cascade,
  id         uuid not null,
  host       text not null,
  user_id    text,
  project_id text,
  opened_at  timestamptz not null,
  seen_at    timestamptz not null
);

-- Keys to consoles, by what they hash to.
create table baremetal.console_token (
  hash       text primary key,
  node       uuid not null references baremetal.node on delete cascade,
  user_id    text,
  project_id text,
  lease      uuid,
  expires    timestamptz not null,
  created_at timestamptz not null
);
create index on baremetal.console_token (node);

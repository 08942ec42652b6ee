create table baremetal.allocation (
  uuid            uuid primary key,
  name            text,
  resource_class  text,
  traits          text[] not null default '{}',
  candidate_nodes uuid[] not null default '{}',
  owner           text,
  extra           jsonb not null default '{}',
  state           text not null check (state in ('allocating', 'active', 'error')),
  last_error      text,
  node_uuid       uuid constraint allocation_node references baremetal.node on delete cascade,
  created_at      timestamptz not null,
  updated_at      timestamptz,
  check ((state = 'active') = (node_uuid is not null))
);

-- Names are unique among what a project owns: a name taken by another one must not be told.
create unique index allocation_name on baremetal.allocation (owner, name) nulls not distinct where name is not null;
create unique index allocation_node on baremetal.allocation (node_uuid);
create index allocation_created on baremetal.allocation (created_at, uuid);

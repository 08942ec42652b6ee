-- Nodes that leave the pool, and the last record of each: no reference, it stays when the node is gone.
create table baremetal.retirement (
  uuid       uuid primary key,
  node       uuid not null,
  name       text,
  owner      text,
  serial     text,
  state      text not null check (state in ('planned', 'cleaning', 'not clean', 'retired', 'deleted')),
  reason     text,
  as_of      timestamptz not null,
  -- Whether the node is deleted once it is clean.
  remove     boolean not null default false,
  asked_at   timestamptz not null,
  "user"     text,
  project    text,
  -- What it waits for, or why it is not clean.
  why        text,
  retired_at timestamptz,
  cleaned_at timestamptz,
  deleted_at timestamptz,
  -- What the node was; see store/retirement.ts.
  document   jsonb not null default '{}'
);

create unique index retirement_open on baremetal.retirement (node) where state <> 'deleted';
create index retirement_node on baremetal.retirement (node);
create index retirement_asked on baremetal.retirement (asked_at, uuid);

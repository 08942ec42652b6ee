alter table baremetal.node
  -- Readings of the power state that failed, in a row.
  add column power_failures  int not null default 0,
  -- Until then a command whose fate nobody knows may still act on the machine; what is read before it proves nothing.
  add column unsettled_until timestamptz,
  -- The conductor's notes on what it is in the midst of: {state, …}. They are worth nothing in another state.
  add column notes           jsonb,
  -- Since when it has been longer in its state than such nodes are.
  add column stuck_at        timestamptz,
  -- What the lessee may change, as it was when it got the node: {extra, boot_mode, secure_boot}.
  add column lent            jsonb;

-- How each lease of a node ended, kept for good: what was done, what that proves and what could not be proven.
create table baremetal.lease_end (
  lease     uuid not null,
  node      uuid not null,
  node_name text,
  owner     text,
  project   text,
  began_at  timestamptz not null,
  ended_at  timestamptz,
  outcome   text not null check (outcome in ('releasing', 'quarantined', 'clean', 'unclean')),
  -- Words by what they are about: {power, ports, isolation, disk, boot, media, bmc}.
  proof     jsonb not null default '{}',
  -- What failed on the way: [{at, step, why}].
  failures  jsonb not null default '[]',
  -- Who said that it may go on unclean, and why.
  said      jsonb,
  primary key (lease, node)
);

create index lease_end_node on baremetal.lease_end (node, began_at desc);

-- Stays in a state, newest first, for what is expected of the next one.
create index node_history_stay on baremetal.node_history (state, created_at desc) where duration_seconds is not null;

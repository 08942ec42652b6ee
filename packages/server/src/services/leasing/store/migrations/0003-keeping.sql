-- What leasing itself remembers of a thing whose keeper knows lessees, but neither leases nor what was proven when they ended.
create table leasing.keeping (
  thing      text primary key,
  lease      uuid,
  project    text,
  -- The keeper was told that it is that project's.
  assigned   boolean not null default false,
  -- What the lessee may change, as it was before.
  lent       jsonb,
  -- How far it is with being made ready.
  round      jsonb,
  -- What was proven at the end of the last round, and what the keeper said then by which it is seen whether anything happened since.
  proof      jsonb,
  mark       text,
  -- Whoever works at it has it to themselves until then.
  busy_until timestamptz,
  check (lease is null or project is not null)
);

-- What was proven at the end of a lease.
create table leasing.keeping_end (
  lease    uuid primary key,
  thing    text not null,
  proof    jsonb not null,
  began_at timestamptz not null,
  ended_at timestamptz not null
);
create index keeping_end_thing on leasing.keeping_end (thing, ended_at);

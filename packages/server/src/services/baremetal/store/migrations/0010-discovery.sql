-- Searches for BMCs that nobody has described yet.
create table baremetal.discovery (
  uuid            uuid primary key,
  -- A hardware type, or auto.
  driver          text not null,
  trust           text not null check (trust in ('first', 'known')),
  conductor_group text not null default '',
  -- Accounts to log in with, sealed.
  secrets         text,
  project         text,
  created_at      timestamptz not null,
  -- Set when every address was asked.
  finished_at     timestamptz,
  -- Then the accounts and all that was found are forgotten.
  expires_at      timestamptz not null
);

create table baremetal.discovery_address (
  discovery uuid not null references baremetal.discovery on delete cascade,
  position  int  not null,
  host      text not null,
  port      int,
  state     text not null default 'waiting' check (state in ('waiting', 'silent', 'found', 'failed')),
  -- The hardware type that answered, how it is reached, and which of the accounts it took.
  driver    text,
  settings  jsonb,
  account   int,
  -- What it is, or why it lets nobody in.
  found     jsonb,
  error     jsonb,
  -- The node that it was enrolled as.
  node      uuid,
  primary key (discovery, position)
);

create index discovery_waiting on baremetal.discovery_address (discovery, position) where state = 'waiting';

-- Exclusion constraints over ranges and plain columns need it, whatever schema they are in.
create extension if not exists btree_gist with schema public;

-- What happened, written in the transaction that made it so, and kept as the audit history.
create table kit.event (
  -- The transaction's number, then the event's number in it: so ids ascend in the order in which they may be read.
  id          bigint primary key,
  -- Read only when no older transaction can still add to what was read before.
  xid         xid8 not null,
  at          timestamptz not null,
  service     text not null,
  type        text not null,
  object_type text not null,
  object_id   text not null,
  object_name text,
  projects    text[] not null,
  data        jsonb not null,
  origin      jsonb not null
);

create index event_object on kit.event (object_id, id);
create index event_type on kit.event (type, id);
create index event_projects on kit.event using gin (projects);
create index event_at on kit.event (at);

-- Added to the ids. Grows when the database was restored into a server whose transaction numbers are lower.
create table kit.event_base (
  base bigint not null default 0,
  one  boolean primary key default true check (one)
);
insert into kit.event_base default values;

-- Requests that were carried out, by the key their client gave them.
create table kit.idempotency (
  -- Of caller, route and key.
  digest text primary key,
  -- Of the body.
  hash   text not null,
  object text not null,
  at     timestamptz not null
);

create index idempotency_at on kit.idempotency (at);

-- Work for conductors, and the processes that do it.

-- Unique for ever, also when a row is deleted and made again: it fences late writers.
create sequence kit.claim;

-- One row a thing that is to be looked at. It carries no data: a conductor reads what is to be done.
create table kit.work (
  conductor    text not null,
  key          text not null,
  -- When to look, by the injected clock; infinity: when somebody wakes it.
  due          timestamptz not null,
  -- Counted up by every wake; `done` is what the last run had seen of it. A wake during a run makes it run again.
  want         bigint not null default 1,
  done         bigint not null default 0,
  claimed_by   uuid,
  claim        bigint not null default 0,
  -- By the server's clock.
  claimed_at   timestamptz,
  -- Conductor group; null: not known, whoever comes first finds out.
  "group"      text,
  -- It was due while held, and is looked at again when the hold may be over.
  held         boolean not null default false,
  -- A run ended without a word at that moment; kept until its last command can no longer act.
  lost_at      timestamptz,
  failures     int not null default 0,
  failed_since timestamptz,
  last_error   text,
  last_outcome text,
  last_why     text,
  released_at  timestamptz,
  primary key (conductor, key)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

create index work_due on kit.work (conductor, due) where claimed_by is null and not held;
create index work_claimed on kit.work (claimed_by) where claimed_by is not null;
create index work_held on kit.work (conductor) where held;
create index work_failing on kit.work (failed_since) where failures > 0;
create index work_done on kit.work (released_at) where due = 'infinity' and claimed_by is null;

create sequence kit.conductor_number as int cycle;

-- A process that does work. It lives as long as its session holds the advisory lock `number` and its beat is fresh.
create table kit.conductor (
  id            uuid primary key,
  number        int not null unique,
  beat          timestamptz not null,
  started       timestamptz not null,
  host          text not null,
  pid           int not null,
  backend       int not null,
  backend_start timestamptz not null
);

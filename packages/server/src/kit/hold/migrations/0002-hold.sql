-- What must not touch the world outside of the database, and which database this is.

create table kit.hold (
  scope  text not null check (scope in ('site', 'service', 'thing')),
  -- The service's name, or the thing's id; empty for the site.
  key    text not null check ((scope = 'site') = (key = '')),
  reason text not null,
  by     text not null,
  at     timestamptz not null,
  primary key (scope, key)
);

-- What the database was when it was last known to be good. Where any of it differs it was restored, copied or promoted.
create table kit.site (
  -- New whenever an operator says that the database is good; what was before is kept, so that nobody is alarmed by it again.
  incarnation uuid not null,
  before      uuid[] not null default '{}',
  -- Of the server; null where it may not be read.
  system      text,
  timeline    bigint,
  -- Object ids of the database and of this very table, which a restored dump never keeps.
  database    text not null,
  relation    text not null,
  -- Why it is held since somebody looked; null while it is known to be good.
  found       text,
  at          timestamptz not null,
  one         boolean primary key default true check (one)
);

-- What can be leased, and what is known of it. Only units have calendars; names, class and properties are a read model.
create table leasing.resource (
  id          bigint generated always as identity primary key,
  type        text not null,
  -- Its identifier with whoever has it.
  thing       text not null,
  name        text,
  class       text,
  properties  jsonb not null default '{}',
  owner       text,
  -- Milliseconds from the end of one lease until it is ready for the next; a change touches future bookings only.
  turn_around bigint not null default 0,
  seen_at     timestamptz not null,
  -- It is there no more.
  gone_at     timestamptz,
  unique (type, thing)
);
create index resource_thing on leasing.resource (thing);
create index resource_class on leasing.resource (class);

-- A composite is a list of units; it has no calendar of its own.
create table leasing.composite_part (
  composite uuid not null,
  unit      bigint not null references leasing.resource,
  primary key (composite, unit)
);

-- A booking is a calendar seen from outside, a calendar is a booking seen from inside.
create table leasing.booking (
  -- Parents always have the lower id: the order of ids is the order of locks, top down.
  id            bigint generated always as identity primary key,
  unit          bigint not null references leasing.resource,
  kind          text not null check (kind in ('unit', 'offer', 'lease', 'maintenance')),
  -- The offer, lease or maintenance it belongs to; one of several calendars has one booking for each. Null for the unit's own.
  deal          uuid,
  -- What was agreed.
  during        tstzrange not null,
  -- What it takes: agreed and turn-around. Shrinks on early return and when proven clean; empty: cancelled.
  held          tstzrange not null,
  -- Best effort: gives way to others.
  yields        boolean not null default false,
  -- The calendar it lies in, with a copy of its bounds that the foreign key keeps true.
  within        bigint,
  within_during tstzrange,
  within_held   tstzrange,
  -- The null checks are needed: with one null the foreign key would not be looked at.
  constraint booking_root check (
    (kind = 'unit') = (within is null) and (kind = 'unit') = (deal is null)
    and (within is null) = (within_during is null) and (within is null) = (within_held is null)),
  constraint booking_shape check (
    not isempty(during) and (lower_inf(during) or lower_inc(during)) and not upper_inc(during) and not upper_inc(held)),
  constraint booking_inside check (held <@ within_held and (isempty(held) or during <@ within_during)),
  constraint booking_calendar unique (id, unit, during, held),
  constraint booking_within foreign key (within, unit, within_during, within_held)
    references leasing.booking (id, unit, during, held) on update cascade,
  constraint booking_no_overlap exclude using gist (within with =, held with &&) where (within is not null and not isempty(held))
);
create unique index booking_root_of on leasing.booking (unit) where within is null;
create index booking_deal on leasing.booking (deal);
create index booking_children on leasing.booking (within);
create index booking_offer on leasing.booking (unit) where kind = 'offer';

create table leasing.offer (
  uuid              uuid primary key,
  name              text,
  project_id        text not null,
  lessee_id         text,
  unit              bigint not null references leasing.resource,
  -- Who owned the thing then: when it changes hands, the offer ends.
  thing_owner       text,
  start_time        timestamptz not null,
  end_time          timestamptz not null check (end_time > start_time),
  status            text not null check (status in ('available', 'error', 'expired', 'deleted')),
  properties        jsonb not null default '{}',
  parent_lease_uuid uuid,
  created_at        timestamptz not null,
  updated_at        timestamptz
);
create index offer_unit on leasing.offer (unit);
create index offer_project on leasing.offer (project_id);
create index offer_name on leasing.offer (name) where name is not null;
create index offer_parent on leasing.offer (parent_lease_uuid) where parent_lease_uuid is not null;
create index offer_living on leasing.offer (start_time) where status in ('available', 'error');

create table leasing.lease (
  uuid              uuid primary key,
  name              text,
  project_id        text not null,
  owner_id          text not null,
  purpose           text,
  unit              bigint not null references leasing.resource,
  start_time        timestamptz not null,
  end_time          timestamptz not null check (end_time > start_time),
  fulfill_time      timestamptz,
  expire_time       timestamptz,
  status            text not null check (status in
    ('created', 'active', 'wait fulfill', 'wait expire', 'wait cancel', 'expired', 'deleted', 'error')),
  -- Whoever has the thing said so last; a sublease takes it away for its time.
  holds             boolean not null default false,
  waiting           text,
  end_record        jsonb,
  properties        jsonb not null default '{}',
  offer_uuid        uuid references leasing.offer,
  parent_lease_uuid uuid references leasing.lease,
  created_at        timestamptz not null,
  updated_at        timestamptz
);
alter table leasing.offer add foreign key (parent_lease_uuid) references leasing.lease;
create index lease_unit on leasing.lease (unit);
create index lease_project on leasing.lease (project_id);
create index lease_owner on leasing.lease (owner_id);
create index lease_offer on leasing.lease (offer_uuid) where offer_uuid is not null;
create index lease_parent on leasing.lease (parent_lease_uuid) where parent_lease_uuid is not null;
create index lease_name on leasing.lease (name) where name is not null;
create index lease_living on leasing.lease (project_id) where status not in ('expired', 'deleted');
-- Ended, and the thing not yet known to be ready.
create index lease_unready on leasing.lease (unit) where status in ('expired', 'deleted') and end_record ->> 'is' <> 'released';

create table leasing.maintenance (
  uuid       uuid primary key,
  unit       bigint not null references leasing.resource,
  project_id text not null,
  reason     text,
  start_time timestamptz not null,
  end_time   timestamptz not null check (end_time > start_time),
  status     text not null check (status in ('planned', 'deleted')),
  created_at timestamptz not null
);
create index maintenance_unit on leasing.maintenance (unit);

-- What a project uses is counted under its row's lock: a limit is no constraint.
create table leasing.usage (project_id text primary key);

-- Names of projects, for lists.
create table leasing.project (
  id      text primary key,
  name    text,
  seen_at timestamptz not null
);

-- Keys to consoles: only their hash is kept, and their end is judged when they are used.
create table leasing.console_token (
  hash       text primary key,
  node       text not null,
  user_id    text not null,
  project_id text,
  expires    timestamptz not null,
  created_at timestamptz not null
);
create index console_token_node on leasing.console_token (node);
create index console_token_expires on leasing.console_token (expires);

-- Things of type test_node: they exist when they are asked for, and remember who has them.
create table leasing.test_node (
  id     text primary key,
  lessee text,
  lease  uuid
);

-- Made by tools/fresh.ts from the migrations beside it.

create sequence kit.claim as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807;

create sequence kit.conductor_number as integer start 1 increment 1 minvalue 1 maxvalue 2147483647 cycle;

create table kit.conductor (
  id uuid not null,
  number integer not null,
  beat timestamp with time zone not null,
  started timestamp with time zone not null,
  host text not null,
  pid integer not null,
  backend integer not null,
  backend_start timestamp with time zone not null,
  constraint conductor_number_key UNIQUE (number),
  constraint conductor_pkey PRIMARY KEY (id)
);

create table kit.event (
  id bigint not null,
  xid xid8 not null,
  at timestamp with time zone not null,
  service text not null,
  type text not null,
  object_type text not null,
  object_id text not null,
  object_name text,
  projects text[] not null,
  data jsonb not null,
  origin jsonb not null,
  constraint event_pkey PRIMARY KEY (id)
);
CREATE INDEX event_at ON kit.event USING btree (at);
CREATE INDEX event_object ON kit.event USING btree (object_id, id);
CREATE INDEX event_projects ON kit.event USING gin (projects);
CREATE INDEX event_type ON kit.event USING btree (type, id);

create table kit.event_base (
  base bigint default 0 not null,
  one boolean default true not null,
  constraint event_base_one_check CHECK (one),
  constraint event_base_pkey PRIMARY KEY (one)
);

create table kit.hold (
  scope text not null,
  key text not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null,
  constraint hold_check CHECK (((scope = 'site'::text) = (key = ''::text))),
  constraint hold_pkey PRIMARY KEY (scope, key),
  constraint hold_scope_check CHECK ((scope = ANY (ARRAY['site'::text, 'service'::text, 'thing'::text])))
);

create table kit.idempotency (
  digest text not null,
  hash text not null,
  object text not null,
  at timestamp with time zone not null,
  constraint idempotency_pkey PRIMARY KEY (digest)
);
CREATE INDEX idempotency_at ON kit.idempotency USING btree (at);

create table kit.migration (
  schema text not null,
  name text not null,
  hash text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint migration_pkey PRIMARY KEY (schema, name)
);

create table kit.site (
  incarnation uuid not null,
  before uuid[] default '{}'::uuid[] not null,
  system text,
  timeline bigint,
  database text not null,
  relation text not null,
  found text,
  at timestamp with time zone not null,
  one boolean default true not null,
  constraint site_one_check CHECK (one),
  constraint site_pkey PRIMARY KEY (one)
);

create table kit.work (
  conductor text not null,
  key text not null,
  due timestamp with time zone not null,
  want bigint default 1 not null,
  done bigint default 0 not null,
  claimed_by uuid,
  claim bigint default 0 not null,
  claimed_at timestamp with time zone,
  "group" text,
  held boolean default false not null,
  lost_at timestamp with time zone,
  failures integer default 0 not null,
  failed_since timestamp with time zone,
  last_error text,
  last_outcome text,
  last_why text,
  released_at timestamp with time zone,
  constraint work_pkey PRIMARY KEY (conductor, key)
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=500, fillfactor=70);
CREATE INDEX work_claimed ON kit.work USING btree (claimed_by) WHERE (claimed_by IS NOT NULL);
CREATE INDEX work_done ON kit.work USING btree (released_at) WHERE ((due = 'infinity'::timestamp with time zone) AND (claimed_by IS NULL));
CREATE INDEX work_due ON kit.work USING btree (conductor, due) WHERE ((claimed_by IS NULL) AND (NOT held));
CREATE INDEX work_failing ON kit.work USING btree (failed_since) WHERE (failures > 0);
CREATE INDEX work_held ON kit.work USING btree (conductor) WHERE held;

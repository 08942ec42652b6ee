-- Made by tools/fresh.ts from the migrations beside it.

create table leasing.booking (
  id bigint generated always as identity not null,
  unit bigint not null,
  kind text not null,
  deal uuid,
  during tstzrange not null,
  held tstzrange not null,
  yields boolean default false not null,
  within bigint,
  within_during tstzrange,
  within_held tstzrange,
  constraint booking_calendar UNIQUE (id, unit, during, held),
  constraint booking_inside CHECK (((held <@ within_held) AND (isempty(held) OR (during <@ within_during)))),
  constraint booking_kind_check CHECK ((kind = ANY (ARRAY['unit'::text, 'offer'::text, 'lease'::text, 'maintenance'::text]))),
  constraint booking_no_overlap EXCLUDE USING gist (within WITH =, held WITH &&) WHERE (((within IS NOT NULL) AND (NOT isempty(held)))),
  constraint booking_pkey PRIMARY KEY (id),
  constraint booking_root CHECK ((((kind = 'unit'::text) = (within IS NULL)) AND ((kind = 'unit'::text) = (deal IS NULL)) AND ((within IS NULL) = (within_during IS NULL)) AND ((within IS NULL) = (within_held IS NULL)))),
  constraint booking_shape CHECK (((NOT isempty(during)) AND (lower_inf(during) OR lower_inc(during)) AND (NOT upper_inc(during)) AND (NOT upper_inc(held))))
);
CREATE INDEX booking_children ON leasing.booking USING btree (within);
CREATE INDEX booking_deal ON leasing.booking USING btree (deal);
CREATE INDEX booking_offer ON leasing.booking USING btree (unit) WHERE (kind = 'offer'::text);
CREATE UNIQUE INDEX booking_root_of ON leasing.booking USING btree (unit) WHERE (within IS NULL);

create table leasing.composite_part (
  composite uuid not null,
  unit bigint not null,
  constraint composite_part_pkey PRIMARY KEY (composite, unit)
);

create table leasing.console_token (
  hash text not null,
  node text not null,
  user_id text not null,
  project_id text,
  expires timestamp with time zone not null,
  created_at timestamp with time zone not null,
  lessee text,
  constraint console_token_pkey PRIMARY KEY (hash)
);
CREATE INDEX console_token_expires ON leasing.console_token USING btree (expires);
CREATE INDEX console_token_node ON leasing.console_token USING btree (node);

create table leasing.keeping (
  thing text not null,
  lease uuid,
  project text,
  assigned boolean default false not null,
  lent jsonb,
  round jsonb,
  proof jsonb,
  mark text,
  busy_until timestamp with time zone,
  constraint keeping_check CHECK (((lease IS NULL) OR (project IS NOT NULL))),
  constraint keeping_pkey PRIMARY KEY (thing)
);

create table leasing.keeping_end (
  lease uuid not null,
  thing text not null,
  proof jsonb not null,
  began_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  constraint keeping_end_pkey PRIMARY KEY (lease)
);
CREATE INDEX keeping_end_thing ON leasing.keeping_end USING btree (thing, ended_at);

create table leasing.lease (
  uuid uuid not null,
  name text,
  project_id text not null,
  owner_id text not null,
  purpose text,
  unit bigint not null,
  start_time timestamp with time zone not null,
  end_time timestamp with time zone not null,
  fulfill_time timestamp with time zone,
  expire_time timestamp with time zone,
  status text not null,
  holds boolean default false not null,
  waiting text,
  end_record jsonb,
  properties jsonb default '{}'::jsonb not null,
  offer_uuid uuid,
  parent_lease_uuid uuid,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  told_end timestamp with time zone,
  ended boolean generated always as ((status = ANY (ARRAY['expired'::text, 'deleted'::text]))) stored not null,
  constraint lease_check CHECK ((end_time > start_time)),
  constraint lease_pkey PRIMARY KEY (uuid),
  constraint lease_status_check CHECK ((status = ANY (ARRAY['created'::text, 'active'::text, 'wait fulfill'::text, 'wait expire'::text, 'wait cancel'::text, 'expired'::text, 'deleted'::text, 'error'::text])))
) with (fillfactor=80);
CREATE INDEX lease_living ON leasing.lease USING btree (project_id) WHERE (NOT ended);
CREATE INDEX lease_name ON leasing.lease USING btree (name) WHERE (name IS NOT NULL);
CREATE INDEX lease_offer ON leasing.lease USING btree (offer_uuid) WHERE (offer_uuid IS NOT NULL);
CREATE INDEX lease_owner ON leasing.lease USING btree (owner_id);
CREATE INDEX lease_parent ON leasing.lease USING btree (parent_lease_uuid) WHERE (parent_lease_uuid IS NOT NULL);
CREATE INDEX lease_project ON leasing.lease USING btree (project_id);
CREATE INDEX lease_unit ON leasing.lease USING btree (unit);
CREATE INDEX lease_unready ON leasing.lease USING btree (unit) WHERE (ended AND ((end_record ->> 'is'::text) <> 'released'::text));

create table leasing.maintenance (
  uuid uuid not null,
  unit bigint not null,
  project_id text not null,
  reason text,
  start_time timestamp with time zone not null,
  end_time timestamp with time zone not null,
  status text not null,
  created_at timestamp with time zone not null,
  constraint maintenance_check CHECK ((end_time > start_time)),
  constraint maintenance_pkey PRIMARY KEY (uuid),
  constraint maintenance_status_check CHECK ((status = ANY (ARRAY['planned'::text, 'deleted'::text])))
);
CREATE INDEX maintenance_unit ON leasing.maintenance USING btree (unit);

create table leasing.offer (
  uuid uuid not null,
  name text,
  project_id text not null,
  lessee_id text,
  unit bigint not null,
  thing_owner text,
  start_time timestamp with time zone not null,
  end_time timestamp with time zone not null,
  status text not null,
  properties jsonb default '{}'::jsonb not null,
  parent_lease_uuid uuid,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint offer_check CHECK ((end_time > start_time)),
  constraint offer_pkey PRIMARY KEY (uuid),
  constraint offer_status_check CHECK ((status = ANY (ARRAY['available'::text, 'error'::text, 'expired'::text, 'deleted'::text])))
);
CREATE INDEX offer_living ON leasing.offer USING btree (start_time) WHERE (status = ANY (ARRAY['available'::text, 'error'::text]));
CREATE INDEX offer_name ON leasing.offer USING btree (name) WHERE (name IS NOT NULL);
CREATE INDEX offer_parent ON leasing.offer USING btree (parent_lease_uuid) WHERE (parent_lease_uuid IS NOT NULL);
CREATE INDEX offer_project ON leasing.offer USING btree (project_id);
CREATE INDEX offer_unit ON leasing.offer USING btree (unit);

create table leasing.project (
  id text not null,
  name text,
  seen_at timestamp with time zone not null,
  constraint project_pkey PRIMARY KEY (id)
);

create table leasing.resource (
  id bigint generated always as identity not null,
  type text not null,
  thing text not null,
  name text,
  class text,
  properties jsonb default '{}'::jsonb not null,
  owner text,
  turn_around bigint default 0 not null,
  seen_at timestamp with time zone not null,
  gone_at timestamp with time zone,
  former_owners text[] default '{}'::text[] not null,
  leaves_at timestamp with time zone,
  leaves_asked_at timestamp with time zone,
  constraint resource_pkey PRIMARY KEY (id),
  constraint resource_type_thing_key UNIQUE (type, thing)
);
CREATE INDEX resource_class ON leasing.resource USING btree (class);
CREATE INDEX resource_thing ON leasing.resource USING btree (thing);

create table leasing.test_node (
  id text not null,
  lessee text,
  lease uuid,
  constraint test_node_pkey PRIMARY KEY (id)
);

create table leasing.usage (
  project_id text not null,
  constraint usage_pkey PRIMARY KEY (project_id)
);

alter table leasing.booking add constraint booking_unit_fkey FOREIGN KEY (unit) REFERENCES leasing.resource(id);
alter table leasing.booking add constraint booking_within FOREIGN KEY (within, unit, within_during, within_held) REFERENCES leasing.booking(id, unit, during, held) ON UPDATE CASCADE;
alter table leasing.composite_part add constraint composite_part_unit_fkey FOREIGN KEY (unit) REFERENCES leasing.resource(id);
alter table leasing.lease add constraint lease_offer_uuid_fkey FOREIGN KEY (offer_uuid) REFERENCES leasing.offer(uuid);
alter table leasing.lease add constraint lease_parent_lease_uuid_fkey FOREIGN KEY (parent_lease_uuid) REFERENCES leasing.lease(uuid);
alter table leasing.lease add constraint lease_unit_fkey FOREIGN KEY (unit) REFERENCES leasing.resource(id);
alter table leasing.maintenance add constraint maintenance_unit_fkey FOREIGN KEY (unit) REFERENCES leasing.resource(id);
alter table leasing.offer add constraint offer_parent_lease_uuid_fkey FOREIGN KEY (parent_lease_uuid) REFERENCES leasing.lease(uuid);
alter table leasing.offer add constraint offer_unit_fkey FOREIGN KEY (unit) REFERENCES leasing.resource(id);

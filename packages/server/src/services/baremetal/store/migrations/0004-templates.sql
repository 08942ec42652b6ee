create table baremetal.deploy_template (
  uuid       uuid primary key,
  name       text not null,
  steps      jsonb not null,
  extra      jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz
);

create unique index deploy_template_name on baremetal.deploy_template (name);

create table baremetal.runbook (
  uuid            uuid primary key,
  name            text not null,
  description     text,
  steps           jsonb not null,
  disable_ramdisk boolean not null default false,
  public          boolean not null default false,
  owner           text,
  extra           jsonb not null default '{}',
  created_at      timestamptz not null,
  updated_at      timestamptz,
  -- A public one is nobody's own.
  check (not public or owner is null)
);

-- Names are unique among what a project owns: a name taken by another one must not be told.
create unique index runbook_name on baremetal.runbook (owner, name) nulls not distinct;

create table baremetal.runbook_trait (
  runbook uuid not null references baremetal.runbook on delete cascade,
  trait   text not null,
  primary key (runbook, trait)
);

create table baremetal.inspection_rule (
  uuid        uuid primary key,
  description text,
  phase       text,
  priority    int not null default 0,
  sensitive   boolean not null default false,
  conditions  jsonb not null default '[]',
  actions     jsonb not null,
  created_at  timestamptz not null,
  updated_at  timestamptz
);

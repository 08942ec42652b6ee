-- Programs that may be lent roles, settings of domains, and limits that services ask for.

create table identity.consumer (
  id          text primary key,
  description text,
  sealed      text not null,
  extra       jsonb not null default '{}'
);

create table identity.domain_config (
  id          text primary key,
  domain_id   text not null references identity.project on delete cascade,
  group_name  text not null,
  option_name text not null,
  -- A secret is sealed instead.
  value       jsonb,
  sealed      text,
  constraint domain_config_once unique (domain_id, group_name, option_name),
  constraint domain_config_value check ((value is null) <> (sealed is null))
);

create table identity.registered_limit (
  id            text primary key,
  service_id    text not null references identity.service on delete cascade,
  region_id     text references identity.region,
  resource_name text not null,
  default_limit integer not null check (default_limit >= -1),
  description   text,
  constraint registered_limit_once unique nulls not distinct (service_id, region_id, resource_name)
);

create table identity.limit (
  id                  text primary key,
  registered_limit_id text not null references identity.registered_limit,
  project_id          text references identity.project on delete cascade,
  domain_id           text references identity.project on delete cascade,
  resource_limit      integer not null check (resource_limit >= -1),
  description         text,
  constraint limit_whose check ((project_id is null) <> (domain_id is null)),
  constraint limit_once unique nulls not distinct (project_id, domain_id, registered_limit_id)
);
create index limit_registered on identity.limit (registered_limit_id);
create index limit_domain on identity.limit (domain_id);

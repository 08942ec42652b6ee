-- What is kept about the catalog: policies for endpoints, and which projects see which endpoints.

create table identity.policy (
  id    text primary key,
  type  text not null,
  blob  text not null,
  extra jsonb not null default '{}'
);

-- For one endpoint, for one service, or for one service in one region and below.
create table identity.policy_association (
  policy_id   text not null references identity.policy on delete cascade,
  endpoint_id text references identity.endpoint on delete cascade,
  service_id  text references identity.service on delete cascade,
  region_id   text references identity.region on delete cascade,
  constraint policy_association_place check ((endpoint_id is null) <> (service_id is null) and (region_id is null or service_id is not null)),
  constraint policy_association_once unique nulls not distinct (endpoint_id, service_id, region_id)
);
create index policy_association_policy on identity.policy_association (policy_id);

create table identity.endpoint_group (
  id          text primary key,
  name        text not null,
  description text,
  -- Any of service_id, region_id, interface: what an endpoint of the group has.
  filters     jsonb not null
);

create table identity.project_endpoint (
  project_id  text not null references identity.project on delete cascade,
  endpoint_id text not null references identity.endpoint on delete cascade,
  primary key (project_id, endpoint_id)
);
create index project_endpoint_endpoint on identity.project_endpoint (endpoint_id);

create table identity.project_endpoint_group (
  project_id        text not null references identity.project on delete cascade,
  endpoint_group_id text not null references identity.endpoint_group on delete cascade,
  primary key (project_id, endpoint_group_id)
);
create index project_endpoint_group_group on identity.project_endpoint_group (endpoint_group_id);

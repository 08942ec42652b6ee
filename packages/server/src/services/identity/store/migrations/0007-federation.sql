-- Users that somebody elsewhere knows: who that is, and what is made of what they say.

create table identity.identity_provider (
  id                text primary key,
  domain_id         text not null references identity.project,
  enabled           boolean not null default false,
  description       text,
  remote_ids        text[] not null default '{}',
  -- In minutes.
  authorization_ttl integer check (authorization_ttl >= 0)
);

create table identity.mapping (
  id             text primary key,
  rules          jsonb not null,
  schema_version text not null
);

create table identity.protocol (
  provider_id         text not null references identity.identity_provider on delete cascade,
  id                  text not null,
  mapping_id          text not null references identity.mapping,
  remote_id_attribute text,
  primary key (provider_id, id)
);
create index protocol_mapping on identity.protocol (mapping_id);

create table identity.service_provider (
  id                 text primary key,
  auth_url           text not null,
  sp_url             text not null,
  enabled            boolean not null default false,
  description        text,
  relay_state_prefix text not null
);

-- Their names are their provider's affair: two may have the same one, and it is none to log in with here.
alter table identity.user add column federated boolean not null default false;
alter table identity.user drop constraint user_name;
create unique index user_name on identity.user (domain_id, name) where not federated;
create index user_federated_name on identity.user (domain_id, name) where federated;

create table identity.federated_user (
  user_id     text primary key references identity.user on delete cascade,
  provider_id text not null references identity.identity_provider on delete cascade,
  protocol_id text not null,
  unique_id   text not null,
  constraint federated_user_once unique (provider_id, protocol_id, unique_id)
);

-- Groups that a login gave, for as long as the provider's authorization_ttl says.
create table identity.expiring_membership (
  group_id    text not null references identity.group on delete cascade,
  user_id     text not null references identity.user on delete cascade,
  provider_id text not null references identity.identity_provider on delete cascade,
  expires_at  timestamptz not null,
  primary key (group_id, user_id, provider_id)
);
create index expiring_membership_user on identity.expiring_membership (user_id);

-- Who there is, what they may do where, and by which keys their tokens are sealed.

-- A domain is a project that acts as one: it has no domain and no parent, as in Keystone.
create table identity.project (
  id          text primary key,
  name        text not null,
  domain_id   text references identity.project,
  parent_id   text references identity.project,
  is_domain   boolean not null default false,
  enabled     boolean not null default true,
  description text,
  tags        text[] not null default '{}',
  options     jsonb not null default '{}',
  -- Attributes that nobody knows but their writer.
  extra       jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz,
  constraint project_place check (is_domain = (domain_id is null) and is_domain = (parent_id is null))
);
create unique index project_name on identity.project (domain_id, name) where not is_domain;
create unique index domain_name on identity.project (name) where is_domain;
create index project_parent on identity.project (parent_id);

create table identity.user (
  id                  text primary key,
  name                text not null,
  domain_id           text not null references identity.project,
  enabled             boolean not null default true,
  -- Names a project; that it exists is not promised.
  default_project_id  text,
  -- Argon2id, or what Keystone wrote: bcrypt, scrypt, PBKDF2. Null: no password opens it.
  password_hash       text,
  password_at         timestamptz,
  password_expires_at timestamptz,
  options             jsonb not null default '{}',
  extra               jsonb not null default '{}',
  created_at          timestamptz not null,
  updated_at          timestamptz,
  constraint user_name unique (domain_id, name)
);

create table identity.group (
  id          text primary key,
  name        text not null,
  domain_id   text not null references identity.project,
  description text,
  extra       jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz,
  constraint group_name unique (domain_id, name)
);

create table identity.membership (
  group_id text not null references identity.group on delete cascade,
  user_id  text not null references identity.user on delete cascade,
  primary key (group_id, user_id)
);
create index membership_user on identity.membership (user_id);

create table identity.role (
  id          text primary key,
  name        text not null,
  domain_id   text references identity.project,
  description text,
  options     jsonb not null default '{}',
  extra       jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz,
  constraint role_name unique nulls not distinct (domain_id, name)
);

create table identity.implied_role (
  prior_id   text not null references identity.role on delete cascade,
  implied_id text not null references identity.role on delete cascade,
  primary key (prior_id, implied_id)
);

-- A role of one user or group: in one project, in one domain or in the system. An inherited one counts in the projects below.
create table identity.assignment (
  role_id   text not null references identity.role on delete cascade,
  user_id   text references identity.user on delete cascade,
  group_id  text references identity.group on delete cascade,
  scope     text not null check (scope in ('project', 'domain', 'system')),
  target_id text references identity.project on delete cascade,
  inherited boolean not null default false,
  constraint assignment_actor check (num_nonnulls(user_id, group_id) = 1),
  constraint assignment_target check ((scope = 'system') = (target_id is null)),
  constraint assignment_once unique nulls not distinct (user_id, group_id, scope, target_id, role_id, inherited)
);
create index assignment_group on identity.assignment (group_id) where group_id is not null;
create index assignment_target on identity.assignment (target_id);
create index assignment_role on identity.assignment (role_id);

create table identity.application_credential (
  id           text primary key,
  name         text not null,
  description  text,
  user_id      text not null references identity.user on delete cascade,
  project_id   text not null references identity.project on delete cascade,
  secret_hash  text not null,
  expires_at   timestamptz,
  unrestricted boolean not null default false,
  -- Has access rules, even if that list is empty: then it opens nothing.
  restricted   boolean not null default false,
  created_at   timestamptz not null,
  constraint application_credential_name unique (user_id, name)
);
create index application_credential_project on identity.application_credential (project_id);

create table identity.application_credential_role (
  credential_id text not null references identity.application_credential on delete cascade,
  role_id       text not null references identity.role on delete cascade,
  primary key (credential_id, role_id)
);

create table identity.access_rule (
  id      text primary key,
  user_id text not null references identity.user on delete cascade,
  service text not null,
  path    text not null,
  method  text not null,
  constraint access_rule_once unique (user_id, service, path, method)
);

create table identity.application_credential_rule (
  credential_id text not null references identity.application_credential on delete cascade,
  rule_id       text not null references identity.access_rule,
  primary key (credential_id, rule_id)
);

create table identity.region (
  id               text primary key,
  parent_region_id text references identity.region,
  description      text not null default '',
  extra            jsonb not null default '{}'
);

create table identity.service (
  id          text primary key,
  type        text not null,
  name        text not null default '',
  description text,
  enabled     boolean not null default true,
  extra       jsonb not null default '{}'
);

create table identity.endpoint (
  id         text primary key,
  service_id text not null references identity.service on delete cascade,
  region_id  text references identity.region,
  interface  text not null check (interface in ('admin', 'internal', 'public')),
  url        text not null,
  enabled    boolean not null default true,
  extra      jsonb not null default '{}'
);

-- Tokens that were issued up to `issued_before` and match in every column that is set are no good. Source: Keystone's revocation events.
create table identity.revocation (
  id             bigint generated always as identity primary key,
  audit_id       text,
  audit_chain_id text,
  user_id        text,
  project_id     text,
  domain_id      text,
  role_id        text,
  issued_before  timestamptz not null,
  revoked_at     timestamptz not null
);
create index revocation_audit on identity.revocation (audit_id) where audit_id is not null;
create index revocation_user on identity.revocation (user_id) where user_id is not null;
create index revocation_place on identity.revocation (id) where audit_id is null and user_id is null;
create index revocation_at on identity.revocation (revoked_at);

-- Fernet keys as in Keystone's key folder: 0 is staged, the highest number is primary, the others only open.
create table identity.token_key (
  number  integer primary key check (number >= 0),
  sealed  text not null,
  made_at timestamptz not null
);

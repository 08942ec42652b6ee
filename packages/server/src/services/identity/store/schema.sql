-- Made by tools/fresh.ts from the migrations beside it.

create table identity.access_rule (
  id text not null,
  user_id text not null,
  service text not null,
  path text not null,
  method text not null,
  constraint access_rule_once UNIQUE (user_id, service, path, method),
  constraint access_rule_pkey PRIMARY KEY (id)
);

create table identity.access_token (
  id text not null,
  sealed text not null,
  consumer_id text not null,
  project_id text not null,
  user_id text not null,
  roles text[] not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint access_token_pkey PRIMARY KEY (id)
);
CREATE INDEX access_token_consumer ON identity.access_token USING btree (consumer_id);
CREATE INDEX access_token_project ON identity.access_token USING btree (project_id);
CREATE INDEX access_token_user ON identity.access_token USING btree (user_id);

create table identity.application_credential (
  id text not null,
  name text not null,
  description text,
  user_id text not null,
  project_id text not null,
  secret_hash text not null,
  expires_at timestamp with time zone,
  unrestricted boolean default false not null,
  restricted boolean default false not null,
  created_at timestamp with time zone not null,
  constraint application_credential_name UNIQUE (user_id, name),
  constraint application_credential_pkey PRIMARY KEY (id)
);
CREATE INDEX application_credential_project ON identity.application_credential USING btree (project_id);

create table identity.application_credential_role (
  credential_id text not null,
  role_id text not null,
  constraint application_credential_role_pkey PRIMARY KEY (credential_id, role_id)
);

create table identity.application_credential_rule (
  credential_id text not null,
  rule_id text not null,
  constraint application_credential_rule_pkey PRIMARY KEY (credential_id, rule_id)
);

create table identity.assignment (
  role_id text not null,
  user_id text,
  group_id text,
  scope text not null,
  target_id text,
  inherited boolean default false not null,
  constraint assignment_actor CHECK ((num_nonnulls(user_id, group_id) = 1)),
  constraint assignment_once UNIQUE NULLS NOT DISTINCT (user_id, group_id, scope, target_id, role_id, inherited),
  constraint assignment_scope_check CHECK ((scope = ANY (ARRAY['project'::text, 'domain'::text, 'system'::text]))),
  constraint assignment_target CHECK (((scope = 'system'::text) = (target_id IS NULL)))
);
CREATE INDEX assignment_group ON identity.assignment USING btree (group_id) WHERE (group_id IS NOT NULL);
CREATE INDEX assignment_role ON identity.assignment USING btree (role_id);
CREATE INDEX assignment_target ON identity.assignment USING btree (target_id);

create table identity.consumer (
  id text not null,
  description text,
  sealed text not null,
  extra jsonb default '{}'::jsonb not null,
  constraint consumer_pkey PRIMARY KEY (id)
);

create table identity.credential (
  id text not null,
  user_id text not null,
  project_id text,
  type text not null,
  sealed text not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint credential_pkey PRIMARY KEY (id)
);
CREATE INDEX credential_project ON identity.credential USING btree (project_id);
CREATE INDEX credential_user ON identity.credential USING btree (user_id);

create table identity.domain_config (
  id text not null,
  domain_id text not null,
  group_name text not null,
  option_name text not null,
  value jsonb,
  sealed text,
  constraint domain_config_once UNIQUE (domain_id, group_name, option_name),
  constraint domain_config_pkey PRIMARY KEY (id),
  constraint domain_config_value CHECK (((value IS NULL) <> (sealed IS NULL)))
);

create table identity.ending (
  project_id text not null,
  at timestamp with time zone not null,
  constraint ending_pkey PRIMARY KEY (project_id)
);

create table identity.endpoint (
  id text not null,
  service_id text not null,
  region_id text,
  interface text not null,
  url text not null,
  enabled boolean default true not null,
  extra jsonb default '{}'::jsonb not null,
  constraint endpoint_interface_check CHECK ((interface = ANY (ARRAY['admin'::text, 'internal'::text, 'public'::text]))),
  constraint endpoint_pkey PRIMARY KEY (id)
);

create table identity.endpoint_group (
  id text not null,
  name text not null,
  description text,
  filters jsonb not null,
  constraint endpoint_group_pkey PRIMARY KEY (id)
);

create table identity.expiring_membership (
  group_id text not null,
  user_id text not null,
  provider_id text not null,
  expires_at timestamp with time zone not null,
  constraint expiring_membership_pkey PRIMARY KEY (group_id, user_id, provider_id)
);
CREATE INDEX expiring_membership_user ON identity.expiring_membership USING btree (user_id);

create unlogged table identity.failed_login (
  key text not null,
  n integer not null,
  until timestamp with time zone not null,
  constraint failed_login_pkey PRIMARY KEY (key)
);
CREATE INDEX failed_login_until ON identity.failed_login USING btree (until);

create table identity.federated_user (
  user_id text not null,
  provider_id text not null,
  protocol_id text not null,
  unique_id text not null,
  constraint federated_user_once UNIQUE (provider_id, protocol_id, unique_id),
  constraint federated_user_pkey PRIMARY KEY (user_id, provider_id, protocol_id)
);

create table identity."group" (
  id text not null,
  name text not null,
  domain_id text not null,
  description text,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint group_name UNIQUE (domain_id, name),
  constraint group_pkey PRIMARY KEY (id)
);

create table identity.identity_provider (
  id text not null,
  domain_id text not null,
  enabled boolean default false not null,
  description text,
  remote_ids text[] default '{}'::text[] not null,
  authorization_ttl integer,
  constraint identity_provider_authorization_ttl_check CHECK ((authorization_ttl >= 0)),
  constraint identity_provider_pkey PRIMARY KEY (id)
);

create table identity.implied_role (
  prior_id text not null,
  implied_id text not null,
  constraint implied_role_pkey PRIMARY KEY (prior_id, implied_id)
);

create table identity."limit" (
  id text not null,
  registered_limit_id text not null,
  project_id text,
  domain_id text,
  resource_limit integer not null,
  description text,
  constraint limit_once UNIQUE NULLS NOT DISTINCT (project_id, domain_id, registered_limit_id),
  constraint limit_pkey PRIMARY KEY (id),
  constraint limit_resource_limit_check CHECK ((resource_limit >= '-1'::integer)),
  constraint limit_whose CHECK (((project_id IS NULL) <> (domain_id IS NULL)))
);
CREATE INDEX limit_domain ON identity."limit" USING btree (domain_id);
CREATE INDEX limit_registered ON identity."limit" USING btree (registered_limit_id);

create table identity.mapping (
  id text not null,
  rules jsonb not null,
  schema_version text not null,
  constraint mapping_pkey PRIMARY KEY (id)
);

create table identity.membership (
  group_id text not null,
  user_id text not null,
  constraint membership_pkey PRIMARY KEY (group_id, user_id)
);
CREATE INDEX membership_user ON identity.membership USING btree (user_id);

create table identity.old_password (
  id bigint generated always as identity not null,
  user_id text not null,
  password_hash text not null,
  replaced_at timestamp with time zone not null,
  constraint old_password_pkey PRIMARY KEY (id)
);
CREATE INDEX old_password_user ON identity.old_password USING btree (user_id, id);

create table identity.policy (
  id text not null,
  type text not null,
  blob text not null,
  extra jsonb default '{}'::jsonb not null,
  constraint policy_pkey PRIMARY KEY (id)
);

create table identity.policy_association (
  policy_id text not null,
  endpoint_id text,
  service_id text,
  region_id text,
  constraint policy_association_once UNIQUE NULLS NOT DISTINCT (endpoint_id, service_id, region_id),
  constraint policy_association_place CHECK ((((endpoint_id IS NULL) <> (service_id IS NULL)) AND ((region_id IS NULL) OR (service_id IS NOT NULL))))
);
CREATE INDEX policy_association_policy ON identity.policy_association USING btree (policy_id);

create table identity.project (
  id text not null,
  name text not null,
  domain_id text,
  parent_id text,
  is_domain boolean default false not null,
  enabled boolean default true not null,
  description text,
  tags text[] default '{}'::text[] not null,
  options jsonb default '{}'::jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint project_pkey PRIMARY KEY (id),
  constraint project_place CHECK (((is_domain = (domain_id IS NULL)) AND (is_domain = (parent_id IS NULL))))
);
CREATE UNIQUE INDEX domain_name ON identity.project USING btree (name) WHERE is_domain;
CREATE UNIQUE INDEX project_name ON identity.project USING btree (domain_id, name) WHERE (NOT is_domain);
CREATE INDEX project_parent ON identity.project USING btree (parent_id);

create table identity.project_endpoint (
  project_id text not null,
  endpoint_id text not null,
  constraint project_endpoint_pkey PRIMARY KEY (project_id, endpoint_id)
);
CREATE INDEX project_endpoint_endpoint ON identity.project_endpoint USING btree (endpoint_id);

create table identity.project_endpoint_group (
  project_id text not null,
  endpoint_group_id text not null,
  constraint project_endpoint_group_pkey PRIMARY KEY (project_id, endpoint_group_id)
);
CREATE INDEX project_endpoint_group_group ON identity.project_endpoint_group USING btree (endpoint_group_id);

create table identity.protocol (
  provider_id text not null,
  id text not null,
  mapping_id text not null,
  remote_id_attribute text,
  constraint protocol_pkey PRIMARY KEY (provider_id, id)
);
CREATE INDEX protocol_mapping ON identity.protocol USING btree (mapping_id);

create table identity.region (
  id text not null,
  parent_region_id text,
  description text default ''::text not null,
  extra jsonb default '{}'::jsonb not null,
  constraint region_pkey PRIMARY KEY (id)
);

create table identity.registered_limit (
  id text not null,
  service_id text not null,
  region_id text,
  resource_name text not null,
  default_limit integer not null,
  description text,
  constraint registered_limit_default_limit_check CHECK ((default_limit >= '-1'::integer)),
  constraint registered_limit_once UNIQUE NULLS NOT DISTINCT (service_id, region_id, resource_name),
  constraint registered_limit_pkey PRIMARY KEY (id)
);

create table identity.request_token (
  id text not null,
  sealed text not null,
  consumer_id text not null,
  project_id text not null,
  expires_at timestamp with time zone not null,
  user_id text,
  verifier text,
  roles text[] default '{}'::text[] not null,
  constraint request_token_agreed CHECK (((user_id IS NULL) = (verifier IS NULL))),
  constraint request_token_pkey PRIMARY KEY (id)
);
CREATE INDEX request_token_consumer ON identity.request_token USING btree (consumer_id);
CREATE INDEX request_token_project ON identity.request_token USING btree (project_id);
CREATE INDEX request_token_user ON identity.request_token USING btree (user_id);

create table identity.revocation (
  id bigint generated always as identity not null,
  audit_id text,
  audit_chain_id text,
  user_id text,
  project_id text,
  domain_id text,
  role_id text,
  issued_before timestamp with time zone not null,
  revoked_at timestamp with time zone not null,
  constraint revocation_pkey PRIMARY KEY (id)
);
CREATE INDEX revocation_at ON identity.revocation USING btree (revoked_at);
CREATE INDEX revocation_audit ON identity.revocation USING btree (audit_id) WHERE (audit_id IS NOT NULL);
CREATE INDEX revocation_place ON identity.revocation USING btree (id) WHERE ((audit_id IS NULL) AND (user_id IS NULL));
CREATE INDEX revocation_user ON identity.revocation USING btree (user_id) WHERE (user_id IS NOT NULL);

create table identity.role (
  id text not null,
  name text not null,
  domain_id text,
  description text,
  options jsonb default '{}'::jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  constraint role_name UNIQUE NULLS NOT DISTINCT (domain_id, name),
  constraint role_pkey PRIMARY KEY (id)
);

create table identity.service (
  id text not null,
  type text not null,
  name text default ''::text not null,
  description text,
  enabled boolean default true not null,
  extra jsonb default '{}'::jsonb not null,
  constraint service_pkey PRIMARY KEY (id)
);

create table identity.service_provider (
  id text not null,
  auth_url text not null,
  sp_url text not null,
  enabled boolean default false not null,
  description text,
  relay_state_prefix text not null,
  constraint service_provider_pkey PRIMARY KEY (id)
);

create table identity.token_key (
  number integer not null,
  sealed text not null,
  made_at timestamp with time zone not null,
  constraint token_key_number_check CHECK ((number >= 0)),
  constraint token_key_pkey PRIMARY KEY (number)
);

create table identity.trust (
  id text not null,
  trustor_user_id text not null,
  trustee_user_id text not null,
  origin_user_id text not null,
  project_id text,
  impersonation boolean not null,
  expires_at timestamp with time zone,
  remaining_uses integer,
  redelegation_count integer not null,
  redelegated_trust_id text,
  created_at timestamp with time zone not null,
  constraint trust_pkey PRIMARY KEY (id),
  constraint trust_remaining_uses_check CHECK ((remaining_uses >= 0))
);
CREATE INDEX trust_origin ON identity.trust USING btree (origin_user_id);
CREATE INDEX trust_project ON identity.trust USING btree (project_id);
CREATE INDEX trust_redelegated ON identity.trust USING btree (redelegated_trust_id);
CREATE INDEX trust_trustee ON identity.trust USING btree (trustee_user_id);
CREATE INDEX trust_trustor ON identity.trust USING btree (trustor_user_id);

create table identity.trust_role (
  trust_id text not null,
  role_id text not null,
  constraint trust_role_pkey PRIMARY KEY (trust_id, role_id)
);
CREATE INDEX trust_role_role ON identity.trust_role USING btree (role_id);

create table identity."user" (
  id text not null,
  name text not null,
  domain_id text not null,
  enabled boolean default true not null,
  default_project_id text,
  password_hash text,
  password_at timestamp with time zone,
  password_expires_at timestamp with time zone,
  options jsonb default '{}'::jsonb not null,
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone,
  failed_logins integer default 0 not null,
  failed_at timestamp with time zone,
  active_at timestamp with time zone,
  federated boolean default false not null,
  constraint user_pkey PRIMARY KEY (id)
);
CREATE INDEX user_federated_name ON identity."user" USING btree (domain_id, name) WHERE federated;
CREATE UNIQUE INDEX user_name ON identity."user" USING btree (domain_id, name) WHERE (NOT federated);

alter table identity.access_rule add constraint access_rule_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.access_token add constraint access_token_consumer_id_fkey FOREIGN KEY (consumer_id) REFERENCES identity.consumer(id) ON DELETE CASCADE;
alter table identity.access_token add constraint access_token_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.access_token add constraint access_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.application_credential add constraint application_credential_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.application_credential add constraint application_credential_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.application_credential_role add constraint application_credential_role_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES identity.application_credential(id) ON DELETE CASCADE;
alter table identity.application_credential_role add constraint application_credential_role_role_id_fkey FOREIGN KEY (role_id) REFERENCES identity.role(id) ON DELETE CASCADE;
alter table identity.application_credential_rule add constraint application_credential_rule_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES identity.application_credential(id) ON DELETE CASCADE;
alter table identity.application_credential_rule add constraint application_credential_rule_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES identity.access_rule(id);
alter table identity.assignment add constraint assignment_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity."group"(id) ON DELETE CASCADE;
alter table identity.assignment add constraint assignment_role_id_fkey FOREIGN KEY (role_id) REFERENCES identity.role(id) ON DELETE CASCADE;
alter table identity.assignment add constraint assignment_target_id_fkey FOREIGN KEY (target_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.assignment add constraint assignment_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.credential add constraint credential_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.credential add constraint credential_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.domain_config add constraint domain_config_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.endpoint add constraint endpoint_region_id_fkey FOREIGN KEY (region_id) REFERENCES identity.region(id);
alter table identity.endpoint add constraint endpoint_service_id_fkey FOREIGN KEY (service_id) REFERENCES identity.service(id) ON DELETE CASCADE;
alter table identity.expiring_membership add constraint expiring_membership_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity."group"(id) ON DELETE CASCADE;
alter table identity.expiring_membership add constraint expiring_membership_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES identity.identity_provider(id) ON DELETE CASCADE;
alter table identity.expiring_membership add constraint expiring_membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.federated_user add constraint federated_user_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES identity.identity_provider(id) ON DELETE CASCADE;
alter table identity.federated_user add constraint federated_user_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
alter table identity."group" add constraint group_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id);
alter table identity.identity_provider add constraint identity_provider_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id);
alter table identity.implied_role add constraint implied_role_implied_id_fkey FOREIGN KEY (implied_id) REFERENCES identity.role(id) ON DELETE CASCADE;
alter table identity.implied_role add constraint implied_role_prior_id_fkey FOREIGN KEY (prior_id) REFERENCES identity.role(id) ON DELETE CASCADE;
alter table identity."limit" add constraint limit_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity."limit" add constraint limit_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity."limit" add constraint limit_registered_limit_id_fkey FOREIGN KEY (registered_limit_id) REFERENCES identity.registered_limit(id);
alter table identity.membership add constraint membership_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity."group"(id) ON DELETE CASCADE;
alter table identity.membership add constraint membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.old_password add constraint old_password_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.policy_association add constraint policy_association_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES identity.endpoint(id) ON DELETE CASCADE;
alter table identity.policy_association add constraint policy_association_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES identity.policy(id) ON DELETE CASCADE;
alter table identity.policy_association add constraint policy_association_region_id_fkey FOREIGN KEY (region_id) REFERENCES identity.region(id) ON DELETE CASCADE;
alter table identity.policy_association add constraint policy_association_service_id_fkey FOREIGN KEY (service_id) REFERENCES identity.service(id) ON DELETE CASCADE;
alter table identity.project add constraint project_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id);
alter table identity.project add constraint project_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES identity.project(id);
alter table identity.project_endpoint add constraint project_endpoint_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES identity.endpoint(id) ON DELETE CASCADE;
alter table identity.project_endpoint add constraint project_endpoint_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.project_endpoint_group add constraint project_endpoint_group_endpoint_group_id_fkey FOREIGN KEY (endpoint_group_id) REFERENCES identity.endpoint_group(id) ON DELETE CASCADE;
alter table identity.project_endpoint_group add constraint project_endpoint_group_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.protocol add constraint protocol_mapping_id_fkey FOREIGN KEY (mapping_id) REFERENCES identity.mapping(id);
alter table identity.protocol add constraint protocol_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES identity.identity_provider(id) ON DELETE CASCADE;
alter table identity.region add constraint region_parent_region_id_fkey FOREIGN KEY (parent_region_id) REFERENCES identity.region(id);
alter table identity.registered_limit add constraint registered_limit_region_id_fkey FOREIGN KEY (region_id) REFERENCES identity.region(id);
alter table identity.registered_limit add constraint registered_limit_service_id_fkey FOREIGN KEY (service_id) REFERENCES identity.service(id) ON DELETE CASCADE;
alter table identity.request_token add constraint request_token_consumer_id_fkey FOREIGN KEY (consumer_id) REFERENCES identity.consumer(id) ON DELETE CASCADE;
alter table identity.request_token add constraint request_token_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.request_token add constraint request_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.role add constraint role_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id);
alter table identity.trust add constraint trust_origin_user_id_fkey FOREIGN KEY (origin_user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.trust add constraint trust_project_id_fkey FOREIGN KEY (project_id) REFERENCES identity.project(id) ON DELETE CASCADE;
alter table identity.trust add constraint trust_redelegated_trust_id_fkey FOREIGN KEY (redelegated_trust_id) REFERENCES identity.trust(id) ON DELETE CASCADE;
alter table identity.trust add constraint trust_trustee_user_id_fkey FOREIGN KEY (trustee_user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.trust add constraint trust_trustor_user_id_fkey FOREIGN KEY (trustor_user_id) REFERENCES identity."user"(id) ON DELETE CASCADE;
alter table identity.trust_role add constraint trust_role_role_id_fkey FOREIGN KEY (role_id) REFERENCES identity.role(id) ON DELETE CASCADE;
alter table identity.trust_role add constraint trust_role_trust_id_fkey FOREIGN KEY (trust_id) REFERENCES identity.trust(id) ON DELETE CASCADE;
alter table identity."user" add constraint user_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES identity.project(id);

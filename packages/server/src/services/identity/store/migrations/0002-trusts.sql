-- What users lend to each other: roles in one project.

create table identity.trust (
  id                   text primary key,
  trustor_user_id      text not null references identity.user on delete cascade,
  trustee_user_id      text not null references identity.user on delete cascade,
  -- Whose roles they are in the end: the trustor of the first trust of the chain.
  origin_user_id       text not null references identity.user on delete cascade,
  project_id           text references identity.project on delete cascade,
  impersonation        boolean not null,
  expires_at           timestamptz,
  remaining_uses       integer check (remaining_uses >= 0),
  redelegation_count   integer not null,
  -- What ends a trust ends those that were lent on from it.
  redelegated_trust_id text references identity.trust on delete cascade,
  created_at           timestamptz not null
);
create index trust_trustor on identity.trust (trustor_user_id);
create index trust_trustee on identity.trust (trustee_user_id);
create index trust_origin on identity.trust (origin_user_id);
create index trust_project on identity.trust (project_id);
create index trust_redelegated on identity.trust (redelegated_trust_id);

create table identity.trust_role (
  trust_id text not null references identity.trust on delete cascade,
  role_id  text not null references identity.role on delete cascade,
  primary key (trust_id, role_id)
);
create index trust_role_role on identity.trust_role (role_id);

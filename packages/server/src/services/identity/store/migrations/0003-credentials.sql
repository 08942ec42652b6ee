-- What is kept for users: EC2 keys, certificates and the like.

create table identity.credential (
  -- Of an EC2 credential it is the SHA-256 of its access key.
  id         text primary key,
  user_id    text not null references identity.user on delete cascade,
  project_id text references identity.project on delete cascade,
  type       text not null,
  sealed     text not null,
  extra      jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz
);
create index credential_user on identity.credential (user_id);
create index credential_project on identity.credential (project_id);

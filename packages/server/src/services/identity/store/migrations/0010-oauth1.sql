-- What a program is lent by OAuth 1.0a: a request that a user is to agree to, and what came of it.

create table identity.request_token (
  id          text primary key,
  sealed      text not null,
  consumer_id text not null references identity.consumer on delete cascade,
  project_id  text not null references identity.project on delete cascade,
  expires_at  timestamptz not null,
  -- Once somebody has agreed.
  user_id     text references identity.user on delete cascade,
  verifier    text,
  roles       text[] not null default '{}',
  constraint request_token_agreed check ((user_id is null) = (verifier is null))
);
create index request_token_consumer on identity.request_token (consumer_id);
create index request_token_project on identity.request_token (project_id);
create index request_token_user on identity.request_token (user_id);

create table identity.access_token (
  id          text primary key,
  sealed      text not null,
  consumer_id text not null references identity.consumer on delete cascade,
  project_id  text not null references identity.project on delete cascade,
  user_id     text not null references identity.user on delete cascade,
  roles       text[] not null,
  expires_at  timestamptz not null,
  created_at  timestamptz not null
);
create index access_token_consumer on identity.access_token (consumer_id);
create index access_token_project on identity.access_token (project_id);
create index access_token_user on identity.access_token (user_id);

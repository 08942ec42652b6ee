-- What the rules for passwords need to know: earlier passwords, failed logins, the last one that succeeded.

alter table identity.user
  -- Since the last login that succeeded.
  add column failed_logins integer not null default 0,
  add column failed_at timestamptz,
  -- To the day, and only where somebody asks for it.
  add column active_at timestamptz;

create table identity.old_password (
  id            bigint generated always as identity primary key,
  user_id       text not null references identity.user on delete cascade,
  password_hash text not null,
  replaced_at   timestamptz not null
);
create index old_password_user on identity.old_password (user_id, id);

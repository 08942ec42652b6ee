create table toy.thing (
  id         uuid primary key,
  name       text,
  kind       text not null default 'a',
  size       int,
  note       text,
  due        timestamptz,
  info       jsonb not null default '{}',
  cause      text,
  parts      jsonb,
  code       text,
  secret     text,
  locked     boolean not null default false,
  tag        text,
  late       text,
  state      text not null default 'ready',
  owner      text,
  holder     text,
  gone       boolean not null default false,
  rest       jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz
);
create unique index thing_name on toy.thing (owner, name);

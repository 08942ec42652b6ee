-- Failed logins in the present window, by a hash of the user's name or of the address. Not worth a journal: a crash may forget them.
create unlogged table identity.failed_login (
  key   text primary key,
  n     integer not null,
  until timestamptz not null
);
create index failed_login_until on identity.failed_login (until);

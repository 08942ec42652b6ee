-- Projects whose leases and offers are to end, because they were disabled or deleted. The project may be gone.
create table identity.ending (
  project_id text primary key,
  at         timestamptz not null
);

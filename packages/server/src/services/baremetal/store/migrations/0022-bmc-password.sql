-- The change of the password by which a node's BMC is reached; the last one of each node.
create table baremetal.bmc_password (
  node            uuid primary key references baremetal.node on delete cascade,
  state           text not null check (state in ('asked', 'setting', 'lost', 'done', 'failed')),
  -- Sealed: {"new": …, "old": …, "others": […]}; forgotten when it is over.
  secrets         text,
  asked_at        timestamptz not null,
  "user"          text,
  project         text,
  -- Set before the BMC is told.
  began_at        timestamptz,
  -- Until when a command whose answer was lost may still act.
  unsettled_until timestamptz,
  tries           int not null default 0,
  done_at         timestamptz,
  error           text
);

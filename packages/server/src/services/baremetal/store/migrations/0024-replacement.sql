-- Parts of a node that were replaced; the last time of each node.
create table baremetal.replacement (
  node     uuid primary key references baremetal.node on delete cascade,
  state    text not null check (state in ('looking', 'done', 'failed')),
  -- [{kind, old, new, seen}], see api/baremetal/replace.ts.
  parts    jsonb not null,
  -- What a new board must say it is, as far as it was told; what the old one said.
  board    jsonb,
  asked_at timestamptz not null,
  "user"   text,
  project  text,
  tries    int not null default 0,
  why      text,
  done_at  timestamptz
);

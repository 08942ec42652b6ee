-- By what a machine is known while searches enroll it: its BMC's addresses, its UUID, its network cards. Two searches that find the same
-- one at the same moment make one node of it. A claim goes with its search or its node; from then on the node's own record tells.
create table baremetal.discovery_claim (
  key       text primary key,
  discovery uuid not null references baremetal.discovery on delete cascade,
  -- Claimed before the node is written, in the same transaction.
  node      uuid not null references baremetal.node on delete cascade deferrable initially deferred
);

create index discovery_claim_discovery on baremetal.discovery_claim (discovery);
create index discovery_claim_node on baremetal.discovery_claim (node);

-- One BMC may be that of several nodes: its password is changed once for all of them, by the node that was asked, and every row says how
-- that goes. Where that node is deleted in the midst of it, each of the others has what it needs to find out which password works.
alter table baremetal.bmc_password add column leader uuid references baremetal.node on delete set null;
create index bmc_password_leader on baremetal.bmc_password (leader) where leader is not null;

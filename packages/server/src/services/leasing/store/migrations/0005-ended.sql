-- A lease changes its status several times; that must not touch its nine indexes each time.
alter table leasing.lease add column ended boolean not null generated always as (status in ('expired', 'deleted')) stored;
drop index leasing.lease_living;
create index lease_living on leasing.lease (project_id) where not ended;
drop index leasing.lease_unready;
create index lease_unready on leasing.lease (unit) where ended and end_record ->> 'is' <> 'released';
alter table leasing.lease set (fillfactor = 80);

-- The end that whoever has the thing was told, so that a lease that is made longer or shorter is told of again.
alter table leasing.lease add column told_end timestamptz;

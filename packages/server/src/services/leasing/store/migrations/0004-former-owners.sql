-- Who owned a thing before, until the leases that name them name its owner.
alter table leasing.resource add column former_owners text[] not null default '{}';

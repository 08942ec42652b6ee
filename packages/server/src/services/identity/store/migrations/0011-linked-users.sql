-- A user may be known elsewhere in several ways, also one who is here by a password; who that is may be said beforehand.

alter table identity.federated_user drop constraint federated_user_pkey;
alter table identity.federated_user add primary key (user_id, provider_id, protocol_id);
-- Written together with the user.
alter table identity.federated_user drop constraint federated_user_user_id_fkey;
alter table identity.federated_user add constraint federated_user_user_id_fkey
  foreign key (user_id) references identity.user on delete cascade deferrable initially deferred;

-- Whose the thing was when a key to its console was made: it opens nothing once that has changed.
alter table leasing.console_token add column lessee text;

-- Where a process has the consoles of its machines, as clients reach it.
alter table baremetal.conductor add column console_url text;

-- Whose the node was when a key was made: it opens nothing once that has changed.
alter table baremetal.console_token add column lessee text;

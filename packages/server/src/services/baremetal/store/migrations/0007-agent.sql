alter table baremetal.node
  -- SHA-256 of the token that a ramdisk on the machine has to show, in hexadecimal; null while there is none.
  add column agent_token text;

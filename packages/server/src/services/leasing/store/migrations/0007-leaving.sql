-- From when on a thing is nobody's to lease: then its own calendar ends, and the constraints refuse what reaches beyond. Whoever has the
-- thing asks for it before it is written down there, and it is taken back if it never is.
alter table leasing.resource add column leaves_at timestamptz;
alter table leasing.resource add column leaves_asked_at timestamptz;

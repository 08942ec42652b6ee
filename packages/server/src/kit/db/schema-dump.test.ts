import { expect, test } from 'vitest'
import { useDatabase } from '../testing/database.ts'
import { schemaDump } from './schema-dump.ts'

const connections = useDatabase()

test('a schema of everything', async () => {
  await connections.pool.query(`
    create schema zoo;
    create type zoo.kind as enum ('cat', 'a dog');
    create domain zoo.small as int constraint small_is_small check (value < 10);
    create sequence zoo.count as int cycle;
    create function zoo.twice(n int) returns int language sql immutable as 'select n * 2';
    create table zoo.cage (id bigint generated always as identity primary key, name text not null default 'x', gone int);
    alter table zoo.cage drop column gone;
    create table zoo.animal (
      id uuid constraint animal_key primary key, kind zoo.kind not null, cage bigint, size zoo.small, twice int generated always as (2 * 3) stored,
      "Odd name" text collate "C", during tstzrange not null,
      constraint animal_cage foreign key (cage) references zoo.cage on delete cascade,
      constraint animal_alone exclude using gist (cage with =, during with &&) where (cage is not null)
    ) with (fillfactor = 70);
    create unique index animal_odd on zoo.animal (lower("Odd name")) where kind = 'cat';
    create view zoo.cats as select id from zoo.animal where kind = 'cat';
  `)
  const dump = await schemaDump(connections.pool, 'zoo')
  expect(dump).toMatchInlineSnapshot(`
    "create domain zoo.small as integer constraint small_is_small CHECK ((VALUE < 10));

    create type zoo.kind as enum ('cat', 'a dog');

    create sequence zoo.count as integer start 1 increment 1 minvalue 1 maxvalue 2147483647 cycle;

    CREATE OR REPLACE FUNCTION zoo.twice(n integer)
     RETURNS integer
     LANGUAGE sql
     IMMUTABLE
    AS $function$select n * 2$function$;

    create table zoo.animal (
      id uuid not null,
      kind zoo.kind not null,
      cage bigint,
      size zoo.small,
      twice integer generated always as ((2 * 3)) stored,
      "Odd name" text collate "C",
      during tstzrange not null,
      constraint animal_alone EXCLUDE USING gist (cage WITH =, during WITH &&) WHERE ((cage IS NOT NULL)),
      constraint animal_key PRIMARY KEY (id)
    ) with (fillfactor=70);
    CREATE UNIQUE INDEX animal_odd ON zoo.animal USING btree (lower("Odd name")) WHERE (kind = 'cat'::zoo.kind);

    create table zoo.cage (
      id bigint generated always as identity not null,
      name text default 'x'::text not null,
      constraint cage_pkey PRIMARY KEY (id)
    );

    alter table zoo.animal add constraint animal_cage FOREIGN KEY (cage) REFERENCES zoo.cage(id) ON DELETE CASCADE;

    create view zoo.cats as
     SELECT id
       FROM zoo.animal
      WHERE (kind = 'cat'::zoo.kind);
    "
  `)
  // Once more on a database made from nothing but the dump: what it says is all that there is.
  await connections.pool.query('drop schema zoo cascade; create schema zoo')
  await connections.pool.query(dump)
  expect(await schemaDump(connections.pool, 'zoo')).toBe(dump)
})

test('the kit itself', async () => {
  const dump = await schemaDump(connections.pool, 'kit')
  expect(dump).toContain('create table kit.event (')
  expect(dump).toContain('create table kit.migration (')
  await expect(schemaDump(connections.pool, 'nobody')).resolves.toBe('\n')
})

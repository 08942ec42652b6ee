import { type AnyResource, once, resource, rw } from '@esi/api/define'
import { string, uuid } from '@esi/api/types'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { tableStore } from './table.ts'
import { toyDialect } from './test/toy.ts'
import { OWNER, useToy } from './test/use.ts'

/** A resource that keeps what it does not know, as some APIs promise. */
const loose = resource({
  service: 'toy',
  name: 'thing',
  plural: 'things',
  path: '/v1/things',
  id: 'id',
  relations: { owner: 'owner' },
  tenant: 'owner',
  additional: true,
  policy: { list: 'toy:list', listAll: 'toy:list_all', show: 'toy:get', create: 'toy:create', update: 'toy:update', delete: 'toy:delete' },
  fields: {
    id: once(uuid()),
    name: rw(string(), { required: true }),
    owner: rw(string(), { nullable: true, default: null }),
  },
  columns: { list: ['id', 'name'] },
})

const store = tableStore(
  { name: 'toy.thing', id: 'id', columns: ['id', 'name', 'owner'], extra: 'rest', times: true },
  {
    from: sql`toy.thing t`,
    columns: { id: sql`t.id`, name: sql`t.name`, owner: sql`t.owner` },
    inner: { extra: sql`t.rest` },
    visible: who => sql`t.owner = ${who.project_id ?? ''}`,
  },
)

describe('a resource that takes what it does not know', () => {
  const toy = useToy(toyDialect, { resource: loose as unknown as AnyResource, store, behaviour: {} })

  it('keeps it, shows it in lists too, and tells of it', async () => {
    const given = { name: 'n', colour: 'red', deep: { a: [1] }, constructor: 'x', toString: 1, none: null }
    const made = await toy.made('owner', given)
    expect(made).toMatchObject({ ...given, owner: OWNER })
    expect(toy.items(await toy.call('owner', 'GET', '/v1/things'))).toEqual([made])
    expect((await toy.events())[0]!['data']).toMatchObject({ after: { name: 'n', extra: { colour: 'red', constructor: 'x' } } })
  })
  it('changes a part of it, and leaves the rest', async () => {
    const { id } = await toy.made('owner', { name: 'n', colour: 'red', size: 1 })
    const changed = toy.item(await toy.change('owner', id, { colour: 'blue', hasOwnProperty: true }))
    expect(changed).toMatchObject({ name: 'n', colour: 'blue', size: 1, hasOwnProperty: true })
    expect((await toy.events()).at(-1)!['data']).toMatchObject({ fields: ['extra'] })
  })
  it('does not let it stand in for what it knows', async () => {
    const answer = await toy.create('owner', { colour: 'red' })
    expect([answer.status, answer.body.said]).toEqual([400, expect.stringMatching(/'name' is a required/)])
    await toy.insert([{ owner: OWNER, name: 'real', rest: { name: 'false', id: 'false' } }])
    expect(toy.items(await toy.call('owner', 'GET', '/v1/things'))[0]).toMatchObject({ name: 'real', id: expect.stringMatching(/-/) })
  })
})

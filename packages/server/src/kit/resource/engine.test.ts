import { randomUUID } from 'node:crypto'
import { Refused } from '@esi/api/dialect'
import { FOREVER } from '@esi/api/time'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Behaviour } from './behaviour.ts'
import { thing, toyDialect } from './test/toy.ts'
import { LESSEE, OWNER, type Row, STRANGER, useToy } from './test/use.ts'

const hooks: Behaviour = {}
const toy = useToy(toyDialect, {
  behaviour: {
    compute(rows) {
      for (const row of rows) row['refs'] = [`/${row['id']}`, row['weight']]
    },
    prepare: (draft, context, tx) => hooks.prepare?.(draft, context, tx),
    beforeUpdate: (current, values, context, tx, changes) => hooks.beforeUpdate?.(current, values, context, tx, changes),
    beforeDelete: (current, context, tx) => hooks.beforeDelete?.(current, context, tx),
  },
})
const { call, create, made, change, show, item, items, insert } = toy
beforeEach(() => {
  for (const name of Object.keys(hooks)) delete hooks[name as keyof Behaviour]
})

const list = async (persona: string, query = ''): Promise<Row[]> => {
  const answer = await call(persona, 'GET', `${thing.path}${query}`)
  expect([answer.status, answer.body.said]).toEqual([200, undefined])
  expect(answer.body.count).toBe(items(answer).length)
  return items(answer)
}
const names = async (persona: string, query = '') => (await list(persona, query)).map(row => row['name'])
const refused = async (answering: Promise<{ status: number; body: { said: string } }>, status: number, words: RegExp) => {
  const answer = await answering
  expect([answer.status, answer.body.said]).toEqual([status, expect.stringMatching(words)])
  expect(toy.errors).toEqual([])
}
const version = (v: number) => ({ 'X-Toy-Version': String(v) })

describe('versions', () => {
  it('hide what is newer, wherever it is named', async () => {
    await insert([{ owner: OWNER, name: 'n', late: 'x' }])
    expect((await list('owner'))[0]).toHaveProperty('late', 'x')
    const old = version(4)
    expect(items(await call('owner', 'GET', thing.path, undefined, old))[0]).not.toHaveProperty('late')
    expect(item(await show('owner', 'n', old))).not.toHaveProperty('late')
    await refused(create('owner', { late: 'x' }, old), 406, /"late" needs version 1.5/)
    await refused(change('owner', 'n', { late: 'y' }, [], old), 406, /"late"/)
    await refused(change('owner', 'n', {}, ['late'], old), 406, /"late"/)
    for (const query of ['fields=late', 'sort=late', 'late=x'])
      await refused(call('owner', 'GET', `${thing.path}?${query}`, undefined, old), 406, /"late"/)
    await refused(show('owner', 'n?fields=late', old), 406, /"late"/)
    expect(await toy.events()).toEqual([])
  })
  it('may allow a filter later than the field, and a parameter later than the list', async () => {
    await refused(call('owner', 'GET', `${thing.path}?late=x`, undefined, version(6)), 406, /Filtering by "late" needs version 1.7/)
    expect(await list('owner', '?late=x')).toEqual([])
    await refused(call('owner', 'GET', `${thing.path}?soon=1`, undefined, version(7)), 406, /"soon" needs version 1.8/)
    expect(await list('owner', '?soon=1')).toEqual([])
  })
  it('have their own words for a value', async () => {
    const [row] = await insert([{ owner: OWNER }])
    const state = async (v: number) => [
      item(await show('owner', row!['id'], version(v)))['state'],
      items(await call('owner', 'GET', `${thing.path}?brief`, undefined, version(v)))[0]!['state'],
    ]
    expect(await state(5)).toEqual(['idle', 'idle'])
    expect(await state(6)).toEqual(['ready', 'ready'])
  })
})

describe('a list', () => {
  it('shows the fields that are asked for, those that are always shown, and no others', async () => {
    const [row] = await insert([{ owner: OWNER, name: 'n', size: 4, cause: 'c' }])
    const refs = [`/${row!['id']}`, 8]
    expect(await list('owner', '?fields=name,size,name')).toEqual([{ name: 'n', size: 4, refs }])
    expect(await list('owner', '?brief')).toEqual([{ id: row!['id'], name: 'n', state: 'ready', cause: 'c', refs }])
    expect(Object.keys((await list('owner'))[0]!).sort()).toEqual(Object.keys(thing.fields).sort())
    expect(item(await show('owner', 'n?fields=size'))).toEqual({ size: 4, refs })
    await refused(call('owner', 'GET', `${thing.path}?fields=name,weight`), 400, /"weight" are not valid/)
    await refused(show('owner', 'n?fields=toString'), 400, /"toString" are not valid/)
  })
  it.each<[string, string[]]>([
    ['size=2', ['b']],
    ['size__ne=2', ['a', 'd']],
    ['size__gte=2', ['b', 'd']],
    ['size__gt=2', ['d']],
    ['size__lte=2', ['a', 'b']],
    ['size__lt=2', ['a']],
    ['size__in=1,3', ['a', 'd']],
    ['size__gt=0&size__lt=3', ['a', 'b']],
    ['note__contains=%25', ['c']],
    ['note__contains=X_', ['a']],
    ['note__startswith=x_', ['a']],
    ['note__startswith=x%5C', []],
    ['note__endswith=z', ['a', 'b']],
    ['locked=True', ['d']],
    ['kind=b', ['b']],
    ['due__lt=2027-06-01', ['a']],
    [`due=${FOREVER}`, ['b']],
    ['bigger=1', ['b', 'd']],
  ])('narrowed by %s', async (query, wanted) => {
    await insert([
      { owner: OWNER, name: 'a', size: 1, note: 'x_z', due: '2027-05-01T00:00:00Z' },
      { owner: OWNER, name: 'b', size: 2, note: 'xyz', kind: 'b', due: 'infinity' },
      { owner: OWNER, name: 'c', size: null, note: '100%' },
      { owner: OWNER, name: 'd', size: 3, locked: true },
      { owner: STRANGER, name: 'e', size: 2, note: 'x_z', locked: true, kind: 'b', due: 'infinity' },
    ])
    expect((await names('owner', `?${query}`)).sort()).toEqual(wanted)
  })
  it.each<[string, RegExp]>([
    ['colour=red', /"colour" are not valid/],
    ['constructor=1', /"constructor" are not valid/],
    ['info=%7B%7D', /Unknown argument: "info"/],
    ['size=many', /size: "many" must be/],
    ['size__in=1,x', /size: "x" must be/],
    ['size=99999999999999999999', /size: "99999999999999999999" must be/],
    ['due=tomorrow', /due: "tomorrow" must be a time/],
    ['kind=z', /kind: "z" must be one of/],
    ['bigger=x', /bigger: "x" must be/],
    ['sort=colour', /"colour" are not valid/],
    ['sort=info', /"info" is an invalid field for sorting/],
    ['limit=-1', /Limit must be positive/],
  ])('refuses %s', async (query, words) => {
    await refused(call('owner', 'GET', `${thing.path}?${query}`), 400, words)
  })
  it('puts rows without a value last going up, and first going down', async () => {
    await insert([
      { owner: OWNER, name: 'none' },
      { owner: OWNER, name: 'two', size: 2, note: 'a' },
      { owner: OWNER, name: 'one', size: 1, note: 'a' },
    ])
    expect(await names('owner', '?sort=size')).toEqual(['one', 'two', 'none'])
    expect(await names('owner', '?sort=size:desc')).toEqual(['none', 'two', 'one'])
    expect(await names('owner', '?sort=note:desc,size')).toEqual(['none', 'one', 'two'])
  })
  it('of those who may not list is refused', async () => {
    await refused(call('owner', 'GET', thing.path, undefined, { 'x-auth-token': 'nobody' }), 401, /authentication/)
  })
})

describe('what a caller may not read', () => {
  const rows = [
    { owner: OWNER, name: 'mine', cause: 'm' },
    { owner: STRANGER, holder: OWNER, name: 'held1', cause: 'a' },
    { owner: STRANGER, holder: OWNER, name: 'held2', cause: 'z' },
  ]
  it('cannot be found out by filtering', async () => {
    await insert(rows)
    expect(await names('owner', '?cause=m')).toEqual(['mine'])
    expect(await names('owner', '?cause=a')).toEqual([])
    expect(await names('owner', '?cause__startswith=z')).toEqual([])
    expect(await names('admin', '?cause=a')).toEqual(['held1'])
    expect(await names('stranger', '?cause=a')).toEqual(['held1'])
  })
  it('nor by sorting: it is sorted as if it had no value', async () => {
    await insert(rows)
    expect(await names('owner', '?sort=cause,name')).toEqual(['mine', 'held1', 'held2'])
    expect(await names('owner', '?sort=cause:desc,name')).toEqual(['held1', 'held2', 'mine'])
    expect(await names('admin', '?sort=cause:desc')).toEqual(['held2', 'mine', 'held1'])
    for (const persona of ['owner', 'admin']) {
      const query = `${thing.path}?sort=cause:desc`
      expect((await toy.pages(persona, `${query}&limit=1`)).flat()).toEqual(items(await call(persona, 'GET', query)))
    }
  })
})

describe('a page goes on', () => {
  const four = ['a', 'b', 'c', 'd'].map(note => ({ owner: OWNER, name: note, note }))
  const second = async (query: string) =>
    (await call('owner', 'GET', `${thing.path}?${query}&limit=2`)).body.next.replace(/^.*toy(?=\/v1)/, '')
  it('from where its last row is by now, if that was changed', async () => {
    await insert(four)
    const next = await second('sort=note')
    await change('owner', 'b', { note: 'c2' })
    expect(items(await call('owner', 'GET', next)).map(i => i['name'])).toEqual(['d'])
  })
  it('nowhere, if its last row was deleted: the client is told, and begins again', async () => {
    await insert(four)
    const next = await second('sort=note')
    await call('owner', 'DELETE', `${thing.path}/b`)
    await refused(call('owner', 'GET', next), 404, /no thing/)
  })
  it('past rows that came, went or moved meanwhile, each once', async () => {
    await insert(four)
    const next = await second('sort=note')
    await call('owner', 'DELETE', `${thing.path}/c`)
    await insert([{ owner: OWNER, name: 'bb', note: 'bb' }])
    expect(items(await call('owner', 'GET', next)).map(i => i['name'])).toEqual(['bb', 'd'])
  })
  it('backwards, too', async () => {
    await insert(four)
    const pages = await toy.pages('owner', `${thing.path}?sort=note&limit=3&reverse`)
    expect(pages.map(page => page.map(i => i['name']))).toEqual([['b', 'c', 'd'], ['a']])
  })
})

describe('events', () => {
  it('tell of each change who made it and what differs, and of a secret only that it changed', async () => {
    const { id } = await made('owner', { name: 'one', secret: 'hush', holder: LESSEE })
    await change('owner', id, { note: 'x', secret: 'still', name: 'two' })
    await change('owner', id, { holder: STRANGER })
    await call('owner', 'DELETE', `${thing.path}/${id}`)
    const events = await toy.events()
    expect(events.map(e => [e['type'], e['object_id'], e['object_name']])).toEqual([
      ['toy.thing.created', id, 'one'],
      ['toy.thing.updated', id, 'two'],
      ['toy.thing.updated', id, 'two'],
      ['toy.thing.deleted', id, 'two'],
    ])
    expect(events[0]!['data']).toMatchObject({ after: { name: 'one', owner: OWNER } })
    expect(events[1]!['data']).toEqual({
      fields: ['name', 'note', 'secret'],
      before: { name: 'one', note: null },
      after: { name: 'two', note: 'x' },
    })
    // Whoever had it and whoever has it now.
    expect([...(events[2]!['projects'] as string[])].sort()).toEqual([LESSEE, OWNER, STRANGER].sort())
    expect(events[1]!['origin']).toMatchObject({ request: expect.stringMatching(/^req-/), project: OWNER, address: '127.0.0.1' })
    expect(JSON.stringify(events)).not.toMatch(/hush|still/)
  })
  it('are not told where nothing differs', async () => {
    const { id } = await made('owner', { note: 'x', info: { a: 1 } })
    await change('owner', id, { note: 'x', info: { a: 1 } })
    await change('owner', id, {})
    expect((await toy.events()).map(e => e['type'])).toEqual(['toy.thing.created'])
  })
})

describe('a removed field', () => {
  it('gets its default, or nothing', async () => {
    const { id } = await made('owner', { kind: 'b', note: 'x', info: { a: 1 } })
    expect(item(await change('owner', id, {}, ['kind', 'note', 'info']))).toMatchObject({ kind: 'a', note: null, info: {} })
    await refused(change('owner', id, {}, ['colour']), 400, /"colour" are not valid/)
    await refused(change('owner', id, {}, ['state']), 400, /"state" cannot be changed/)
  })
})

describe('a create with an Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'k1' }
  it('is carried out once, and answered again as it is now', async () => {
    const first = await create('owner', { name: 'one' }, key)
    await change('owner', 'one', { note: 'later' })
    const again = await create('owner', { name: 'one' }, key)
    expect([first.status, again.status]).toEqual([201, 201])
    expect(item(again)).toEqual(item(await show('owner', 'one')))
    expect(again.headers['location']).toBe(first.headers['location'])
    expect((await toy.events()).map(e => e['type'])).toEqual(['toy.thing.created', 'toy.thing.updated'])
  })
  it('is carried out once of many at the same moment', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => create('owner', { name: 'one' }, key)))
    expect(new Set(all.map(a => `${a.status} ${item(a)['id']}`)).size).toBe(1)
    expect(await list('owner')).toHaveLength(1)
  })
  it('is each caller’s own, and each body’s', async () => {
    await create('owner', { name: 'one' }, key)
    await refused(create('owner', { name: 'two' }, key), 409, /Idempotency-Key was used/)
    expect((await create('lessee', { name: 'two' }, key)).status).toBe(201)
    await refused(create('owner', {}, { 'Idempotency-Key': 'x'.repeat(256) }), 400, /1 to 255/)
    expect(await names('admin')).toHaveLength(2)
  })
  it('that was refused may be tried again', async () => {
    hooks.prepare = () => {
      throw new Refused('conflict', 'not now')
    }
    await refused(create('owner', { name: 'one' }, key), 409, /not now/)
    delete hooks.prepare
    expect((await create('owner', { name: 'one' }, key)).status).toBe(201)
  })
  it('says so when what it made is gone', async () => {
    const { id } = item(await create('owner', { name: 'one' }, key))
    await call('owner', 'DELETE', `${thing.path}/${id}`)
    await refused(create('owner', { name: 'one' }, key), 410, new RegExp(`${id}.*gone`))
  })
})

describe('a dry run', () => {
  const dry = (method: string, path: string, body?: unknown) => call('owner', method, `${path}?dry_run=true`, body)
  it('answers as the real thing would, and keeps nothing', async () => {
    const [row] = await insert([{ owner: OWNER, name: 'one', note: 'x' }])
    const created = await dry('POST', thing.path, { name: 'two' })
    expect(created).toMatchObject({ status: 200, body: { thing: { name: 'two', owner: OWNER } } })
    expect(created.body.dry_run).toEqual({ rolled_back: true, status: 201, would_tell: ['toy.thing.created'], not_tried: [] })
    const changed = await dry('PUT', `${thing.path}/one`, { set: { note: 'y' } })
    expect(changed.body).toMatchObject({ thing: { note: 'y' }, dry_run: { would_tell: ['toy.thing.updated'] } })
    expect((await dry('DELETE', `${thing.path}/one`)).body).toEqual({
      dry_run: { rolled_back: true, status: 204, would_tell: ['toy.thing.deleted'], not_tried: [] },
    })
    expect(await toy.stored(row!['id'])).toMatchObject({ note: 'x' })
    expect(await names('owner')).toEqual(['one'])
    expect(await toy.events()).toEqual([])
  })
  it('is refused as the real thing would be', async () => {
    await insert([{ owner: OWNER, name: 'one' }])
    await refused(dry('POST', thing.path, { name: 'one' }), 409, /taken/)
    await refused(call('owner', 'POST', `${thing.path}?dry_run=perhaps`, {}), 400, /true or false/)
  })
  it('of reading is reading', async () => {
    await insert([{ owner: OWNER, name: 'one' }])
    expect((await call('owner', 'GET', `${thing.path}/one?dry_run=true`)).body).toEqual((await show('owner', 'one')).body)
  })
})

describe('two changes at once', () => {
  it('are both made, one after the other, each on the row as the other left it', async () => {
    const { id } = await made('owner', { size: 0 })
    const seen: unknown[] = []
    hooks.beforeUpdate = (current, values) => {
      seen.push(current['size'])
      values['size'] = (current['size'] as number) + 1
    }
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) => change('owner', id, { note: `n${i}` })))
    expect(all.map(a => a.status)).toEqual(Array(6).fill(200))
    expect(seen).toEqual([0, 1, 2, 3, 4, 5])
    expect(await toy.stored(id)).toMatchObject({ size: 6 })
  })
  it('are judged on the locked row: a right that was lost meanwhile counts no more', async () => {
    const [row] = await insert([{ owner: STRANGER, holder: LESSEE, note: 'x' }])
    const held = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    // The owner takes the thing away; while that is being written the holder asks to write.
    hooks.beforeUpdate = async (_current, values) => {
      if (values['holder'] === undefined) return
      begun.resolve()
      await held.promise
    }
    const taking = change('stranger', row!['id'], { holder: null })
    await begun.promise
    const writing = change('lessee', row!['id'], { tag: 'mine' })
    const waits = 'select from pg_stat_activity where wait_event_type = $1 and datname = current_database()'
    while ((await toy.served.connections.pool.query(waits, ['Lock'])).rowCount === 0) await new Promise(setImmediate)
    held.resolve()
    expect((await taking).status).toBe(200)
    await refused(writing, 404, /no thing/)
    expect(await toy.stored(row!['id'])).toMatchObject({ tag: null, holder: null })
  })
  it('a delete and a change: whichever comes second finds what the first left', async () => {
    const { id } = await made('owner', {})
    const [deleted, changed] = await Promise.all([call('owner', 'DELETE', `${thing.path}/${id}`), change('owner', id, { note: 'x' })])
    expect(deleted.status).toBe(204)
    expect([200, 404]).toContain(changed.status)
    expect(toy.errors).toEqual([])
  })
})

describe('a hook that refuses', () => {
  it('undoes everything', async () => {
    const { id } = await made('owner', { note: 'x' })
    const stop = () => {
      throw new Refused('conflict', 'stop')
    }
    Object.assign(hooks, { prepare: stop, beforeUpdate: stop, beforeDelete: stop })
    await refused(create('owner', {}), 409, /stop/)
    await refused(change('owner', id, { note: 'y' }), 409, /stop/)
    await refused(call('owner', 'DELETE', `${thing.path}/${id}`), 409, /stop/)
    expect((await toy.events()).map(e => e['type'])).toEqual(['toy.thing.created'])
    expect(await toy.stored(id)).toMatchObject({ note: 'x' })
  })
})

describe('what is addressed', () => {
  it.each(['a%00b', '%F0%9F%98%80', '..', "' or 1=1 --", 'x'.repeat(500), '%2e%2e%2f', randomUUID().replaceAll('-', '')])(
    '%s is not there',
    async ident => {
      await insert([{ owner: OWNER, name: 'n' }])
      for (const answer of [
        await show('admin', ident),
        await change('admin', ident, { note: 'x' }),
        await call('admin', 'DELETE', `${thing.path}/${ident}`),
      ])
        expect([400, 404]).toContain(answer.status)
      expect(toy.errors).toEqual([])
    },
  )
  it('by a UUID in any spelling is the same', async () => {
    const [row] = await insert([{ owner: OWNER, name: 'n' }])
    for (const id of [String(row!['id']).toUpperCase(), String(row!['id']).replaceAll('-', '')])
      expect(item(await show('owner', id))['name']).toBe('n')
  })
})

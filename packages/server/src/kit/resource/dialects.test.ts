import { randomUUID } from 'node:crypto'
import { dialect as ironic } from '@esi/api/baremetal/dialect'
import { dialect as keystone } from '@esi/api/identity/dialect'
import { dialect as leap } from '@esi/api/leasing/dialect'
import { describe, expect, it } from 'vitest'
import { thing, toyDialect } from './test/toy.ts'
import { LESSEE, OWNER, STRANGER, useToy } from './test/use.ts'

describe.each([
  ['the toy’s own', toyDialect],
  ['JSON Patch and versions', ironic],
  ['envelopes', keystone],
  ['plain objects', leap],
])('a declared resource in the dialect of %s', (_, dialect) => {
  const toy = useToy(dialect)
  const { call, create, made, change, show, item, items, message, status } = toy
  const nothing = randomUUID()

  const refused = (answer: Awaited<ReturnType<typeof call>>, kind: number, words?: RegExp) => {
    expect([answer.status, message(answer)]).toEqual([kind, expect.any(String)])
    if (words) expect(message(answer)).toMatch(words)
    expect(toy.errors).toEqual([])
  }

  describe('create', () => {
    it('fills in defaults, the project and the identifier, and says where it is', async () => {
      const answer = await create('owner', { name: 'one', size: 3, info: { a: [1, null] }, due: '2027-05-01T12:00:00+02:00' })
      expect(answer.status).toBe(dialect.status.created)
      const row = item(answer)
      expect(row).toMatchObject({
        name: 'one',
        kind: 'a',
        size: 3,
        note: null,
        info: { a: [1, null] },
        locked: false,
        owner: OWNER,
        holder: null,
      })
      expect(row['due']).toBe(dialect.time('2027-05-01T10:00:00.000000Z'))
      expect(answer.headers['location']).toBe(`http://localhost:80/toy/v1/things/${row['id']}`)
      expect(item(await show('owner', row['id']))).toEqual(row)
    })
    it('takes the client’s own identifier', async () => {
      expect((await made('owner', { id: nothing.toUpperCase() }))['id']).toBe(nothing)
      refused(await create('owner', { id: nothing }), 409, /already exists/)
    })
    it.each<[string, Record<string, unknown>, RegExp]>([
      ['a field that is unknown', { colour: 'red' }, /colour/],
      ['a name of a prototype', { constructor: 1 }, /constructor/],
      ['a field of the server', { state: 'done' }, /"state" cannot be set/],
      ['a field that is computed', { refs: [] }, /"refs" cannot be set/],
      ['a wrong type', { size: '3' }, /"size" must be/],
      ['a value out of range', { size: 1001 }, /"size" must be/],
      ['null where there is none', { kind: null }, /"kind" must not be null/],
      ['an absurd time', { due: '9999-99-99' }, /"due" must be a time/],
    ])('refuses %s and makes nothing', async (_what, draft, words) => {
      refused(await create('owner', { name: 'x', ...draft }), 400, words)
      expect(items(await call('admin', 'GET', thing.path))).toEqual([])
      expect(await toy.events()).toEqual([])
    })
    it('asks the rule for the project that it is to be of', async () => {
      refused(await create('owner', { owner: LESSEE }), status(dialect.denied('x')))
      refused(await create('auditor', {}), status(dialect.denied('x')))
      expect(await made('admin', { owner: LESSEE })).toMatchObject({ owner: LESSEE })
    })
    it('asks a further rule where a value needs one', async () => {
      refused(await create('owner', { locked: true }), status(dialect.denied('x')))
      expect(await made('owner', { locked: false })).toMatchObject({ locked: false })
      expect(await made('admin', { locked: true, owner: OWNER })).toMatchObject({ locked: true })
    })
    it('says what the database says in words for clients', async () => {
      await made('owner', { name: 'one' })
      refused(await create('owner', { name: 'one' }), 409, /taken/)
    })
    it.each(['[]', '3', 'null', '"x"', '{"thing":3}', '{"thing":[]}'])('refuses the body %s', async body => {
      const answer = await call('owner', 'POST', thing.path, body)
      // An object of one unknown field where there is no envelope.
      refused(answer, 400)
    })
  })

  describe('what is a tenant’s', () => {
    it('is seen by its owner and its holder, and by nobody else', async () => {
      const [mine, held, others] = await toy.insert([
        { owner: OWNER, name: 'mine' },
        { owner: STRANGER, holder: OWNER, name: 'held' },
        { owner: STRANGER, name: 'other' },
      ])
      const names = async (persona: string, query = '') =>
        items(await call(persona, 'GET', thing.path + query))
          .map(i => i['name'])
          .sort()
      expect(await names('owner')).toEqual(['held', 'mine'])
      expect(await names('auditor')).toEqual(['held', 'mine'])
      expect(await names('lessee')).toEqual([])
      expect(await names('admin')).toEqual(['held', 'mine', 'other'])
      expect(await names('owner', '?name=other')).toEqual([])
      expect(await names('owner', `?owner=${STRANGER}`)).toEqual(['held'])

      for (const id of [mine!['id'], 'mine', held!['id'], 'held']) expect((await show('owner', id)).status).toBe(200)
      const gone = await show('owner', nothing)
      refused(gone, 404)
      const foreign = await show('owner', others!['id'])
      const wanted = dialect.foreign(thing, String(others!['id']), thing.policy.show)
      expect([foreign.status, message(foreign)]).toEqual([status(wanted), wanted.message])
      // A name that is only somebody else's is no name at all.
      const named = await show('owner', 'other')
      expect([named.status, message(named)]).toEqual([404, message(await show('owner', 'nowhere'))?.replaceAll('nowhere', 'other')])
      expect((await show('admin', 'other')).status).toBe(200)
    })
    it('cannot be changed or deleted by others', async () => {
      const [row] = await toy.insert([{ owner: OWNER, holder: LESSEE, name: 'n' }])
      const before = await toy.stored(row!['id'])
      for (const answer of [
        await change('stranger', row!['id'], { note: 'x' }),
        await change('stranger', 'n', { note: 'x' }),
        await call('stranger', 'DELETE', `${thing.path}/${row!['id']}`),
        await change('lessee', row!['id'], { note: 'x' }),
        await call('lessee', 'DELETE', `${thing.path}/n`),
        await change('auditor', row!['id'], { note: 'x' }),
        await change('owner', row!['id'], { owner: LESSEE }),
        await change('owner', row!['id'], { locked: true }),
      ]) {
        expect([403, 404]).toContain(answer.status)
        expect(toy.errors).toEqual([])
      }
      expect(await toy.stored(row!['id'])).toEqual(before)
      expect(await toy.events()).toEqual([])
    })
    it('is named by each project in its own way', async () => {
      const [a, b] = await toy.insert([
        { owner: OWNER, name: 'same' },
        { owner: LESSEE, name: 'same' },
      ])
      expect(item(await show('owner', 'same'))['id']).toBe(a!['id'])
      expect(item(await show('lessee', 'same'))['id']).toBe(b!['id'])
      refused(await show('admin', 'same'), 409, /More than one thing is called "same"/)
    })
  })

  describe('change', () => {
    it('sets, nulls and gives back what is the same', async () => {
      const { id } = await made('owner', { name: 'one', note: 'x', size: 1 })
      const answer = await change('owner', 'one', { note: 'y', size: null, info: { k: 1 } })
      expect(answer.status).toBe(200)
      expect(item(answer)).toMatchObject({ id, note: 'y', size: null, info: { k: 1 } })
      expect(item(await show('owner', id))).toEqual(item(answer))
    })
    it('by path: a holder may change what is theirs to change, and nothing with it', async () => {
      const [row] = await toy.insert([{ owner: OWNER, holder: LESSEE, note: 'x' }])
      expect(item(await change('lessee', row!['id'], { tag: 'mine' }))).toMatchObject({ tag: 'mine' })
      refused(await change('lessee', row!['id'], { tag: 'x', note: 'y' }), status(dialect.denied('x')))
      expect(await toy.stored(row!['id'])).toMatchObject({ tag: 'mine', note: 'x' })
    })
    it('by value: who may unlock need not be one who may lock', async () => {
      const [row] = await toy.insert([{ owner: OWNER, locked: true }])
      expect((await change('owner', row!['id'], { locked: false })).status).toBe(200)
      refused(await change('owner', row!['id'], { locked: true }), status(dialect.denied('x')))
    })
    it.each<[string, Record<string, unknown>, RegExp]>([
      ['a field that is unknown', { colour: 'red' }, /colour/],
      ['a name of a prototype', { constructor: 1 }, /constructor/],
      ['the identifier', { id: nothing }, /"id" cannot be changed/],
      ['a wrong type', { size: [] }, /"size" must be/],
      ['null where there is none', { locked: null }, /"locked" must not be null/],
    ])('refuses %s and changes nothing', async (_what, set, words) => {
      const [row] = await toy.insert([{ owner: OWNER, note: 'x' }])
      refused(await change('owner', row!['id'], { note: 'y', ...set }), 400, words)
      expect(await toy.stored(row!['id'])).toMatchObject({ note: 'x', updated_at: null })
    })
    it('of what was deleted meanwhile is answered as of what is not there', async () => {
      const { id } = await made('owner', {})
      expect((await call('owner', 'DELETE', `${thing.path}/${id}`)).status).toBe(dialect.status.deleted)
      refused(await change('owner', id, { note: 'x' }), 404)
      refused(await call('owner', 'DELETE', `${thing.path}/${id}`), 404)
    })
  })

  it('what is gone for clients is gone for all of them', async () => {
    const [row] = await toy.insert([{ owner: OWNER, name: 'late', gone: true }])
    expect(items(await call('admin', 'GET', thing.path))).toEqual([])
    refused(await show('owner', row!['id']), 404)
    refused(await show('owner', 'late'), 404)
  })

  describe('pages', () => {
    it('by their links give each row once, and only what is to be seen', async () => {
      await toy.insert(Array.from({ length: 25 }, (_, i) => ({ owner: i % 3 === 0 ? STRANGER : OWNER, name: `n${i}`, size: i % 4 })))
      const all = items(await call('owner', 'GET', thing.path))
      expect(all).toHaveLength(16)
      const pages = await toy.pages('owner', `${thing.path}?limit=5`)
      expect(pages.map(p => p.length)).toEqual([5, 5, 5, 1])
      expect(pages.flat()).toEqual(all)
      const narrow = await toy.pages('admin', `${thing.path}/detail?limit=3&size=1`)
      expect(narrow.map(p => p.length)).toEqual([3, 3])
      expect(new Set(narrow.flat().map(i => i['size']))).toEqual(new Set([1]))
    })
    it('of exactly one page have no second', async () => {
      await toy.insert(Array.from({ length: 4 }, () => ({ owner: OWNER })))
      expect((await toy.pages('owner', `${thing.path}?limit=4`)).map(p => p.length)).toEqual([4])
    })
    it('do not begin after what is not there or not to be seen', async () => {
      const [other] = await toy.insert([{ owner: STRANGER }, { owner: OWNER }])
      refused(await call('owner', 'GET', `${thing.path}?marker=${nothing}`), 404)
      refused(await call('owner', 'GET', `${thing.path}?marker=no-uuid`), 400)
      const hidden = await call('owner', 'GET', `${thing.path}?marker=${other!['id']}`)
      refused(hidden, 404)
      expect(message(hidden)).toBe(
        message(await call('owner', 'GET', `${thing.path}?marker=${nothing}`))?.replaceAll(nothing, String(other!['id'])),
      )
    })
  })

  it('fields that a caller may not read are absent, replaced, masked or shortened, row by row', async () => {
    const inside = { info: { password: 'p', user: 'u' }, cause: 'burnt', parts: [1], code: 'abcd', secret: 's' }
    await toy.insert([
      { name: 'mine', owner: OWNER, ...inside },
      { name: 'held', owner: STRANGER, holder: OWNER, ...inside },
      { name: 'bare', owner: STRANGER, holder: OWNER },
    ])
    const path = `${thing.path}${thing.detail ? '/detail' : ''}`
    const list = async (persona: string) => Object.fromEntries(items(await call(persona, 'GET', path)).map(i => [i['name'], i]))
    const open = { info: { password: 'p', user: 'u' }, cause: 'burnt', parts: [1], code: 'abcd', secret: '******' }
    const closed = { info: { password: '******', user: 'u' }, cause: '** hidden **', code: 4, secret: '******' }
    const seen = await list('owner')
    expect(seen['mine']).toMatchObject(open)
    expect(seen['held']).toMatchObject(closed)
    expect(seen['held']).not.toHaveProperty('parts')
    expect(seen['bare']).toMatchObject({ info: {}, cause: '** hidden **', code: null, secret: '******' })
    const whole = await list('admin')
    for (const name of ['mine', 'held']) expect(whole[name]).toMatchObject(open)
    // A list shows a row as showing it does.
    for (const persona of ['owner', 'admin'])
      for (const name of ['mine', 'held', 'bare']) expect(item(await show(persona, name))).toEqual((await list(persona))[name])
  })
})

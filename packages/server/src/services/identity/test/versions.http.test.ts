import { relations } from '@esi/api/identity/json-home'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const get = (path: string, accept?: string) => site.request(undefined, 'GET', path, undefined, accept ? { accept } : {})

it('tells its version to whoever asks first, whatever they accept', async () => {
  const versions = await get('/')
  expect([versions.status, versions.body.versions.values[0].id]).toEqual([300, 'v3.14'])
  expect((await get('/v3', 'application/json')).body.version.links[0].href).toBe('http://localhost:80/identity/v3/')
})

it('tells where things are to whoever asks for that, and leaves out what is not there', async () => {
  const home = await get('/v3', 'application/json-home')
  expect(home.status).toBe(200)
  expect(home.headers['content-type']).toBe('application/json-home')
  const rel = 'https://docs.openstack.org/api/openstack-identity/3'
  expect(home.body.resources[`${rel}/rel/users`]).toEqual({ href: '/users' })
  expect((await get('/', 'application/json-home')).body.resources[`${rel}/rel/users`]).toEqual({ href: '/v3/users' })
  const there = Object.keys(home.body.resources)
  const without = relations.filter(
    ([extension, name]) => !there.includes(`${rel}/${extension === '' ? '' : `ext/${extension}/1.0/`}rel/${name}`),
  )
  // Of OAuth 1 there are the consumers.
  expect(without.map(([extension]) => extension)).toEqual(without.map(() => 'OS-OAUTH1'))
})

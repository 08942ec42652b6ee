import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authenticator } from '../kit/auth/caller.ts'
import type { Projects } from '../services/leasing/needs.ts'
import { identityContract } from './contracts/identity.ts'
import { type Site as ProjectsSite, projectsContract } from './contracts/projects.ts'
import { everyoneIdentity } from './everyone-identity.ts'
import { everyoneKeystone } from './everyone-keystone.ts'
import { leasingKeystone } from './leasing-keystone.ts'
import { CATALOG, type IdentitySite, identitySite } from './test/identity-site.ts'

let site: IdentitySite
let url: string
beforeAll(async () => {
  site = await identitySite()
  url = `${await site.served.app.listen({ host: '127.0.0.1', port: 0 })}/identity`
}, 60_000)
afterAll(async () => site?.served.close())

const settings = (more: object = {}) => ({ url, ...site.service, cacheAge: '100ms', ...more })
const remote = (more?: object) =>
  everyoneKeystone.make(undefined, site.served.kit, { ...settings(more), catalog: CATALOG }) as Authenticator

describe('callers of the identity service in this process', () => {
  identityContract(() => ({
    ...site.people,
    authenticator: everyoneIdentity.make(site.served.door, site.served.kit, undefined) as Authenticator,
  }))
})

describe('callers of an identity service elsewhere', () => {
  let authenticator: Authenticator
  beforeAll(() => {
    authenticator = remote()
  })
  identityContract(() => ({ ...site.people, authenticator }))

  /** Requests that the other side saw while something is done. */
  const seen = async (what: () => Promise<unknown>): Promise<number> => {
    let n = 0
    const count = () => void n++
    site.served.app.server.on('request', count)
    await what()
    site.served.app.server.off('request', count)
    return n
  }

  it('are asked about once, also by many at a time, and anew after a while', async () => {
    const mine = remote({ cacheAge: '1h' })
    const { token, end } = await site.people.issue()
    // One is our own login.
    const many = () => Promise.all(Array.from({ length: 50 }, () => mine.authenticate(token)))
    expect(await seen(many)).toBeLessThanOrEqual(2)
    expect(await seen(many)).toBe(0)
    // Rubbish is remembered as well.
    await mine.authenticate('rubbish')
    expect(await seen(() => mine.authenticate('rubbish'))).toBe(0)
    await end()
    const quick = remote({ cacheAge: '0s' })
    expect(await seen(() => quick.authenticate(token))).toBeGreaterThan(0)
    expect(await quick.authenticate(token)).toBeUndefined()
  })

  it('are nobody from the moment on at which their token ends, whatever is remembered', async () => {
    const mine = remote({ cacheAge: '100d' })
    const { token } = await site.people.issue()
    expect(await mine.authenticate(token)).toBeDefined()
    await site.clock.advance(3_600_000)
    expect(await seen(() => mine.authenticate(token))).toBe(0)
    expect(await mine.authenticate(token)).toBeUndefined()
    // Our own token ended too, and is renewed.
    const { token: next } = await site.people.issue()
    expect(await mine.authenticate(next)).toBeDefined()
  })

  it('are looked for again with another token of our own when that is refused', async () => {
    const mine = remote({ cacheAge: '0s' })
    const { token } = await site.people.issue()
    expect(await mine.authenticate(token)).toBeDefined()
    const helper = (await site.ask('GET', '/v3/users?name=helper')).body.users[0].id
    for (const enabled of [false, true]) await site.ask('PATCH', `/v3/users/${helper}`, { user: { enabled } })
    expect(await mine.authenticate(token)).toBeDefined()
  })

  it('are not anybody, and not nobody, while it does not answer or does not know us', async () => {
    const { token } = await site.people.issue()
    await expect(remote({ url: 'http://127.0.0.1:9/identity' }).authenticate(token)).rejects.toMatchObject({ kind: 'unavailable' })
    await expect(remote({ password: 'wrong' }).authenticate(token)).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 30 })
  })

  it('need settings that are whole', () => {
    expect(() => everyoneKeystone.make(undefined, site.served.kit, {})).toThrow(/keystone\.url/)
  })
})

describe('projects of an identity service elsewhere', () => {
  let projects: ProjectsSite
  beforeAll(async () => {
    const make = async (name: string, parent?: string) => {
      const made = await site.ask('POST', '/v3/projects', {
        project: { name, domain_id: 'default', ...(parent ? { parent_id: parent } : {}) },
      })
      return { id: made.body.project.id as string, name }
    }
    const top = await make('top')
    projects = {
      projects: leasingKeystone.make(undefined, site.served.kit, settings()) as Projects,
      top,
      below: await make('below', top.id),
      other: await make('other'),
    }
  })
  projectsContract(() => projects)

  it('are not found by what is no name of one, nor by one that two have', async () => {
    const there = projects.projects
    for (const none of ['', '../users', 'a/b?c', 'default', 'x'.repeat(300)]) expect(await there.find(none)).toBeUndefined()
    for (const none of ['', '../users', 'default', 'nothing']) expect(await there.lineage(none)).toEqual([])
    const domain = (await site.ask('POST', '/v3/domains', { domain: { name: 'second' } })).body.domain.id
    await site.ask('POST', '/v3/projects', { project: { name: 'other', domain_id: domain } })
    expect(await there.find('other')).toBeUndefined()
  })
})

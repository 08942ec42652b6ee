import { afterAll, beforeAll, describe } from 'vitest'
import type { Authenticator } from '../../../packages/server/src/kit/auth/caller.ts'
import { systemClock } from '../../../packages/server/src/kit/clock/clock.ts'
import type { Kit } from '../../../packages/server/src/kit/service.ts'
import { silent } from '../../../packages/server/src/kit/testing/silent-log.ts'
import { identityContract, type Site as People } from '../../../packages/server/src/seams/contracts/identity.ts'
import { type Site as Projects, projectsContract } from '../../../packages/server/src/seams/contracts/projects.ts'
import { everyoneKeystone } from '../../../packages/server/src/seams/everyone-keystone.ts'
import { leasingKeystone } from '../../../packages/server/src/seams/leasing-keystone.ts'
import { keystoneAs } from '../../harness/login.ts'
import { type Original, startOriginal } from '../original.ts'

let original: Original
let people: People
let projects: Projects

const kit = { clock: systemClock(), log: silent } as Kit
const PASSWORD = 'a good password'

const login = async (auth: object): Promise<string> => {
  const reply = await fetch(`${original.keystone}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  })
  const token = reply.headers.get('x-subject-token')
  if (token === null) throw new Error(`no token: ${reply.status} ${await reply.text()}`)
  await reply.text()
  return token
}

beforeAll(async () => {
  original = await startOriginal({ ironic: false })
  const { ask } = await keystoneAs(original.keystone, { name: 'admin', password: original.adminPassword }, 'system')
  const project = async (name: string, parent?: string): Promise<{ id: string; name: string }> => {
    const made = await ask('POST', '/v3/projects', { project: { name, domain_id: 'default', ...(parent ? { parent_id: parent } : {}) } })
    return { id: made.project.id, name }
  }
  const work = await project('work')
  const { user } = await ask('POST', '/v3/users', { user: { name: 'worker', domain_id: 'default', password: PASSWORD } })
  const roles: { id: string; name: string }[] = (await ask('GET', '/v3/roles')).roles
  const role = (name: string): string => roles.find(r => r.name === name)!.id
  await ask('PUT', `/v3/projects/${work.id}/users/${user.id}/roles/${role('member')}`)
  await ask('PUT', `/v3/domains/default/users/${user.id}/roles/${role('member')}`)
  await ask('PUT', `/v3/system/users/${user.id}/roles/${role('reader')}`)
  const identity = { methods: ['password'], password: { user: { name: 'worker', domain: { id: 'default' }, password: PASSWORD } } }
  const as = (scope: unknown) => login({ identity, scope })
  const inProject = { project: { id: work.id } }
  const mine = await as(inProject)
  const own = (token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${original.keystone}${path}`, {
      method,
      headers: { 'x-auth-token': token, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const made = await own(mine, 'POST', `/v3/users/${user.id}/application_credentials`, {
    application_credential: { name: 'lister', access_rules: [{ service: 'baremetal', method: 'GET', path: '/v1/nodes' }] },
  })
  const { id, secret } = ((await made.json()) as any).application_credential
  people = {
    user: { id: user.id, name: 'worker' },
    project: work,
    tokens: {
      project: mine,
      system: await as({ system: { all: true } }),
      domain: await as({ domain: { id: 'default' } }),
      unscoped: await as('unscoped'),
    },
    restricted: await login({ identity: { methods: ['application_credential'], application_credential: { id, secret } } }),
    async issue() {
      const token = await as(inProject)
      return { token, end: async () => void (await own(token, 'DELETE', '/v3/auth/tokens', undefined, { 'x-subject-token': token })) }
    },
    authenticator: everyoneKeystone.make(undefined, kit, {
      ...settings(),
      project: 'service',
      cacheAge: '100ms',
      catalog: [
        { type: 'identity', path: '/identity' },
        { type: 'baremetal', path: '/baremetal' },
      ],
    }) as Authenticator,
  }
  const top = await project('top')
  projects = {
    projects: leasingKeystone.make(undefined, kit, settings()) as Projects['projects'],
    top,
    below: await project('below', top.id),
    other: await project('other'),
  }
})
afterAll(() => original?.stop())

const settings = () => ({ url: original.keystone, username: 'ironic', password: original.servicePassword })

describe("callers of Debian's Keystone", () => {
  identityContract(() => people)
})

describe("projects of Debian's Keystone", () => {
  projectsContract(() => projects)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../packages/server/src/kit/clock/clock.ts'
import { type Served, serve } from '../../../packages/server/src/kit/testing/serve.ts'
import { type Site, thingsContract } from '../../../packages/server/src/seams/contracts/things.ts'
import { leasingIronic } from '../../../packages/server/src/seams/leasing-ironic.ts'
import { leasing } from '../../../packages/server/src/services/leasing/index.ts'
import type { Things } from '../../../packages/server/src/services/leasing/needs.ts'
import { keystoneAs, type LoggedIn } from '../../harness/login.ts'
import { type Original, startOriginal } from '../original.ts'

const VERSION = { 'x-openstack-ironic-api-version': '1.82' }
const [OWNER, LESSEE, STRANGER] = ['owner', 'lessee', 'stranger'].map(name => Buffer.from(name.padEnd(16, '.')).toString('hex')) as [
  string,
  string,
  string,
]

let original: Original
let here: Served<unknown>
let admin: LoggedIn
let site: Omit<Site, 'things'>

const remote = (more: object = {}): Things => {
  const settings = { authUrl: original.keystone, username: 'ironic', password: original.servicePassword, ...more }
  return leasingIronic.make(undefined, { ...here.kit, clock: systemClock() }, settings) as Things
}

beforeAll(async () => {
  original = await startOriginal({ ironic: true })
  here = await serve({ def: leasing })
  admin = await keystoneAs(original.keystone, { name: 'admin', password: original.adminPassword }, 'system')
  const ask: Site['ask'] = async (method, path, body) => {
    // Its nodes are locked now and then by what it does on its own.
    for (let left = 20; ; left--) {
      const reply = await fetch(`${original.ironic}${path}`, {
        method,
        headers: { 'x-auth-token': admin.token, 'content-type': 'application/json', ...VERSION },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await reply.text()
      if (reply.status === 409 && /locked/.test(text) && left > 0) await sleep(200)
      else
        return { status: reply.status, body: /json/.test(reply.headers.get('content-type') ?? '') && text ? JSON.parse(text) : undefined }
    }
  }
  let count = 0
  site = {
    owner: OWNER,
    lessee: LESSEE,
    stranger: STRANGER,
    ask,
    settle: () => sleep(250),
    async node() {
      const made = await ask('POST', '/v1/nodes', {
        driver: 'fake-hardware',
        name: `n-${++count}`,
        owner: OWNER,
        properties: { erase: 'none' },
      })
      const id: string = made.body.uuid
      const until = async (is: (node: any) => boolean) => {
        for (let i = 0; !is((await ask('GET', `/v1/nodes/${id}`)).body); i++) {
          if (i === 100) throw new Error('it did not become ready')
          await sleep(200)
        }
      }
      await ask('PUT', `/v1/nodes/${id}/states/provision`, { target: 'manage' })
      await until(n => n.provision_state === 'manageable' && !n.reservation)
      await ask('PUT', `/v1/nodes/${id}/states/provision`, { target: 'provide' })
      await until(n => n.provision_state === 'available' && !n.reservation)
      await ask('PUT', `/v1/nodes/${id}/states/power`, { target: 'power off' })
      await until(n => n.power_state === 'power off' && !n.reservation)
      return id
    },
  }
})
afterAll(async () => {
  await here?.close()
  await original?.stop()
})

describe("nodes of Debian's Ironic", () => {
  let things: Things
  beforeAll(() => {
    things = remote()
  })
  thingsContract(() => ({ ...site, things }))

  it('runs the steps that the operator named, and says so', async () => {
    const by = remote({ cleanSteps: ['bios.factory_reset'] })
    const id = await site.node()
    const first = crypto.randomUUID()
    const until = async (ask: () => Promise<{ readonly is: string }>, is: string) => {
      for (let i = 0; i < 200; i++) {
        const answer = await ask()
        if (answer.is === is) return answer
        await site.settle()
      }
      throw new Error(`it never was ${is}`)
    }
    await until(() => by.assign(id, LESSEE, first, '2040-01-01T00:00:00.000000Z'), 'assigned')
    expect((await site.ask('GET', `/v1/nodes/${id}`)).body.lessee).toBe(LESSEE)
    expect(await until(() => by.release(id, first), 'released')).toMatchObject({
      proof: { power: 'off', disk: 'cleaned by ironic: bios.factory_reset' },
    })
    expect((await site.ask('GET', `/v1/nodes/${id}`)).body).toMatchObject({ lessee: null, provision_state: 'available' })
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../../packages/server/src/kit/clock/clock.ts'
import { type Served, serve } from '../../../packages/server/src/kit/testing/serve.ts'
import { type Site, thingsContract } from '../../../packages/server/src/seams/contracts/things.ts'
import { leasingIronic } from '../../../packages/server/src/seams/leasing-ironic.ts'
import { leasing } from '../../../packages/server/src/services/leasing/index.ts'
import type { Things } from '../../../packages/server/src/services/leasing/needs.ts'
import { keystoneAs, type LoggedIn } from '../../harness/login.ts'
import { startServer } from '../../harness/site.ts'
import { type Original, startOriginal } from '../original.ts'
import { freePorts } from '../processes.ts'

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

/** Asks until an answer is as wanted. */
const eventually = async <T>(ask: () => Promise<T>, is: (answer: T) => boolean): Promise<T> => {
  for (let i = 0; ; i++) {
    const answer = await ask()
    if (is(answer)) return answer
    if (i === 400) throw new Error(`it did not come to that: ${JSON.stringify(answer)}`)
    await site.settle()
  }
}

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
    await eventually(
      () => by.assign(id, LESSEE, first, '2040-01-01T00:00:00.000000Z'),
      answer => answer.is === 'assigned',
    )
    expect((await site.ask('GET', `/v1/nodes/${id}`)).body.lessee).toBe(LESSEE)
    const released = await eventually(
      () => by.release(id, first),
      answer => answer.is === 'released',
    )
    expect(released).toMatchObject({
      proof: { power: 'off', disk: 'cleaned by ironic: bios.factory_reset' },
    })
    expect((await site.ask('GET', `/v1/nodes/${id}`)).body).toMatchObject({ lessee: null, provision_state: 'available' })
  })
})

it("our leasing, a process of its own, on Debian's Keystone and Ironic: offered, claimed, used, given back", async () => {
  const password = 'a good password'
  const role = async (name: string): Promise<string> => {
    const { roles } = await admin.ask('GET', `/v3/roles?name=${name}`)
    return roles[0]?.id ?? (await admin.ask('POST', '/v3/roles', { role: { name } })).role.id
  }
  const person = async (name: string): Promise<{ project: string; in: () => Promise<LoggedIn> }> => {
    const project: string = (await admin.ask('POST', '/v3/projects', { project: { name, domain_id: 'default' } })).project.id
    const { user } = await admin.ask('POST', '/v3/users', { user: { name, domain_id: 'default', password } })
    for (const each of ['member', name]) await admin.ask('PUT', `/v3/projects/${project}/users/${user.id}/roles/${await role(each)}`)
    return { project, in: () => keystoneAs(original.keystone, { name, password }, name) }
  }
  const [owner, lessee] = [await person('owner'), await person('lessee')]
  const id = await site.node()
  await site.ask('PATCH', `/v1/nodes/${id}`, [{ op: 'replace', path: '/owner', value: owner.project }])

  const [port] = await freePorts(1)
  const server = await startServer(
    folder => ['start', '--config', join(folder, 'esi.yaml')],
    /"url":"([^"]+)".*the site is up/,
    async folder => {
      writeFileSync(join(folder, 'secret'), original.servicePassword, { mode: 0o600 })
      const user = { username: 'ironic', password_file: join(folder, 'secret') }
      const config = {
        listen: `127.0.0.1:${port}`,
        state: join(folder, 'state'),
        log: { level: 'info', format: 'json' },
        services: ['leasing'],
        seams: { 'everyone.identity': 'keystone', 'leasing.projects': 'keystone', 'leasing.things': 'ironic' },
        keystone: { url: original.keystone, ...user },
        ironic: { authUrl: original.keystone, lookAgain: '1s', cleanSteps: ['bios.factory_reset'], ...user },
      }
      writeFileSync(join(folder, 'esi.yaml'), stringify(config))
    },
  )
  try {
    const [theirs, ours] = [await owner.in(), await lessee.in()]
    const lease = `${server.url}/lease/v1`
    const node = async () => (await site.ask('GET', `/v1/nodes/${id}`)).body
    const offer = await theirs.ask('POST', `${lease}/offers`, { resource_uuid: id })
    expect(offer).toMatchObject({ status: 'available', project: 'owner', resource_uuid: id })
    const claimed = await ours.ask('POST', `${lease}/offers/${offer.uuid}/claim`, {})
    const look = () => ours.ask('GET', `${lease}/leases/${claimed.uuid}`)
    expect(await eventually(look, row => row.status === 'active')).toMatchObject({ project: 'lessee', owner: 'owner' })
    expect(await node()).toMatchObject({ lessee: lessee.project, owner: owner.project, power_state: 'power off' })
    // The lessee uses it by Ironic itself, with nothing of ours in between.
    await ours.ask('PUT', `${original.ironic}/v1/nodes/${id}/states/power`, { target: 'power on' }, VERSION)
    await eventually(node, row => row.power_state === 'power on' && !row.reservation)
    expect((await ours.ask('GET', `${lease}/nodes`)).nodes.map((row: { uuid: string }) => row.uuid)).toEqual([id])
    await ours.ask('DELETE', `${lease}/leases/${claimed.uuid}`)
    await eventually(node, row => row.lessee === null)
    await expect(ours.ask('GET', `${original.ironic}/v1/nodes/${id}`, undefined, VERSION)).rejects.toThrow(/404/)
    const over = await eventually(look, row => row.end_record?.is === 'released')
    expect(over).toMatchObject({
      status: 'deleted',
      end_record: { proof: { power: 'off', disk: 'cleaned by ironic: bios.factory_reset', ports: 'unknown' } },
    })
    expect(await node()).toMatchObject({ provision_state: 'available', power_state: 'power off' })

    // Once more; and in the midst of the end the process is killed.
    const next = await ours.ask('POST', `${lease}/offers/${offer.uuid}/claim`, {})
    const again = () => ours.ask('GET', `${lease}/leases/${next.uuid}`)
    await eventually(again, row => row.status === 'active')
    await ours.ask('DELETE', `${lease}/leases/${next.uuid}`)
    await eventually(node, row => row.lessee === null)
    process.kill(server.pid, 'SIGKILL')
    const successor = await startServer(() => ['start', '--config', join(server.folder, 'esi.yaml')], /"url":"([^"]+)".*the site is up/)
    try {
      await eventually(again, row => row.end_record?.is === 'released')
      expect(await node()).toMatchObject({ provision_state: 'available', power_state: 'power off', lessee: null })
    } finally {
      await successor.stop()
    }
  } finally {
    await server.stop()
  }
})

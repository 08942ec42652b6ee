import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { personas } from '../kit/testing/personas.ts'
import { type Served, serve } from '../kit/testing/serve.ts'
import { leasingBaremetal } from '../seams/leasing-baremetal.ts'
import { type LabRig, labRig } from '../services/baremetal/test/lab-rig.ts'
import { LESSEE } from '../services/baremetal/test/rig.ts'
import { type LeasingDoor, leasing } from '../services/leasing/index.ts'

let l: LabRig
let s: Served<LeasingDoor>
let port: number
beforeAll(async () => {
  l = await labRig([{ name: 'm1', flavour: 'ilo', address: '127.78.5.1', disks: [{ gb: 10, os: 'linux' }] }])
  s = await serve({
    def: leasing,
    needs: { things: leasingBaremetal.make(l.door, l.kit, {}) },
    clock: l.clock,
    callers: { tenant: { ...personas.lessee, roles: [...personas.lessee.roles, 'lessee', 'esi_leap_lessee'] } },
  })
  await s.app.listen({ host: '127.0.0.1', port: 0 })
  port = (s.app.server.address() as { port: number }).port
}, 60_000)
afterAll(async () => {
  await s?.close()
  await l?.stop()
})

const connect = (url: string) => {
  const client = new WebSocket(url.replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${port}`))
  client.on('error', () => undefined)
  return client
}
const status = async (url: string): Promise<number> => {
  const [, response] = (await once(connect(url), 'unexpected-response')) as [unknown, { statusCode: number; resume(): void }]
  response.resume()
  return response.statusCode
}

it('a console token of the leasing service opens the machine’s console, and nothing once the lease has ended', async () => {
  const uuid = await l.manageable('m1', {
    name: 'm1',
    console_interface: 'redfish-serial',
    driver_info: { redfish_ssh_fingerprint: l.file.ssh.hostKey },
  })
  await l.provision(uuid, 'provide')
  await l.until(uuid, n => n.provision_state, 'available')
  const lease = crypto.randomUUID()
  expect(await l.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
  await l.power(uuid, 'power on', 'lessee')
  await l.until(uuid, n => [n.power_state, n.wanted], ['power on', {}])

  const made = await s.request('tenant', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: 'm1' })
  expect(made).toMatchObject({
    status: 201,
    body: { node_uuid: uuid, access_url: expect.stringMatching(/^ws:\/\/esi\.test\/lease\/v1\/consoles\?token=/) },
  })
  const url = made.body.access_url
  // The original's proxy asks for the console of Ironic, which must be switched on there.
  expect(await status(url)).toBe(409)
  await l.ask('lessee', 'PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true }, 202)
  const client = connect(url)
  await once(client, 'open')
  let heard = ''
  client.on('message', data => {
    heard += data
  })
  client.send('\r')
  await expect.poll(() => heard).toContain('m1 login:')
  const end = once(client, 'close')
  await l.door.release(uuid, lease)
  expect((await end)[1].toString()).toMatch(/changed hands: the lease has ended/)
  await l.until(uuid, n => n.release?.outcome, 'clean')
  expect(await l.door.assign(uuid, 'somebody-else', crypto.randomUUID())).toEqual({ is: 'assigned' })
  await l.ask('owner', 'PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true }, 202)
  expect(await status(url)).toBe(409)
  expect(await status(`${url}x`)).toBe(401)
})

import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type LabRig, labRig } from './lab-rig.ts'
import { LESSEE } from './rig.ts'

let l: LabRig
let port: number
let count = 0
const clients = new Set<WebSocket>()

beforeAll(async () => {
  l = await labRig(
    Array.from({ length: 8 }, (_, i) => ({
      name: `m${i + 1}`,
      flavour: ['idrac', 'plain', 'supermicro'][i % 3],
      address: `127.78.4.${i + 1}`,
      disks: [{ gb: 10, os: 'linux' }],
    })),
  )
  await l.app.listen({ host: '127.0.0.1', port: 0 })
  port = (l.app.server.address() as { port: number }).port
}, 60_000)
afterAll(async () => {
  await l?.stop()
})
afterEach(() => {
  for (const client of clients) client.terminate()
  clients.clear()
})

/** A leased machine that runs, whose BMC has the console behind an SSH server. */
const leased = async (more: object = {}): Promise<{ uuid: string; lease: string; name: string }> => {
  const name = `m${++count}`
  const uuid = await l.manageable(name, {
    console_interface: 'redfish-serial',
    ...more,
    driver_info: { redfish_ssh_fingerprint: l.file.ssh.hostKey, ...(more as any).driver_info },
  })
  await l.provision(uuid, 'provide')
  await l.until(uuid, n => n.provision_state, 'available')
  const lease = crypto.randomUUID()
  expect(await l.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
  await l.power(uuid, 'power on', 'lessee')
  await l.until(uuid, n => [n.power_state, n.wanted], ['power on', {}])
  return { uuid, lease, name }
}
const enable = (uuid: string, enabled: boolean, who = 'lessee') => l.ask(who, 'PUT', `/v1/nodes/${uuid}/states/console`, { enabled }, 202)
const info = async (uuid: string, who = 'lessee') => (await l.ask(who, 'GET', `/v1/nodes/${uuid}/states/console`, undefined, 200)).body
const local = (url: string) => url.replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${port}`)
const connect = async (url: string): Promise<WebSocket> => {
  const client = new WebSocket(local(url))
  client.on('error', () => undefined)
  clients.add(client)
  await once(client, 'open')
  return client
}
const refused = async (url: string): Promise<[number, string]> => {
  const client = new WebSocket(local(url))
  client.on('error', () => undefined)
  clients.add(client)
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, NodeJS.ReadableStream & { statusCode: number }]
  let text = ''
  for await (const part of response) text += part
  const { error, error_message } = JSON.parse(text)
  return [response.statusCode, error?.message ?? JSON.parse(error_message).faultstring]
}
/** Whether somebody has the console at the BMC. */
const taken = async (machine: string): Promise<boolean> => (await l.truth(machine)).serialTaken
const hears = (client: WebSocket, words: string): Promise<void> =>
  new Promise(resolve => {
    let heard = ''
    const hear = (data: Buffer) => {
      heard += data
      if (!heard.includes(words)) return
      client.off('message', hear)
      resolve()
    }
    client.on('message', hear)
  })
const closed = async (client: WebSocket): Promise<string> => (await once(client, 'close'))[1].toString()

describe('the serial console of a leased machine', () => {
  it('is switched on by its lessee, typed on over a WebSocket, by one at a time, and switched off again', async () => {
    const { uuid, name } = await leased()
    expect(await info(uuid)).toEqual({ console_enabled: false, console_info: null })
    await enable(uuid, true)
    const { console_enabled, console_info } = await info(uuid)
    expect([console_enabled, console_info.type]).toEqual([true, 'websocket'])
    expect(console_info.url).toMatch(/^ws:\/\/esi\.test\/baremetal\/v1\/consoles\?token=[\w-]{43}$/)
    const { rows } = await l.connections.pool.query('select hash from baremetal.console_token where node = $1', [uuid])
    expect(rows.map((row: any) => row.hash)).not.toContain(new URL(console_info.url).searchParams.get('token'))

    const client = await connect(console_info.url)
    const heard = hears(client, 'whoami')
    client.send('whoami\r')
    await heard
    const [status, words] = await refused((await info(uuid, 'owner')).console_info.url)
    expect([status, words]).toEqual([409, expect.stringMatching(/Somebody has this console already/)])
    client.close()
    await expect.poll(() => taken(name)).toBe(false)
    await expect.poll(async () => (await l.events(uuid, 'baremetal.node.console_closed')).length).toBe(1)

    // Free again, with the same key; then it is switched off under the one who has it.
    const again = await connect(console_info.url)
    const end = closed(again)
    await enable(uuid, false, 'owner')
    expect(await end).toMatch(/console is switched off/)
    await expect.poll(() => taken(name)).toBe(false)
    expect((await refused(console_info.url))[0]).toBe(401)
    const told = await l.events(uuid)
    expect(JSON.stringify(told)).not.toContain('whoami')
  })

  it('is cut when the lease ends, and an old key opens nothing for the next one', async () => {
    const { uuid, lease, name } = await leased()
    await enable(uuid, true)
    const { url } = (await info(uuid)).console_info
    const client = await connect(url)
    const end = closed(client)
    await l.door.release(uuid, lease)
    expect(await end).toMatch(/changed hands: the lease has ended/)
    await expect.poll(() => taken(name)).toBe(false)
    await l.until(uuid, n => n.release?.outcome, 'clean')
    expect(await l.door.assign(uuid, LESSEE, crypto.randomUUID())).toEqual({ is: 'assigned' })
    await enable(uuid, true)
    expect(await refused(url)).toEqual([409, expect.stringMatching(/changed hands/)])
  })

  it('ends with its key’s time, its process, and whoever never had a key', async () => {
    const { uuid } = await leased()
    await enable(uuid, true)
    const { url } = (await info(uuid)).console_info
    expect((await refused(url.replace(/token=.*/, 'token=guess')))[0]).toBe(401)
    expect((await refused(url.replace(/\?token=.*/, '')))[0]).toBe(401)
    await l.ask('stranger', 'GET', `/v1/nodes/${uuid}/states/console`, undefined, 404)
    await l.clock.advance(601_000)
    expect(await refused(url)).toEqual([401, expect.stringMatching(/has run out/)])
    // A process that died with the console leaves it to the next one after a minute.
    await l.connections.pool.query(
      `insert into baremetal.console_session (node, id, host, opened_at, seen_at) values ($1, $2, 'gone', $3, $3)`,
      [uuid, crypto.randomUUID(), l.clock.now()],
    )
    const fresh = (await info(uuid)).console_info.url
    expect((await refused(fresh))[0]).toBe(409)
    await l.clock.advance(61_000)
    await connect(fresh)
  })

  it('that the BMC does not give tells the lessee nothing of the BMC, and the owner what to do', async () => {
    const { uuid } = await leased({ driver_info: { redfish_ssh_fingerprint: `SHA256:${'A'.repeat(43)}` } })
    await enable(uuid, true)
    const [status, words] = await refused((await info(uuid)).console_info.url)
    expect([status, words]).toEqual([503, "The machine's BMC does not give its console. The node's owner sees why in its last_error."])
    expect((await l.ask('owner', 'GET', `/v1/nodes/${uuid}`, undefined, 200)).body.last_error).toMatch(
      /Failed to open the console. Error: The BMC's SSH at .* shows the host key SHA256:/,
    )
    expect((await l.ask('lessee', 'GET', `/v1/nodes/${uuid}`, undefined, 200)).body.last_error).not.toMatch(/SHA256/)
    // What was claimed for it is free.
    const { rows } = await l.connections.pool.query('select 1 from baremetal.console_session where node = $1', [uuid])
    expect(rows).toEqual([])
  })

  it('is served only by who reaches the BMC, and only for interfaces that have one', async () => {
    const { uuid } = await leased()
    await enable(uuid, true)
    const { url } = (await info(uuid)).console_info
    await l.connections.pool.query(`update baremetal.node set conductor_group = 'far' where uuid = $1`, [uuid])
    expect(await refused(url)).toEqual([
      503,
      expect.stringMatching(/reached by servers of the conductor group "far", and none of them is running/),
    ])
    const { uuid: other } = await leased({ console_interface: 'no-console' })
    const answer = await l.ask('owner', 'PUT', `/v1/nodes/${other}/states/console`, { enabled: true }, 400)
    expect(answer.body.error_message).toMatch(/does not support console/)
  })
})

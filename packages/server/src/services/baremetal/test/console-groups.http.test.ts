import { once } from 'node:events'
import { createServer } from 'node:net'
import { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Settings } from '../../../drivers/bmc/driver.ts'
import { type Served, serve } from '../../../kit/testing/serve.ts'
import { baremetal, type Door } from '../index.ts'
import { Pretend } from './pretend.ts'
import { LESSEE, type Rig, rig } from './rig.ts'

// Two processes on one database: one answers clients, the other one reaches the machines of the group "far".

class Echo extends Duplex {
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.push(chunk)
    done()
  }
}

class WithConsole extends Pretend {
  override readonly can = [...new Pretend().can, 'console'] as any
  readonly consoles: Echo[] = []
  override open(settings: Settings) {
    return {
      ...super.open(settings),
      console: async (call: { before(): Promise<void> }) => {
        await call.before()
        const echo = new Echo()
        this.consoles.push(echo)
        return echo
      },
    }
  }
}

const near = new WithConsole()
const far = new WithConsole()
let r: Rig
let other: Served<Door>
let port: number
let uuid: string
let farPort: number
const clients = new Set<WebSocket>()

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
const replica = (consoleUrl: string) =>
  serve<Door>({
    def: baremetal,
    beside: r,
    needs: { drivers: { load: async () => far } },
    config: { drivers: ['pretend'], host: 'far-1', groups: ['far'], consoleUrl },
  })

beforeAll(async () => {
  r = await rig(near)
  await r.app.listen({ host: '127.0.0.1', port: 0 })
  port = (r.app.server.address() as { port: number }).port
  uuid = (await r.ready()).uuid
  await r.connections.pool.query(
    `update baremetal.node set conductor_group = 'far', console_interface = 'pretend', console_enabled = true where uuid = $1`,
    [uuid],
  )
  farPort = await freePort()
  other = await replica(`ws://127.0.0.1:${farPort}/baremetal/v1/consoles`)
  await other.app.listen({ host: '127.0.0.1', port: farPort })
}, 60_000)
afterAll(async () => {
  await other?.close()
  await r?.close()
})
afterEach(async () => {
  for (const client of clients) client.terminate()
  clients.clear()
  await expect.poll(async () => (await r.connections.pool.query('select 1 from baremetal.console_session')).rows).toEqual([])
})

const nobody = { user: null, project: null, lessee: null }
const url = async (): Promise<string> =>
  (await r.ask('admin', 'GET', `/v1/nodes/${uuid}/states/console`, undefined, 200)).body.console_info.url
/** At the process that does not reach it. */
const here = async () => (await url()).replace(/^ws:\/\/[^/]+/, `ws://127.0.0.1:${port}`)
const dial = (address: string): WebSocket => {
  const client = new WebSocket(address)
  client.on('error', () => undefined)
  clients.add(client)
  return client
}
const refused = async (address: string): Promise<[number, string]> => {
  const [, response] = (await once(dial(address), 'unexpected-response')) as [unknown, NodeJS.ReadableStream & { statusCode: number }]
  let text = ''
  for await (const part of response) text += part
  return [response.statusCode, JSON.parse(JSON.parse(text).error_message).faultstring]
}
const change = (values: string) => r.connections.pool.query(`update baremetal.node set ${values} where uuid = $1`, [uuid])

describe('the console of a machine that another process reaches', () => {
  it('is carried through this one, for the key of a person', async () => {
    const client = dial(await here())
    await once(client, 'open')
    const said = once(client, 'message')
    client.send('whoami\r')
    expect((await said)[0].toString()).toBe('whoami\r')
    expect([near.consoles.length, far.consoles.length]).toEqual([0, 1])
    // One at a time, whichever way they come; and in the other's words.
    expect(await refused(await here())).toEqual([409, expect.stringMatching(/Somebody has this console already/)])
    const end = once(client, 'close')
    far.consoles[0]!.push(null)
    expect((await end)[1].toString()).toBe('The BMC has ended the console.')
    // Nothing of the key between the two stays.
    const { rows } = await r.connections.pool.query('select hash from baremetal.console_token where node = $1', [uuid])
    expect(rows.length).toBe(2)
  })

  it('is carried for whoever let somebody in by keys of its own, and ends with them and with the lessee', async () => {
    const lease = crypto.randomUUID()
    expect(await r.door.assign(uuid, LESSEE, lease)).toEqual({ is: 'assigned' })
    const stream = await r.door.console(uuid, { ...nobody, lessee: LESSEE }, new AbortController().signal)
    stream.on('error', () => undefined)
    const back = once(stream, 'data')
    stream.write('x')
    expect((await back)[0].toString()).toBe('x')
    stream.destroy()
    const [last] = far.consoles.slice(-1)
    if (!last!.destroyed) await once(last!, 'close')

    const again = await r.door.console(uuid, { ...nobody, lessee: LESSEE }, new AbortController().signal)
    const why = once(again, 'error')
    await r.door.release(uuid, lease)
    expect((await why)[0].message).toMatch(/switched off|changed hands/)
    await change('console_enabled = true, release = null')
  })

  it('is refused with what to do where the address of its servers leads elsewhere, or to nobody', async () => {
    const to = (at: string) =>
      r.connections.pool.query(`update baremetal.conductor set console_url = $1 where hostname = 'far-1-far'`, [at])
    const { rows } = await r.connections.pool.query("select hostname, console_url from baremetal.conductor where conductor_group = 'far'")
    expect(rows).toEqual([{ hostname: 'far-1-far', console_url: `ws://127.0.0.1:${farPort}/baremetal/v1/consoles` }])
    await to(`ws://127.0.0.1:${port}/baremetal/v1/consoles`)
    expect(await refused(await here())).toEqual([
      503,
      expect.stringMatching(/group "far"; their address ws:.* leads to a server that is not/),
    ])
    await to(`ws://127.0.0.1:${await freePort()}/baremetal/v1/consoles`)
    expect(await refused(await here())).toEqual([503, expect.stringMatching(/cannot be reached from this server/)])
    await r.connections.pool.query("delete from baremetal.conductor where conductor_group = 'far'")
    expect(await refused(await here())).toEqual([503, expect.stringMatching(/group "far", and none of them is running/)])
  })
})

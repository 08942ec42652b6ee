import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type FakeThings, fakeThings } from './things.ts'
import { type LeasingWorld, leasingWorld, projectOf } from './world.ts'

/** A console that says back what is typed. */
class Echo extends Duplex {
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.push(chunk)
    done()
  }
}

let things: FakeThings
let one: LeasingWorld
let other: LeasingWorld
const ports = new Map<LeasingWorld, number>()
const clients = new Set<WebSocket>()
/** Called before a console is lent. */
let before: (signal: AbortSignal) => Promise<void> = async () => undefined

beforeAll(async () => {
  things = Object.assign(fakeThings(), {
    async console(_: string, __: object, signal: AbortSignal) {
      await before(signal)
      return new Echo()
    },
  })
  one = await leasingWorld({ things })
  other = await leasingWorld({ things, beside: one })
  for (const each of [one, other]) {
    await each.app.listen({ host: '127.0.0.1', port: 0 })
    ports.set(each, (each.app.server.address() as { port: number }).port)
  }
}, 60_000)
afterAll(async () => {
  await other?.close()
  await one?.close()
})
afterEach(() => {
  before = async () => undefined
  for (const client of clients) client.terminate()
  clients.clear()
})

let count = 0
const node = () => things.add({ id: `c-${++count}`, owner: projectOf('owner') }).id
const tokenOf = async (id: string, ttl = 600): Promise<string> => {
  const made = await one.request('owner', 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: id, token_ttl: String(ttl) })
  expect(made.status).toBe(201)
  return made.body.token
}
const dial = (world: LeasingWorld, token: string): WebSocket => {
  const client = new WebSocket(`ws://127.0.0.1:${ports.get(world)}/lease/v1/consoles?token=${token}`)
  client.on('error', () => undefined)
  clients.add(client)
  return client
}
const connect = async (world: LeasingWorld, token: string): Promise<WebSocket> => {
  const client = dial(world, token)
  await once(client, 'open')
  return client
}
const status = async (client: WebSocket): Promise<number> => (await once(client, 'unexpected-response'))[1].statusCode
const closed = async (client: WebSocket): Promise<string> => (await once(client, 'close'))[1].toString()
const drop = async (world: LeasingWorld, id: string) =>
  expect((await world.request('owner', 'DELETE', `/v1/console_auth_tokens/${id}`)).status).toBe(200)

describe('a console that a token opened', () => {
  it.each([
    ['this process', () => one],
    ['another one', () => other],
  ])('is cut when the tokens of its node are deleted through %s, and no other is', async (_, through) => {
    const [mine, theirs] = [node(), node()]
    const token = await tokenOf(mine)
    const [client, elsewhere] = [await connect(one, token), await connect(one, await tokenOf(theirs))]
    const end = closed(client)
    await drop(through(), mine)
    expect(await end).toBe('The console tokens of this node were deleted.')
    expect(await status(dial(one, token))).toBe(401)
    const said = once(elsewhere, 'message')
    elsewhere.send('still here')
    expect((await said)[0].toString()).toBe('still here')
  })

  it('is cut too when its token has run out and was cleared away before', async () => {
    const id = node()
    const client = await connect(other, await tokenOf(id, 60))
    await one.go(61_000)
    await tokenOf(node())
    const end = closed(client)
    await drop(one, id)
    expect(await end).toMatch(/were deleted/)
  })

  it('is not opened at all when its token is deleted while the machine is waited for', async () => {
    const id = node()
    const reached = Promise.withResolvers<void>()
    before = async signal => {
      reached.resolve()
      await once(signal, 'abort')
    }
    const answer = status(dial(other, await tokenOf(id)))
    await reached.promise
    await drop(one, id)
    expect(await answer).toBe(401)
  })
})

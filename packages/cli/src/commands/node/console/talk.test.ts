import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { dialect } from '@esi/api/baremetal/dialect'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { openSocket } from './socket.ts'
import { talk } from './talk.ts'

let server: WebSocketServer
let url: string
beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as { port: number }).port}/`
})
afterEach(() => {
  for (const client of server.clients) client.terminate()
  return new Promise<void>(resolve => server.close(() => resolve()))
})

/** Somebody at a console, and the machine at the other end of it. */
const sit = async ({ tty = true, leaves = 0x1d as number | null } = {}) => {
  const keys = Object.assign(new PassThrough(), { isTTY: tty, raw: [] as boolean[], setRawMode: (on: boolean) => keys.raw.push(on) })
  const [screen, log] = [new PassThrough(), new PassThrough()]
  const interrupted = new AbortController()
  const [[machine], socket] = await Promise.all([
    once(server, 'connection') as Promise<[WebSocket]>,
    openSocket({ url, dialect }, true, interrupted.signal),
  ])
  let got = ''
  machine.on('message', data => {
    got += data
  })
  const end = talk(socket, { keys, screen, log, signal: interrupted.signal, leaves: leaves ?? undefined })
  return { keys, screen, log, machine, interrupted, end, got: () => got }
}

describe('a person at a terminal', () => {
  it('types every key to the machine and sees what it prints, until the key that leaves', async () => {
    const { keys, screen, log, machine, end, got } = await sit()
    expect(keys.raw).toEqual([true])
    keys.write('ls\r')
    keys.write(Buffer.from([0x03, 0x04, 0x7f]))
    await expect.poll(got).toBe('ls\r\u0003\u0004\u007f')
    // Half of a letter: bytes are not touched.
    machine.send(Buffer.from([0xc3]))
    machine.send(Buffer.from([0xa4, 0x0a]))
    await expect.poll(() => screen.readableLength).toBe(3)
    expect(screen.read().toString()).toBe('ä\n')
    expect(log.read().toString()).toBe('ä\n')
    keys.write('exit\u001dnot this')
    expect(await end).toEqual({ by: 'us' })
    await expect.poll(got).toBe('ls\r\u0003\u0004\u007fexit')
    expect(keys.raw).toEqual([true, false])
    expect(keys.isPaused()).toBe(true)
  })

  it('can give the machine that key too', async () => {
    const { keys, got, interrupted, end } = await sit({ leaves: null })
    keys.write('\u001d')
    await expect.poll(got).toBe('\u001d')
    interrupted.abort()
    expect(await end).toEqual({ by: 'us' })
    expect(keys.raw).toEqual([true, false])
  })

  it('leaves when the window is closed', async () => {
    const { keys, end } = await sit()
    keys.end()
    expect(await end).toEqual({ by: 'us' })
  })

  it('is told why the console was cut, and has the terminal back', async () => {
    const { keys, machine, end } = await sit()
    machine.close(1000, 'The node has changed hands.')
    expect(await end).toEqual({ by: 'them', why: 'The node has changed hands.' })
    expect(keys.raw).toEqual([true, false])
    const other = await sit()
    other.machine.terminate()
    expect(await other.end).toEqual({ by: 'them', why: 'The connection to the server broke.' })
  })
})

describe('a pipe', () => {
  it('types lines with Enter, whatever they end with, and then listens', async () => {
    const { keys, screen, machine, end, got } = await sit({ tty: false })
    for (const part of ['root\n', 'a\r', '\nb\u001d', '\n']) keys.write(part)
    keys.end()
    await expect.poll(got).toBe('root\ra\rb\u001d\r')
    machine.send('still here')
    await expect.poll(() => screen.read()?.toString()).toBe('still here')
    expect(keys.raw).toEqual([])
    machine.close(1000, 'The server stops.')
    expect(await end).toEqual({ by: 'them', why: 'The server stops.' })
  })

  it('of any length arrives whole, and nothing is lost at a slow screen', async () => {
    const { keys, screen, machine, got, interrupted, end } = await sit({ tty: false })
    const text = 'x'.repeat(1_500_000)
    keys.end(text)
    await expect.poll(() => got().length, { timeout: 20_000 }).toBe(text.length)
    for (let i = 0; i < 20; i++) machine.send('y'.repeat(100_000))
    machine.send('end')
    let seen = ''
    screen.on('data', part => {
      seen += part
    })
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(2_000_003)
    interrupted.abort()
    expect(await end).toEqual({ by: 'us' })
  })
})

describe('connecting', () => {
  it('is refused in the words of the service, or says who did not answer', async () => {
    server.options.verifyClient = (_info, done) => done(false, 409, JSON.stringify({ error_message: '{"faultstring":"Taken."}' }))
    const signal = new AbortController().signal
    await expect(openSocket({ url, dialect }, true, signal)).rejects.toMatchObject({ status: 409, message: 'Taken.' })
    await expect(openSocket({ url: 'ws://127.0.0.1:9/', dialect }, true, signal)).rejects.toThrow('at 127.0.0.1:9: nothing listens there.')
  })
})

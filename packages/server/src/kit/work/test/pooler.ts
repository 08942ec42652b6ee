import { connect, createServer, type Socket } from 'node:net'

/** A backend connection of the pooler: lent to a client for a transaction. */
interface Backend {
  readonly socket: Socket
  lentTo: Front | undefined
  rest: Buffer
}
interface Front {
  readonly socket: Socket
  rest: Buffer
  started: boolean
  readonly waiting: Buffer[]
}

export interface Pooler {
  readonly port: number
  close(): Promise<void>
}

const SYNC = new Set(['Q'.charCodeAt(0), 'S'.charCodeAt(0)])
const READY = 'Z'.charCodeAt(0)
const IDLE = 'I'.charCodeAt(0)

/**
 * A transaction pooler as small as can be: it speaks PostgreSQL's protocol 3 (messages: type, length, body), and whoever sends
 * something while it has no backend gets the one that was given back last. Logins are answered with what the first backend said.
 */
export const startPooler = async (target: string, size: number, user: string, database: string): Promise<Pooler> => {
  const idle: Backend[] = []
  const queue: Front[] = []
  const sockets = new Set<Socket>()

  const greeting: Buffer[] = []
  for (let i = 0; i < size; i++) idle.push(await openBackend(target, user, database, i === 0 ? greeting : []))
  for (const backend of idle) {
    sockets.add(backend.socket)
    backend.socket.on('data', data => {
      backend.rest = Buffer.concat([backend.rest, data])
      for (let message = take(backend); message; message = take(backend)) {
        const front = backend.lentTo
        // What comes for nobody, a notification for instance, is dropped: as the real ones do.
        if (!front) continue
        front.socket.write(message)
        if (message[0] === READY && message[5] === IDLE) {
          backend.lentTo = undefined
          idle.push(backend)
          const next = queue.shift()
          if (next) lend(next)
        }
      }
    })
  }
  const lend = (front: Front) => {
    const backend = idle.pop()
    if (!backend) {
      if (!queue.includes(front)) queue.push(front)
      return
    }
    backend.lentTo = front
    lent.set(front, backend)
    for (const message of front.waiting.splice(0)) backend.socket.write(message)
  }
  const lent = new Map<Front, Backend>()

  const server = createServer(socket => {
    sockets.add(socket)
    const front: Front = { socket, rest: Buffer.alloc(0), started: false, waiting: [] }
    socket.on('error', () => {})
    socket.on('data', data => {
      front.rest = Buffer.concat([front.rest, data])
      if (!front.started) {
        if (front.rest.length < 4 || front.rest.length < front.rest.readUInt32BE(0)) return
        front.rest = front.rest.subarray(front.rest.readUInt32BE(0))
        front.started = true
        socket.write(Buffer.concat(greeting))
      }
      let whole = false
      for (let message = take(front); message; message = take(front)) {
        if (message[0] === 'X'.charCodeAt(0)) return void socket.end()
        front.waiting.push(message)
        whole ||= SYNC.has(message[0]!)
      }
      const backend = lent.get(front)
      if (backend?.lentTo === front) for (const message of front.waiting.splice(0)) backend.socket.write(message)
      else if (whole) lend(front)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** The next whole message. */
const take = (from: { rest: Buffer }): Buffer | undefined => {
  if (from.rest.length < 5) return undefined
  const size = 1 + from.rest.readUInt32BE(1)
  if (from.rest.length < size) return undefined
  const message = from.rest.subarray(0, size)
  from.rest = from.rest.subarray(size)
  return message
}

const openBackend = (path: string, user: string, database: string, heard: Buffer[]): Promise<Backend> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    const backend: Backend = { socket, lentTo: undefined, rest: Buffer.alloc(0) }
    const words = Buffer.from(`user\0${user}\0database\0${database}\0\0`)
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + words.length, 0)
    head.writeUInt32BE(196_608, 4)
    socket.on('error', reject)
    socket.write(Buffer.concat([head, words]))
    const listen = (data: Buffer) => {
      backend.rest = Buffer.concat([backend.rest, data])
      for (let message = take(backend); message; message = take(backend)) {
        heard.push(Buffer.from(message))
        if (message[0] !== READY) continue
        socket.off('data', listen)
        resolve(backend)
        return
      }
    }
    socket.on('data', listen)
  })

import type { WebSocket } from 'ws'
import type { Keys } from '../../../command.ts'

export interface Line {
  readonly keys: Keys
  readonly screen: NodeJS.WritableStream
  /** What the machine printed goes here too. */
  readonly log?: NodeJS.WritableStream | undefined
  readonly signal: AbortSignal
  /** The key that leaves, as a byte; none where all keys are the machine's. */
  readonly leaves: number | undefined
}

/** Who ended it: whoever sat at the keyboard, or the other side, with a reason. */
export type End = { readonly by: 'us' } | { readonly by: 'them'; readonly why: string }

/** Milliseconds between two questions whether the server is still there; without an answer to one it is gone by the next. */
const PING = 30_000
const LEAVING = 2_000
/** Bytes that may wait for a slow connection before no more is read. */
const WAITING = 256 * 1024
const [CR, LF] = [0x0d, 0x0a]

/**
 * Carries what is typed to the machine and what it prints to the screen, until one side ends it. At a terminal every key goes as it is.
 * Where keys come from a pipe or a file, the end of a line is the Enter key, and after the last one the machine is listened to.
 */
export const talk = (socket: WebSocket, line: Line): Promise<End> => {
  const { keys, screen, log, signal, leaves } = line
  const typed = keys.isTTY === true
  const enter = typed ? (part: Buffer) => part : enters()
  return new Promise<End>(resolve => {
    let left = false
    const leave = () => {
      if (left) return
      left = true
      socket.close(1000)
      setTimeout(() => socket.terminate(), LEAVING).unref()
    }
    const send = (bytes: Buffer) => {
      if (bytes.length === 0 || left) return
      socket.send(bytes, { binary: true }, () => socket.bufferedAmount < WAITING && !left && keys.resume())
      if (socket.bufferedAmount >= WAITING) keys.pause()
    }
    const onKeys = (part: Buffer | string) => {
      const bytes = Buffer.from(part as string)
      const at = typed && leaves !== undefined ? bytes.indexOf(leaves) : -1
      send(enter(at < 0 ? bytes : bytes.subarray(0, at)))
      if (at >= 0) leave()
    }
    // A terminal ends when its window is closed.
    const onEnd = () => typed && leave()
    const onMessage = (data: Buffer) => {
      if (log?.writable) log.write(data)
      if (screen.write(data)) return
      socket.pause()
      screen.once('drain', () => socket.resume())
    }
    let heard = true
    const ping = setInterval(() => {
      if (!heard) return socket.terminate()
      heard = false
      socket.ping()
    }, PING)
    socket.on('pong', () => {
      heard = true
    })
    socket.on('message', onMessage)
    socket.on('error', () => socket.terminate())
    socket.once('close', (_code: number, reason: Buffer) => {
      clearInterval(ping)
      keys.off('data', onKeys)
      keys.off('end', onEnd)
      signal.removeEventListener('abort', leave)
      if (typed) keys.setRawMode?.(false)
      keys.pause()
      resolve(left ? { by: 'us' } : { by: 'them', why: reason.toString() || 'The connection to the server broke.' })
    })
    signal.addEventListener('abort', leave)
    if (signal.aborted) return leave()
    if (typed) keys.setRawMode?.(true)
    keys.on('data', onKeys)
    keys.on('end', onEnd)
    socket.resume()
  })
}

/** Ends of lines as the Enter key sends them. */
const enters = (): ((part: Buffer) => Buffer) => {
  let after: number | undefined
  return part => {
    const out: number[] = []
    for (const byte of part) {
      if (byte !== LF) out.push(byte)
      else if (after !== CR) out.push(CR)
      after = byte
    }
    return Buffer.from(out)
  }
}

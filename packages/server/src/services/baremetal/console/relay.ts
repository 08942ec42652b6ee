import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refused } from '@esi/api/dialect'
import { plus } from '@esi/api/time'
import { createWebSocketStream, WebSocket } from 'ws'
import { addToken, dropToken, type Holder, hashOf } from '../store/consoles.ts'
import type { World } from '../world.ts'
import { ConsoleSession } from './session.ts'

/** Marks what one process asks of another: whoever does not reach the machine either sends it no further. */
export const RELAYED = 'relayed'

/** Milliseconds: how long the other process may take, which waits for a BMC, and for how long the key that it is shown is good. */
const OPENING = 60_000
const KEY = 120_000
/** Bytes that are read of a refusal. */
const REFUSAL = 16 * 1024

/** The console of a machine that another process reaches: asked for there with a key of its own, and carried on from here. */
export const relay = async (world: World, url: string, node: string, holder: Holder, signal: AbortSignal): Promise<ConsoleSession> => {
  const { database, kit } = world
  const token = randomBytes(32).toString('base64url')
  const at = kit.clock.now()
  const origin = { at, by: { conductor: 'console' } }
  await database.transaction(origin, tx => addToken(tx, hashOf(token), node, holder, plus(at, KEY)))
  const address = new URL(url)
  address.searchParams.set('token', token)
  address.searchParams.set(RELAYED, 'true')
  try {
    return await dial(address, url, AbortSignal.any([signal, kit.signal]))
  } catch (error) {
    if (error instanceof Refused || signal.aborted) throw error
    kit.log.warn({ err: error, node, url }, 'the server that reaches a machine could not be asked for its console')
    throw new Refused(
      'unavailable',
      `The machine's console is at ${url}, which cannot be reached from this server. Its operator sees why in the log.`,
    )
  } finally {
    // It opens one session, and that is open or refused.
    await database.transaction(origin, tx => dropToken(tx, hashOf(token))).catch(() => undefined)
  }
}

const dial = async (address: URL, named: string, signal: AbortSignal): Promise<ConsoleSession> => {
  signal.throwIfAborted()
  const client = new WebSocket(address, 'binary', { handshakeTimeout: OPENING, perMessageDeflate: false })
  const opened = Promise.withResolvers<ConsoleSession>()
  const leave = () => {
    opened.reject(signal.reason)
    client.terminate()
  }
  signal.addEventListener('abort', leave, { once: true })
  client.once('open', () => {
    const session = new ConsoleSession(createWebSocketStream(client))
    // With the other's sentence, before its stream merely ends.
    client.prependOnceListener('close', (_code: number, why: Buffer) => session.cut(why.toString() || 'The session has ended.'))
    opened.resolve(session)
  })
  client.once('unexpected-response', (_request, response: IncomingMessage) => {
    refusalOf(response, named).then(opened.reject, opened.reject)
  })
  client.on('error', opened.reject)
  try {
    return await opened.promise
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** What the other process says, in its words: they are for the same person. */
const refusalOf = async (response: IncomingMessage, named: string): Promise<Refused> => {
  let text = ''
  for await (const part of response.setEncoding('utf8')) {
    text += part
    if (text.length > REFUSAL) break
  }
  const words = wordsOf(text) ?? `The server at ${named} answers ${response.statusCode} and no console.`
  return new Refused(response.statusCode === 409 ? 'conflict' : 'unavailable', words)
}

const wordsOf = (text: string): string | undefined => {
  try {
    const { faultstring } = JSON.parse(JSON.parse(text).error_message)
    return typeof faultstring === 'string' ? faultstring : undefined
  } catch {
    return undefined
  }
}

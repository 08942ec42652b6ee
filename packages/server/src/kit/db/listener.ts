import pg from 'pg'
import type { Log } from '../log/log.ts'

export interface Listener {
  end(): Promise<void>
}

export interface ListenerOptions {
  readonly session: pg.ClientConfig
  readonly channels: readonly string[]
  readonly log: Log
  onMessage(channel: string, payload: string): void
  /** At the first connection and at every one after: what was told meanwhile is lost, so look. */
  onConnected(): void
  /** Milliseconds between two questions whether the connection is alive. */
  readonly pulse?: number
}

const FIRST = 20
const LONGEST = 2000

/** One LISTEN connection that is made again whenever it breaks. */
export const listen = ({ session, channels, log, onMessage, onConnected, pulse = 10_000 }: ListenerOptions): Listener => {
  let ended = false
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let wait = FIRST

  const later = (call: () => void, after: number) => {
    clearTimeout(timer)
    timer = setTimeout(call, after)
  }

  const broken = (of: pg.Client, e: unknown) => {
    if (client !== of) return
    client = undefined
    void of.end().catch(() => {})
    // A half-open connection would wait for its answer for ever.
    ;(of as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
    if (ended) return
    log.warn({ err: e, channels }, 'the connection that listens to the database broke; making a new one')
    later(open, wait * (0.5 + Math.random()))
    wait = Math.min(wait * 2, LONGEST)
  }

  const open = async () => {
    const mine = new pg.Client(session)
    client = mine
    mine.on('error', e => broken(mine, e))
    mine.on('end', () => broken(mine, new Error('ended by the server')))
    mine.on('notification', m => {
      if (client === mine) onMessage(m.channel, m.payload ?? '')
    })
    try {
      await mine.connect()
      await mine.query(channels.map(c => `listen "${c}"`).join('; '))
    } catch (e) {
      return broken(mine, e)
    }
    if (client !== mine) return
    wait = FIRST
    onConnected()
    const beat = () => {
      if (client !== mine) return
      let answered = false
      mine.query('select 1').then(
        () => {
          answered = true
        },
        () => {},
      )
      later(() => (answered ? beat() : broken(mine, new Error('no answer'))), pulse)
    }
    later(beat, pulse)
  }
  void open()

  return {
    async end() {
      ended = true
      clearTimeout(timer)
      const last = client
      client = undefined
      await last?.end().catch(() => {})
    },
  }
}

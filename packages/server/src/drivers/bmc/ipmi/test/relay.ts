import { createSocket, type Socket } from 'node:dgram'

/** Stands between the driver and a BMC, and keeps from it what a test says. */
export interface Relay {
  readonly port: number
  /** Asked for each answer of the BMC: whether it gets lost. With it all later ones of the same session do. */
  lose: (session: number) => boolean
  /** Nothing goes through. */
  dead: boolean
  stop(): Promise<void>
}

export const relay = async (to: number): Promise<Relay> => {
  const front = createSocket('udp4')
  const behind = new Map<number, Socket>()
  const lost = new Set<number>()
  await new Promise<void>(resolve => front.bind(0, '127.0.0.1', resolve))
  const self: Relay = {
    port: front.address().port,
    lose: () => false,
    dead: false,
    stop: async () => {
      for (const socket of behind.values()) socket.close()
      await new Promise<void>(resolve => void front.close(() => resolve()))
    },
  }
  const socketOf = (session: number): Socket => {
    const known = behind.get(session)
    if (known) return known
    const made = createSocket('udp4').on('error', () => undefined)
    made.on('message', answer => {
      if (self.dead) return
      if (!lost.has(session) && self.lose(session)) lost.add(session)
      if (!lost.has(session)) front.send(answer, session, '127.0.0.1')
    })
    behind.set(session, made)
    return made
  }
  front.on('message', (ask, { port }) => {
    if (!self.dead) socketOf(port).send(ask, to, '127.0.0.1')
  })
  return self
}

import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'

/** A vendor's BMC as SSH shows it: a shell of its own, from which a command leads to the machine's serial console, which echoes. */
export const sshBmc = async (how: {
  readonly user: string
  readonly password: string
  /** The command, and whether it must be typed at the prompt. Null: one is on the console at once. */
  readonly command: string | null
  readonly typed?: boolean
}) => {
  const key = ssh2.utils.generateKeyPairSync('ed25519').private
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error || Array.isArray(parsed)) throw new Error('no key')
  const hostKey = `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`
  const state = { logins: 0, sessions: 0, commands: [] as string[], passwords: 0, refuse: false }
  const serial = (channel: ServerChannel) => {
    state.sessions++
    channel.once('close', () => {
      state.sessions--
    })
    channel.write('machine login: ')
    channel.on('data', (part: Buffer) => channel.write(part))
  }
  const run = (channel: ServerChannel, command: string): void => {
    state.commands.push(command)
    if (command === how.command) {
      serial(channel)
      return
    }
    channel.write(`unknown command: ${command}\r\n`)
    channel.exit(1)
    channel.end()
  }
  const clients = new Set<{ end(): unknown }>()
  const server = new ssh2.Server({ hostKeys: [key] }, client => {
    clients.add(client)
    client.on('close', () => void clients.delete(client))
    client.on('error', () => undefined)
    client.on('authentication', context => {
      if (context.method !== 'password') return context.reject(['password'])
      state.passwords++
      if (context.username === how.user && context.password === how.password) return context.accept()
      return context.reject(['password'])
    })
    client.on('ready', () => {
      state.logins++
      client.on('session', accept => {
        const session = accept()
        session.on('pty', accept => accept?.())
        session.on('exec', (accept, reject, { command }) =>
          how.typed || how.command === null || state.refuse ? reject() : run(accept(), command),
        )
        session.on('shell', (accept, reject) => {
          if (state.refuse) return reject()
          const channel = accept()
          if (how.command === null) return serial(channel)
          channel.write('->')
          let line = ''
          const read = (part: Buffer) => {
            line += part.toString()
            if (!/[\r\n]/.test(line)) return
            channel.off('data', read)
            run(channel, line.trim())
          }
          channel.on('data', read)
          return
        })
      })
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      for (const client of clients) client.end()
    })
  return { port, hostKey, state, stop }
}

import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel, ConnectConfig } from 'ssh2'
import { abortError } from '../device/abort.ts'
import { terminal } from '../device/terminal.ts'
import { BmcError, type Call } from '../driver.ts'
import { unsupported } from './faults.ts'
import { type Machine, related } from './machine.ts'
import { at, link, num, type Resource, str, strings } from './resource.ts'
import type { Target } from './settings.ts'

/** How the serial console of a machine is reached by SSH. */
interface Way {
  readonly port: number
  /** What leads from the BMC's shell to the console; null where one is in it at once. */
  readonly command: string | null
  /** Whether the command is given with the request for a channel, or typed once the BMC shows a prompt. */
  readonly typed: boolean
}

/** ComputerSystem.SerialConsole (newer), or Manager.SerialConsole with the port of the manager's SSH. */
const way = async (m: Machine, target: Target): Promise<Way> => {
  const { origin } = m.link.target
  const own = at(m.system.body, 'SerialConsole', 'SSH')
  if (own !== undefined) {
    if (at(own, 'ServiceEnabled') === false)
      throw new BmcError('refused', `The BMC at ${origin} has its serial console over SSH switched off. Switch it on there.`)
    const entry = str(own, 'ConsoleEntryCommand')
    const shell = at(own, 'SharedWithManagerCLI') !== false
    const known = m.quirks.console
    // Where it must be typed, what the BMC names may be several commands in one line: one that is known to do is better.
    const typed = known?.typed === true && shell
    const command = typed ? known.command : (entry ?? (shell ? (known?.command ?? null) : null))
    return { port: target.sshPort ?? num(own, 'Port') ?? 22, command, typed }
  }
  const [manager] = await related(m, 'Managers')
  const console = at(manager?.body, 'SerialConsole')
  const offered = strings(console, 'ConnectTypesSupported')
  const known = m.quirks.console
  if (manager === undefined || !known || (offered.length > 0 && !offered.includes('SSH')))
    throw unsupported(origin, 'tells of no serial console over SSH')
  if (at(console, 'ServiceEnabled') === false)
    throw new BmcError('refused', `The BMC at ${origin} has its serial console switched off. Switch it on there.`)
  return { port: target.sshPort ?? (await portOf(m, manager)) ?? 22, command: known.command, typed: known.typed === true }
}

const portOf = async (m: Machine, manager: Resource): Promise<number | null> =>
  num((await m.link.find(link(manager.body, 'NetworkProtocol'), m.call))?.body, 'SSH', 'Port')

/** For machines that speak nothing newer; only where the settings say `redfish_tls: legacy`. */
const OLD = {
  kex: { append: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1', 'diffie-hellman-group1-sha1'] },
  serverHostKey: { append: ['ssh-rsa', 'ssh-dss'] },
  cipher: { append: ['aes128-cbc', 'aes256-cbc', '3des-cbc'] },
  hmac: { append: ['hmac-sha1'] },
} as const

export const openConsole = async (m: Machine, target: Target): Promise<Duplex> => {
  const { port, command, typed } = await way(m, target)
  const connection = await connect(target, port, m.call, m.link.options.limits.connect)
  try {
    await m.call.before()
    if (m.call.signal.aborted) throw abortError(m.call.signal)
    const channel = await open(connection, command === null || typed ? null : command)
    // At the BMC's own prompt, which is the first thing that it says; what the caller types comes after it.
    if (typed && command !== null) {
      await prompt(channel, m.call, m.link.options.limits.connect)
      channel.write(`${command}\r`)
    }
    const leave = () => {
      channel.close()
      connection.end()
      // A BMC that does not say goodbye is left all the same.
      setTimeout(() => connection.destroy(), 2000).unref()
    }
    return terminal({ output: channel, input: channel, leave, carrier: ended => void connection.once('close', ended) })
  } catch (error) {
    connection.destroy()
    if (error instanceof BmcError || (error as Error).name === 'AbortError' || m.call.signal.aborted) throw error
    if (!(error as { level?: unknown }).level && !/channel|exec|shell/i.test((error as Error).message)) throw error
    throw new BmcError('refused', `The BMC at ${target.origin} did not open its console: ${plain(error)}. Somebody else may have it.`, {
      cause: error,
    })
  }
}

const open = (connection: Client, command: string | null): Promise<ClientChannel> =>
  new Promise((resolve, reject) => {
    const opened = (error: Error | undefined, channel: ClientChannel) => (error ? reject(error) : resolve(channel))
    const pty = { term: 'vt100', cols: 80, rows: 24 }
    if (command === null) connection.shell(pty, opened)
    else connection.exec(command, { pty }, opened)
  })

/** Waits until the shell says something. */
const prompt = (channel: ClientChannel, call: Call, limit: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const over = (done: () => void) => () => {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', left)
      channel.off('readable', ready)
      done()
    }
    const ready = over(resolve)
    const left = over(() => reject(abortError(call.signal)))
    // Some say nothing and take commands all the same.
    const timer = setTimeout(ready, limit)
    channel.once('readable', ready)
    call.signal.addEventListener('abort', left, { once: true })
  })

const connect = async (target: Target, port: number, call: Call, limit: number): Promise<Client> => {
  // Needed by few, and large.
  const { default: ssh2 } = await import('ssh2')
  const connection = new ssh2.Client()
  const where = `${new URL(target.origin).hostname.replace(/^\[|\]$/g, '')}`
  let shown = ''
  const settings: ConnectConfig = {
    host: where,
    port,
    username: target.username ?? '',
    password: target.password,
    tryKeyboard: true,
    readyTimeout: limit * 2,
    keepaliveInterval: 30_000,
    keepaliveCountMax: 3,
    hostVerifier: (key: Buffer) => {
      shown = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
      return target.hostKey === shown || (target.hostKey === null && target.trust.by === 'nothing')
    },
    ...(target.legacy ? { algorithms: OLD as unknown as NonNullable<ConnectConfig['algorithms']> } : {}),
  }
  connection.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => target.password)))
  const name = `${where}:${port}`
  return await new Promise<Client>((resolve, reject) => {
    const leave = () => {
      connection.destroy()
      reject(abortError(call.signal))
    }
    if (call.signal.aborted) return leave()
    call.signal.addEventListener('abort', leave, { once: true })
    const over = () => call.signal.removeEventListener('abort', leave)
    connection.once('ready', () => {
      over()
      connection.setNoDelay(true)
      resolve(connection)
    })
    connection.on('error', error => {
      over()
      connection.destroy()
      reject(call.signal.aborted ? abortError(call.signal) : why(error, name, shown, target))
    })
    connection.connect(settings)
  })
}

const why = (error: Error & { level?: string; code?: string }, name: string, shown: string, target: Target): BmcError => {
  if (shown !== '' && target.hostKey !== shown && !(target.hostKey === null && target.trust.by === 'nothing'))
    return new BmcError(
      'certificate',
      target.hostKey === null
        ? `The BMC's SSH at ${name} shows the host key ${shown}, and nobody has said whether that is right. If it is, set redfish_ssh_fingerprint to it.`
        : `The BMC's SSH at ${name} shows the host key ${shown}, and not the one of redfish_ssh_fingerprint. If it was replaced on purpose, set redfish_ssh_fingerprint to it.`,
    )
  if (error.level === 'client-authentication')
    return new BmcError(
      'credentials',
      `The BMC's SSH at ${name} refuses the user name or the password that its Redfish takes. Allow the account to log in by SSH.`,
    )
  if (/no matching/i.test(error.message))
    return new BmcError(
      'certificate',
      `The BMC's SSH at ${name} knows only weak encryption (${plain(error)}). Update it, or allow that for this machine by redfish_tls: legacy.`,
    )
  return new BmcError(
    'unreachable',
    `The BMC's SSH at ${name} cannot be reached: ${error.code ?? plain(error)}. Check that SSH is switched on there.`,
    {
      cause: error,
    },
  )
}

const plain = (error: unknown): string => (error as Error).message.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 200)

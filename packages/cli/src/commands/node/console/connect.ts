import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { type Command, type Face, UsageError } from '../../../command.ts'
import { addressOf } from './address.ts'

const ESCAPE = '^]'

export const connect: Command = {
  brief: "sit at a node's serial console",
  doc: `Every key goes to the machine, but for Ctrl-], which leaves; --escape names another. From a pipe or a file each line is typed with Enter after it, and then the machine is listened to until the console ends or is interrupted. The exit status is 0 after leaving, and 1 where the console was not to be had or was cut, with the reason.`,
  args: [{ name: 'node', doc: 'the node, by UUID or name' }],
  options: {
    enable: { doc: 'switch the console on if it is off; it stays on' },
    escape: { doc: `the key that leaves: ${ESCAPE} is Ctrl-], ^X Ctrl-X and so on; none: all keys are the machine's`, values: ['key'] },
    log: { doc: 'write what the machine prints to this file as well, after what is in it', values: ['file'] },
  },
  examples: [
    'esi node console connect node-1 --enable',
    'esi node console connect node-1 --log node-1.txt < /dev/null',
    'echo uptime | timeout 10 esi node console connect node-1',
  ],
  async run(face, given) {
    const node = given.arg('node')
    const leaves = leavingKey(given.one('escape') ?? ESCAPE)
    const log = given.has('log') ? await logTo(face, given.one('log')!) : undefined
    try {
      const address = await addressOf(face, node, given.has('enable'))
      const [{ openSocket }, { talk }] = await Promise.all([import('./socket.ts'), import('./talk.ts')])
      const { cloud } = await face.session()
      face.progress(`Connecting to the console of ${node} …`)
      const socket = await openSocket(address, cloud.verify, face.signal)
      face.progress(
        `This is the console of ${node}.${leaves === undefined || !face.line.keys.isTTY ? '' : ` ${keyName(leaves)} leaves it.`}`,
      )
      const end = await talk(socket, { ...face.line, log, signal: face.signal, leaves })
      face.signal.throwIfAborted()
      if (end.by === 'them') throw new Error(`\nThe console of ${node} has ended: ${end.why}`)
      face.progress(`\nThis was the console of ${node}; whatever runs there goes on.`)
      return undefined
    } finally {
      if (log) await closed(log)
    }
  },
}

/** `^]`, `^X` or `none`. */
const leavingKey = (text: string): number | undefined => {
  if (text === 'none') return undefined
  const letter = /^\^([A-Za-z@[\\\]^_])$/.exec(text)?.[1]
  if (letter === undefined) throw new UsageError(`--escape must be like ^] or ^X, for a key pressed with Ctrl, or none, not "${text}".`)
  return letter.toUpperCase().charCodeAt(0) - 64
}
const keyName = (code: number): string => `Ctrl-${String.fromCharCode(code + 64)}`

/** Only its owner may read it: people type passwords at consoles, and machines print them. */
const logTo = async (face: Face, file: string): Promise<WriteStream> => {
  const log = createWriteStream(file, { flags: 'a', mode: 0o600 })
  try {
    await once(log, 'open')
  } catch (error) {
    throw new UsageError(`--log: ${(error as Error).message}`)
  }
  log.on('error', error => face.warn(`${file} is not written any further: ${error.message}`))
  return log
}

const closed = (log: WriteStream): Promise<void> => new Promise(resolve => (log.destroyed ? resolve() : log.end(() => resolve())))

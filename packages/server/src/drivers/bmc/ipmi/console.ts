import type { Duplex } from 'node:stream'
import { abortError } from '../device/abort.ts'
import { terminal } from '../device/terminal.ts'
import { BmcError, type Call } from '../driver.ts'
import { sessionFault } from './faults.ts'
import type { Link } from './link.ts'
import { lineOf, start } from './run.ts'

/** What begins a command to ipmitool itself, at the start of a line: a byte that nobody types. */
const ESCAPE = '\x1c'
const READY = /\[SOL Session operational\.[^\]]*\]\r?\n/
/** Milliseconds until the session must stand. */
const LIMIT = 30_000

/** The serial console by Serial over LAN (IPMI 2.0, 15), as a run of ipmitool. */
export const openConsole = async (link: Link, call: Call): Promise<Duplex> => {
  const { target, options } = link
  if (target.interface !== 'lanplus')
    throw new BmcError('unsupported', 'There is no serial console with version 1.5 of IPMI. Set ipmi_protocol_version to 2.0.')
  // Proves address and password by a short command, and settles on a cipher suite.
  const suite = await link.suite(call)
  await call.before()
  if (call.signal.aborted) throw abortError(call.signal)
  // Into a pipe it would print only what fills a buffer.
  const line = ['stdbuf', '-o0', ...lineOf(options, target, suite, ['-e', ESCAPE], ['sol', 'activate'])]
  const child = start(target, line, undefined, true)
  const kill = () => void child.kill('SIGKILL')
  let heard = ''
  let complaint = ''
  child.stderr!.on('data', (part: Buffer) => {
    if (complaint.length < 4000) complaint += part.toString('utf8')
  })
  const early = await new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(kill, LIMIT)
    const over = () => {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', kill)
    }
    call.signal.addEventListener('abort', kill, { once: true })
    child.once('error', error => {
      over()
      reject(
        new BmcError(
          'settings',
          'The server has no stdbuf, which consoles of IPMI BMCs need. Install it there: apt-get install coreutils.',
          { cause: error },
        ),
      )
    })
    const ended = (status: number | null) => {
      over()
      if (call.signal.aborted) return reject(abortError(call.signal))
      reject(why(link, heard + complaint, status))
    }
    child.once('close', ended)
    const read = (part: Buffer) => {
      heard += part.toString('latin1')
      const ready = READY.exec(heard)
      if (!ready) return
      over()
      child.stdout!.off('data', read)
      child.stdout!.pause()
      child.off('close', ended)
      resolve(Buffer.from(heard.slice(ready.index + ready[0].length), 'latin1'))
    }
    child.stdout!.on('data', read)
  })
  const leave = () => {
    kill()
    // A run that is cut leaves its session to run out; others would find the console taken until then.
    void end(link)
  }
  return terminal({ output: child.stdout!, input: child.stdin!, leave, early })
}

const end = async (link: Link): Promise<void> => {
  const call = { signal: AbortSignal.timeout(15_000), before: async () => undefined }
  await link.set('end of the console', ['sol', 'deactivate'], call).catch(() => undefined)
}

const why = ({ target }: Link, text: string, status: number | null): BmcError => {
  if (/already active/i.test(text))
    return new BmcError('busy', `Somebody else has the serial console of the BMC at ${target.name}. Try again when they have left it.`)
  if (/SOL.*(disabled|not supported)|payload.*disabled|Invalid command/i.test(text))
    return new BmcError('unsupported', `The BMC at ${target.name} has no serial console over the network, or has it switched off.`)
  const fault = sessionFault(target, { status, out: '', err: text, late: false })
  return fault ?? new BmcError('unreachable', `The serial console of the BMC at ${target.name} did not come about. Try again.`)
}

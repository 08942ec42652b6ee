import { spawn } from 'node:child_process'
import { abortError } from '../device/abort.ts'
import { BmcError } from '../driver.ts'
import type { Ended } from './faults.ts'
import type { Options } from './options.ts'
import type { Target } from './settings.ts'

/** Reads the key Kg, any bytes, from a pipe into the environment: on the command line everybody could read it. */
const WITH_KG = 'k=$(cat <&3; echo x); IPMI_KGKEY=${k%x}; export IPMI_KGKEY; exec "$@"'

/** One run of ipmitool. Secrets go by its environment, which only its own user can read. */
export const run = async (
  options: Options,
  target: Target,
  cipher: number,
  words: readonly string[],
  how: { readonly signal: AbortSignal; readonly limit: number; readonly verbose: boolean },
): Promise<Ended> => {
  const { signal, limit, verbose } = how
  if (signal.aborted) throw abortError(signal)
  const line = [
    options.program,
    ...['-I', target.interface, '-H', target.host, '-p', String(target.port), '-U', target.username, '-L', target.privilege, '-E'],
    ...(target.interface === 'lanplus' ? ['-C', String(cipher)] : []),
    ...(target.kg ? ['-K'] : []),
    // For the session; a raw command is sent once.
    ...['-N', '2', '-R', '2'],
    ...(verbose ? ['-v'] : []),
    ...words,
  ]
  const [program, ...args] = target.kg ? ['/bin/sh', '-c', WITH_KG, 'sh', ...line] : line
  const child = spawn(program!, args, {
    stdio: ['ignore', 'pipe', 'pipe', target.kg ? 'pipe' : 'ignore'],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', IPMITOOL_PASSWORD: target.password },
  })
  const text = { out: '', err: '' }
  let much = false
  let late = false
  const kill = () => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    late = true
    kill()
  }, limit)
  signal.addEventListener('abort', kill, { once: true })
  const keep = (into: 'out' | 'err') => (chunk: Buffer) => {
    if (text.out.length + text.err.length + chunk.length <= options.limits.output) text[into] += chunk.toString('utf8')
    else {
      much = true
      kill()
    }
  }
  child.stdout?.on('data', keep('out'))
  child.stderr?.on('data', keep('err'))
  const pipe = child.stdio[3]
  if (target.kg && pipe && 'end' in pipe) pipe.on('error', () => undefined).end(target.kg)
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', error => reject(unable(options, error)))
      child.on('close', resolve)
    })
    if (signal.aborted) throw abortError(signal)
    if (much)
      throw new BmcError('garbled', `The BMC at ${target.name} sends more than makes sense, so it was cut off. Reset it if that stays so.`)
    return { status, ...text, late }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  }
}

const unable = (options: Options, error: NodeJS.ErrnoException): BmcError => {
  if (error.code === 'ENOENT')
    return new BmcError(
      'settings',
      `The server has no ${options.program}, which reaches IPMI BMCs. Install it there: apt-get install ipmitool.`,
    )
  return new BmcError('busy', `The server could not run ${options.program} (${error.code ?? error.name}). Try again later.`, {
    cause: error,
  })
}

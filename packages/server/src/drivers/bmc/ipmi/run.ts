import { type ChildProcess, spawn } from 'node:child_process'
import { abortError } from '../device/abort.ts'
import { BmcError } from '../driver.ts'
import type { Ended } from './faults.ts'
import type { Options } from './options.ts'
import type { Target } from './settings.ts'

/** Reads the key Kg, any bytes, from a pipe into the environment: on the command line everybody could read it. */
const WITH_KG = 'k=$(cat <&3; echo x); IPMI_KGKEY=${k%x}; export IPMI_KGKEY; '
/** Puts a line of its own language on its standard input, which must be something that can be opened. */
const WITH_INPUT = 'w=$(cat <&4); exec "$@" <<E\n$w\nE'

/** The words of a run: how the BMC is reached, and what is asked of it. Nothing of it is secret. */
export const lineOf = (
  options: Options,
  target: Target,
  cipher: number,
  more: readonly string[],
  words: readonly string[],
): readonly string[] => [
  options.program,
  ...['-I', target.interface, '-H', target.host, '-p', String(target.port), '-U', target.username, '-L', target.privilege, '-E'],
  ...(target.interface === 'lanplus' ? ['-C', String(cipher)] : []),
  ...(target.kg ? ['-K'] : []),
  // For the session; a raw command is sent once.
  ...['-N', '2', '-R', '2'],
  ...more,
  ...words,
]

/** A process that runs such a line, given its secrets. `talks`: what is written to it is its standard input. */
export const start = (target: Target, line: readonly string[], input?: string, talks = false): ChildProcess => {
  const shell = `${target.kg ? WITH_KG : ''}${input === undefined ? 'exec "$@"' : WITH_INPUT}`
  const [program, ...args] = target.kg || input !== undefined ? ['/bin/sh', '-c', shell, 'sh', ...line] : line
  const piped = (yes: boolean) => (yes ? 'pipe' : 'ignore')
  const child = spawn(program!, args, {
    stdio: [piped(talks), 'pipe', 'pipe', piped(target.kg !== null), piped(input !== undefined)],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', IPMITOOL_PASSWORD: target.password },
  })
  for (const [n, told] of [
    [3, target.kg],
    [4, input],
  ] as const) {
    const pipe = child.stdio[n]
    if (told && pipe && 'end' in pipe) pipe.on('error', () => undefined).end(told)
  }
  return child
}

/** One run of ipmitool. Secrets go by its environment, which only its own user can read. */
export const run = async (
  options: Options,
  target: Target,
  cipher: number,
  words: readonly string[],
  how: {
    readonly signal: AbortSignal
    readonly limit: number
    readonly verbose: boolean
    /** A line for `exec /dev/stdin`: what no command line may show. */
    readonly input?: string
  },
): Promise<Ended> => {
  const { signal, limit, verbose, input } = how
  if (signal.aborted) throw abortError(signal)
  const line = lineOf(options, target, cipher, verbose ? ['-v'] : [], words)
  const child = start(target, line, input)
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

import { main } from './main.ts'

/** The command line of this process. */
export const runHere = async (): Promise<void> => {
  const interrupted = new AbortController()
  process.on('SIGINT', () => {
    if (interrupted.signal.aborted) process.exit(130)
    interrupted.abort(new Error('interrupted'))
  })
  // A pipe that is closed early (`| head`) is no error.
  process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? 0 : 1))
  const status = await main(process.argv.slice(2), {
    out: text => void process.stdout.write(text),
    err: text => void process.stderr.write(text),
    width: process.stdout.isTTY ? (process.stdout.columns ?? 0) : 0,
    attended: process.stderr.isTTY === true,
    environment: process.env,
    signal: interrupted.signal,
    get keys() {
      return process.stdin
    },
    screen: process.stdout,
  })
  process.exitCode = interrupted.signal.aborted && status !== 0 ? 130 : status
}

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { clientEnvironment, PYTHON } from '../../tools/debian.ts'

export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The openstack client, ready to run commands one after another. */
export interface Client {
  /** `refused`: it is expected to be refused, and need not be patient. */
  run(argv: readonly string[], refused: boolean): Promise<Answer>
  end(): Promise<void>
}

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url))

export const startClient = (clouds: string): Client => {
  const child = spawn(PYTHON, [DRIVER], {
    env: clientEnvironment({ OS_CLIENT_CONFIG_FILE: clouds, PYTHONWARNINGS: 'ignore', LC_ALL: 'C.UTF-8' }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data))
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run(argv, refused) {
      child.stdin.write(`${JSON.stringify({ argv, refused })}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`The openstack client ended:\n${said}`)
      return JSON.parse(value)
    },
    async end() {
      child.stdin.end()
      await ended
    },
  }
}

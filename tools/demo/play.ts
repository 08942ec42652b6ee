import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../packages/cli/bin/esi.mjs', import.meta.url))

export interface Result {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** A step of the story that did not go as told. */
export class Differs extends Error {}

/** Plays commands as one of the people would type them: shows the command, then what it printed. */
export class Stage {
  readonly #environment: NodeJS.ProcessEnv
  readonly #write: (text: string) => void
  constructor(clouds: string, write: (text: string) => void) {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_')))
    this.#environment = { ...inherited, OS_CLIENT_CONFIG_FILE: clouds }
    this.#write = write
  }

  title(text: string): void {
    this.#write(`\n\u001b[1m# ${text}\u001b[0m\n`)
  }

  /** The command as `cloud`, shown with its output. */
  async play(cloud: string, ...words: string[]): Promise<Result> {
    this.#write(`\n\u001b[36m${cloud}$ esi ${words.map(quote).join(' ')}\u001b[0m\n`)
    const result = await this.run(cloud, ...words)
    this.#write(result.out + result.err)
    return result
  }

  /** The command without showing it: what the story itself needs to know. */
  run(cloud: string, ...words: string[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...words], {
        env: { ...this.#environment, OS_CLOUD: cloud },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let out = ''
      let err = ''
      child.stdout.on('data', (part: Buffer) => (out += part))
      child.stderr.on('data', (part: Buffer) => (err += part))
      child.once('error', reject)
      child.once('close', status => resolve({ status: status ?? 1, out, err }))
    })
  }

  async json(cloud: string, ...words: string[]): Promise<any> {
    const { status, out, err } = await this.run(cloud, ...words, '-f', 'json')
    if (status !== 0) throw new Differs(`"esi ${words.join(' ')}" as ${cloud} failed: ${err.trim()}`)
    return JSON.parse(out)
  }

  /** Looks until it is so. */
  async until(what: string, look: () => Promise<boolean>, seconds = 60): Promise<void> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise(resolve => setTimeout(resolve, 300)))
      if (await look()) return
    throw new Differs(`${what}: not after ${seconds} s`)
  }
}

export const expect = (what: string, so: boolean): void => {
  if (!so) throw new Differs(what)
}

const quote = (word: string): string => (/^[\w.,:/=+-]+$/.test(word) ? word : `'${word}'`)

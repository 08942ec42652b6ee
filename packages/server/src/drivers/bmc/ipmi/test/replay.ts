import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What ipmitool printed once: for the words that end a command line. */
export interface Line {
  readonly on: string
  readonly out?: string
  readonly err?: string
  readonly status?: number
  /** Only with this cipher suite. */
  readonly cipher?: string
  /** It never ends. */
  readonly hangs?: boolean
}

export interface Asked {
  readonly args: readonly string[]
  readonly words: string
  readonly environment: Readonly<Record<string, string>>
  /** The key Kg as the tool got it, in hexadecimal digits. */
  readonly kg: string | null
}

/** Reads the environment from the kernel, since Node would read bytes that are no UTF-8 as something else. */
const PROGRAM = (node: string, folder: string): string => `#!${node}
const { appendFileSync, readFileSync } = require('node:fs')
const args = process.argv.slice(2)
const raw = readFileSync('/proc/self/environ').toString('latin1').split('\\0')
const kg = raw.find(pair => pair.startsWith('IPMI_KGKEY='))
const asked = { args, environment: { ...process.env }, kg: kg === undefined ? null : Buffer.from(kg.slice(11), 'latin1').toString('hex') }
appendFileSync(${JSON.stringify(join(folder, 'asked'))}, JSON.stringify(asked) + '\\n')
const lines = JSON.parse(readFileSync(${JSON.stringify(join(folder, 'lines'))}, 'utf8'))
const cipher = args[args.indexOf('-C') + 1]
const line = lines.find(each => args.join(' ').endsWith(each.on) && (each.cipher === undefined || each.cipher === cipher))
if (!line) {
  process.stderr.write('nothing was recorded for ' + args.join(' '))
  process.exit(99)
}
process.stdout.write(line.out ?? '')
process.stderr.write(line.err ?? '')
if (line.hangs) setInterval(() => undefined, 1000)
else process.exitCode = line.status ?? 0
`

/** A program in ipmitool's place that repeats what was recorded. */
export class Replay {
  readonly program: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'esi-replay-'))

  constructor(lines: readonly Line[]) {
    this.program = join(this.#folder, 'ipmitool')
    writeFileSync(this.program, PROGRAM(process.execPath, this.#folder))
    chmodSync(this.program, 0o700)
    writeFileSync(join(this.#folder, 'asked'), '')
    this.record(lines)
  }

  record(lines: readonly Line[]): void {
    writeFileSync(join(this.#folder, 'lines'), JSON.stringify(lines))
  }

  get asked(): readonly Asked[] {
    return readFileSync(join(this.#folder, 'asked'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const asked = JSON.parse(line) as Omit<Asked, 'words'>
        const at = asked.args.indexOf('-R') + 2
        return {
          ...asked,
          words: asked.args
            .slice(at)
            .filter(word => word !== '-v')
            .join(' '),
        }
      })
  }

  /** The words of all commands so far. */
  get words(): readonly string[] {
    return this.asked.map(asked => asked.words)
  }

  end(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

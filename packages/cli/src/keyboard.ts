import { type Asking, type Keys, UsageError } from './command.ts'

/** Asks a person, or reads answers from a pipe, line by line. */
export class Keyboard implements Asking {
  readonly #keys: Keys
  readonly #show: (text: string) => void
  /** What came in advance. */
  #rest = ''
  #ended = false

  constructor(keys: Keys, show: (text: string) => void) {
    this.#keys = keys
    this.#show = show
  }

  async ask(question: string, option: string, secret = false): Promise<string> {
    this.#show(question)
    const raw = secret && this.#keys.isTTY === true
    if (raw) this.#keys.setRawMode?.(true)
    try {
      const line = await this.#line()
      if (line === null) throw new UsageError(`There is nobody to ask. Give it with ${option}.`)
      return line
    } finally {
      if (raw) this.#keys.setRawMode?.(false)
      // What a person types is on the screen already, with the end of its line.
      if (raw || this.#keys.isTTY !== true) this.#show('\n')
      this.#keys.pause()
    }
  }

  async confirm(question: string, option: string): Promise<boolean> {
    return /^(y|yes)$/i.test((await this.ask(`${question} [y/N] `, option)).trim())
  }

  #line(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const take = (): boolean => {
        const end = /[\r\n\u0003\u0004]/.exec(this.#rest)
        if (!end) return false
        const line = this.#rest.slice(0, end.index)
        const skip = this.#rest.startsWith('\r\n', end.index) ? 2 : 1
        this.#rest = this.#rest.slice(end.index + skip)
        // Without the terminal's own care these are characters like others.
        settle(() =>
          end[0] === '\u0003' ? reject(new UsageError('interrupted')) : resolve(end[0] === '\u0004' && line === '' ? null : edited(line)),
        )
        return true
      }
      const onData = (chunk: Buffer | string) => {
        this.#rest += String(chunk)
        take()
      }
      const onEnd = () => {
        this.#ended = true
        const line = this.#rest
        this.#rest = ''
        settle(() => resolve(line === '' ? null : line))
      }
      const settle = (call: () => void) => {
        this.#keys.off('data', onData)
        this.#keys.off('end', onEnd)
        call()
      }
      if (take()) return
      if (this.#ended) return onEnd()
      this.#keys.on('data', onData)
      this.#keys.on('end', onEnd)
      this.#keys.resume()
    })
  }
}

/** What is left of a line after its backspaces. */
const edited = (line: string): string => {
  const out: string[] = []
  for (const char of line)
    if (char === '\u007f' || char === '\b') out.pop()
    else out.push(char)
  return out.join('')
}

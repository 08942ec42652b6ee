import { Duplex } from 'node:stream'

/**
 * A console that somebody has: bytes pass between the client and the machine, and nothing of them is kept. `cut` ends it with a
 * sentence for whoever sits there.
 */
export class ConsoleSession extends Duplex {
  readonly #machine: Duplex

  constructor(machine: Duplex) {
    super()
    this.#machine = machine
    machine.on('data', part => {
      if (!this.push(part)) machine.pause()
    })
    machine.on('error', () => this.cut('The connection to the machine broke.'))
    machine.once('end', () => this.cut('The BMC has ended the console.'))
  }

  cut(why: string): void {
    this.destroy(new Error(why))
  }

  override _read(): void {
    this.#machine.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#machine.write(chunk, encoding, () => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#machine.destroy()
    done(error)
  }
}

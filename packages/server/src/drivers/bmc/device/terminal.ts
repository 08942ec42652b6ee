import { Duplex, type Readable, type Writable } from 'node:stream'

/** What leads to a console: what it prints, what types on it, and how it is let go of. */
interface Ends {
  readonly output: Readable
  readonly input: Writable
  /** Called once, however it ends. */
  readonly leave: () => void
  /** Calls it back when whatever carries it has ended. */
  readonly carrier?: (ended: () => void) => void
  /** What it has printed before. */
  readonly early?: Buffer
}

/** Both directions as one stream, read no faster than it is taken; destroying it lets go of the console. */
export const terminal = ({ output, input, leave, early, carrier }: Ends): Duplex => {
  const stream = new Duplex({
    read: () => void output.resume(),
    write: (chunk: Buffer, _, done) => void (input.writable ? input.write(chunk, () => done()) : done()),
    destroy(error, done) {
      leave()
      done(error)
    },
  })
  input.on('error', () => undefined)
  if (early && early.length > 0) stream.push(early)
  output.on('data', (part: Buffer) => {
    if (!stream.push(part)) output.pause()
  })
  const over = () => void (stream.readableEnded || stream.destroyed || stream.push(null))
  output.once('end', over)
  output.once('close', over)
  carrier?.(over)
  return stream
}

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { END_OF_ROWS, type Manifest } from './write.ts'

/** One table of a backup: its rows must be read, and then how many they must have been, before the next one is asked for. */
export interface Section {
  readonly table: string
  readonly rows: AsyncIterable<Buffer>
  readonly count: () => Promise<number>
}

export interface Backup {
  readonly manifest: Manifest
  /** Every table in the order of the file. At the end the whole file is proven, or it throws: use nothing before. */
  readonly sections: AsyncIterable<Section>
}

/** Opens a backup. Throws a sentence if it is none, or is cut off or damaged; some of that only shows at its end. */
export const openBackup = async (file: string): Promise<Backup> => {
  const lines = new Lines(file)
  const manifest = (await lines.record()) as Manifest
  if (manifest.esi !== 'backup') throw new Error(`${file} is no backup of ours.`)
  if (manifest.format !== 1) throw new Error(`${file} has the format ${String(manifest.format)}, which this version does not know.`)
  return { manifest, sections: sections(lines, manifest) }
}

async function* sections(lines: Lines, manifest: Manifest): AsyncGenerator<Section> {
  for (const { name } of manifest.tables) {
    const head = (await lines.record()) as { table?: string }
    if (head.table !== name) throw lines.damaged(`there is ${String(head.table)} where ${name} should be`)
    let count: Promise<number> | undefined
    yield {
      table: name,
      rows: lines.rows(),
      count: () => (count ??= lines.record().then(record => (record as { rows: number }).rows)),
    }
    await count
  }
  await lines.end()
}

/** Reads the file to its end: whether it is whole. Gives the rows by table. */
export const proveBackup = async (file: string): Promise<{ manifest: Manifest; rows: ReadonlyMap<string, number> }> => {
  const { manifest, sections: all } = await openBackup(file)
  const rows = new Map<string, number>()
  for await (const section of all) {
    const seen = await countLines(section.rows)
    const count = await section.count()
    if (seen !== count) throw new Error(`${file} is damaged: ${section.table} has ${seen} rows, and should have ${count}.`)
    rows.set(section.table, seen)
  }
  return { manifest, rows }
}

const countLines = async (rows: AsyncIterable<Buffer>): Promise<number> => {
  let n = 0
  for await (const chunk of rows) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) n++
  return n
}

const END = Buffer.from(END_OF_ROWS)
const AFTER_ROWS = Buffer.from(`\n${END_OF_ROWS}`)

class Lines {
  readonly #file: string
  readonly #chunks: AsyncIterator<Buffer>
  readonly #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)

  constructor(file: string) {
    this.#file = file
    const plain = createGunzip()
    // Its end is told to whoever reads.
    pipeline(createReadStream(file), plain, () => {})
    this.#chunks = plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  damaged(how: string): Error {
    return new Error(`${this.#file} is damaged: ${how}.`)
  }

  async #more(): Promise<void> {
    let next: IteratorResult<Buffer>
    try {
      next = await this.#chunks.next()
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException
      if (code === 'ENOENT') throw new Error(`There is no ${this.#file}.`)
      throw this.damaged(code === 'Z_BUF_ERROR' ? 'it is cut off' : (e as Error).message)
    }
    if (next.done) throw this.damaged('it is cut off')
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value])
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  async #line(): Promise<Buffer> {
    for (;;) {
      const at = this.#rest.indexOf(10)
      if (at >= 0) return this.#take(at + 1)
      await this.#more()
    }
  }

  async record(): Promise<unknown> {
    const line = await this.#line()
    this.#hash.update(line)
    return this.#parse(line)
  }

  #parse(line: Buffer): unknown {
    try {
      return JSON.parse(line.toString())
    } catch {
      throw this.damaged('a line is not what it should be')
    }
  }

  /** COPY text up to the line that ends it; no row can look like that line. */
  async *rows(): AsyncGenerator<Buffer> {
    while (this.#rest.length < END.length) await this.#more()
    if (this.#rest.subarray(0, END.length).equals(END)) {
      this.#hash.update(this.#take(END.length))
      return
    }
    for (;;) {
      const at = this.#rest.indexOf(AFTER_ROWS)
      // What may be the beginning of the end waits for what follows.
      const taken = this.#take(at >= 0 ? at + 1 : Math.max(0, this.#rest.length - AFTER_ROWS.length + 1))
      this.#hash.update(taken)
      if (taken.length > 0) yield taken
      if (at >= 0) {
        this.#hash.update(this.#take(END.length))
        return
      }
      await this.#more()
    }
  }

  async end(): Promise<void> {
    const hash = this.#hash.digest('hex')
    const last = this.#parse(await this.#line()) as { end?: boolean; sha256?: string }
    if (last.end !== true || last.sha256 !== hash) throw this.damaged('its content does not have the hash that it should have')
  }
}

/** MessagePack, as far as tokens need it: whole and real numbers, text, bytes, booleans, nil and lists. */
export type Packed = number | string | boolean | null | Uint8Array | readonly Packed[]

/** What `pack` was given to write but cannot, or `unpack` to read and is none. */
export class Unpackable extends Error {}

export const pack = (value: Packed): Buffer => {
  const parts: Buffer[] = []
  write(value, parts)
  return Buffer.concat(parts)
}

const head = (
  parts: Buffer[],
  size: number,
  short: { mark: number; most: number } | undefined,
  marks: readonly [number | undefined, number],
): void => {
  if (short && size <= short.most) parts.push(Buffer.of(short.mark | size))
  else if (marks[0] !== undefined && size < 0x100) parts.push(Buffer.of(marks[0], size))
  else if (size < 0x10000) parts.push(Buffer.of(marks[1], size >> 8, size & 0xff))
  else throw new Unpackable('too long')
}

const write = (value: Packed, parts: Buffer[]): void => {
  if (value === null) parts.push(Buffer.of(0xc0))
  else if (typeof value === 'boolean') parts.push(Buffer.of(value ? 0xc3 : 0xc2))
  else if (typeof value === 'number') writeNumber(value, parts)
  else if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8')
    head(parts, text.length, { mark: 0xa0, most: 31 }, [0xd9, 0xda])
    parts.push(text)
  } else if (value instanceof Uint8Array) {
    head(parts, value.length, undefined, [0xc4, 0xc5])
    parts.push(Buffer.from(value))
  } else {
    head(parts, value.length, { mark: 0x90, most: 15 }, [undefined, 0xdc])
    for (const item of value) write(item, parts)
  }
}

const writeNumber = (value: number, parts: Buffer[]): void => {
  if (Number.isInteger(value) && value >= 0 && value < 0x80) parts.push(Buffer.of(value))
  else if (Number.isInteger(value) && value >= 0 && value < 0x10000) {
    const bytes = Buffer.of(0xcd, 0, 0)
    bytes.writeUInt16BE(value, 1)
    parts.push(bytes)
  } else {
    const bytes = Buffer.alloc(9, 0xcb)
    bytes.writeDoubleBE(value, 1)
    parts.push(bytes)
  }
}

/** Reads one value that fills the buffer. Throws `Unpackable`. */
export const unpack = (bytes: Uint8Array): Packed => {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const value = reader.value(0)
  reader.end()
  return value
}

const DEEPEST = 8

class Reader {
  readonly #bytes: Buffer
  #at = 0
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  value(depth: number): Packed {
    if (depth > DEEPEST) throw new Unpackable('too deep')
    const mark = this.#number(1)
    if (mark < 0x80) return mark
    if (mark >= 0xe0) return mark - 0x100
    if (mark >= 0xa0 && mark < 0xc0) return this.#text(mark & 0x1f)
    if (mark >= 0x90 && mark < 0xa0) return this.#list(mark & 0x0f, depth)
    switch (mark) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#take(this.#number(1))
      case 0xc5:
        return this.#take(this.#number(2))
      case 0xca:
        return this.#take(4).readFloatBE(0)
      case 0xcb:
        return this.#take(8).readDoubleBE(0)
      case 0xcc:
        return this.#number(1)
      case 0xcd:
        return this.#number(2)
      case 0xce:
        return this.#number(4)
      case 0xcf:
        return Number(this.#take(8).readBigUInt64BE(0))
      case 0xd9:
        return this.#text(this.#number(1))
      case 0xda:
        return this.#text(this.#number(2))
      case 0xdc:
        return this.#list(this.#number(2), depth)
      default:
        throw new Unpackable('unknown mark')
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Unpackable('more than one value')
  }

  #take(size: number): Buffer {
    if (this.#at + size > this.#bytes.length) throw new Unpackable('cut off')
    const part = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    return part
  }

  #number(size: number): number {
    return this.#take(size).readUIntBE(0, size)
  }

  #text(size: number): string {
    return this.#take(size).toString('utf8')
  }

  #list(size: number, depth: number): Packed[] {
    const items: Packed[] = []
    for (let i = 0; i < size; i++) items.push(this.value(depth + 1))
    return items
  }
}

/** JSON that is text already, for example straight from the database; in pieces, so that nobody has to copy a long one together. */
export class Json {
  readonly parts: readonly string[]
  constructor(...parts: readonly string[]) {
    this.parts = parts
  }
  get text(): string {
    return this.parts.join('')
  }
}

/** JSON that is text already, for example straight from the database. */
export class Json {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

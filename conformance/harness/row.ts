import type { Expected } from './match.ts'

/** One command of a client and what must come of it. `$name` stands for what an earlier row has kept. */
export interface Row {
  /** A login of clouds.yaml. */
  readonly as: string
  /** The words after `openstack`, quoted as in a shell. */
  readonly run: string
  /** What the object or list that it shows must look like. The command is run with `-f json`. */
  readonly shows?: Expected
  /** Exactly these columns or fields, in this order. */
  readonly columns?: readonly string[]
  /** It ends well, and its plain output is like this. */
  readonly prints?: RegExp
  /** It ends badly, and says this. */
  readonly refused?: RegExp
  /** Fields of the object shown that later rows use: `{ node: 'uuid' }` makes `$node`. */
  readonly keep?: Readonly<Record<string, string>>
  /** Again until it is so, for what a conductor does meanwhile. */
  readonly until?: true
}

/** Rows that follow from each other. */
export interface Story {
  readonly name: string
  readonly rows: readonly Row[]
}

/** How a row is called in skips.yaml and in reports. */
export const rowId = (story: Story, row: Row): string => `${story.name}: ${row.as}: ${row.run}`

/** Splits like a shell: blanks part words, single and double quotes keep them together. */
export const words = (line: string): string[] => {
  const found = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []
  return found.map(word => word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double))
}

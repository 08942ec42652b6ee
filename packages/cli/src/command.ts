import type { Session } from '@esi/client'

/** A positional argument. */
export interface Argument {
  readonly name: string
  readonly doc: string
  readonly optional?: boolean
  /** Takes all that is left, but for what the arguments after it need. */
  readonly many?: boolean
}

/** Which words after an option are still its own: with several, as long as they fit. */
export interface Maybe {
  readonly name: string
  fits(word: string): boolean
  readonly many?: boolean
}

/** An option. Without `values` it is a switch. */
export interface Option {
  readonly doc: string
  /** Names of its values, in order: `['start', 'end']` takes two. */
  readonly values?: readonly string[]
  /** A value that may follow the others or be left out, like the seconds of `--wait`. */
  readonly maybe?: Maybe
  /** May be given several times. */
  readonly repeat?: boolean
  readonly required?: boolean
  readonly choices?: readonly string[]
  readonly short?: string
  /** Other names for the same. */
  readonly aliases?: readonly string[]
}

/** What came of the command line: by the option's name, always as a list of its uses, each a list of its values. */
export class Given {
  readonly #options: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly #arguments: ReadonlyMap<string, readonly string[]>
  constructor(args: ReadonlyMap<string, readonly string[]>, options: ReadonlyMap<string, readonly (readonly string[])[]>) {
    this.#arguments = args
    this.#options = options
  }
  /** A positional argument that must be there. */
  arg(name: string): string {
    return this.#arguments.get(name)![0]!
  }
  args(name: string): readonly string[] {
    return this.#arguments.get(name) ?? []
  }
  has(name: string): boolean {
    return this.#options.has(name)
  }
  one(name: string): string | undefined {
    return this.#options.get(name)?.at(-1)?.[0]
  }
  pair(name: string): readonly [string, string] | undefined {
    const values = this.#options.get(name)?.at(-1)
    return values && [values[0]!, values[1]!]
  }
  /** Each use of an option that takes two values. */
  pairs(name: string): readonly (readonly [string, string])[] {
    return (this.#options.get(name) ?? []).map(values => [values[0]!, values[1]!] as const)
  }
  all(name: string): readonly string[] {
    return (this.#options.get(name) ?? []).map(values => values[0]!)
  }
  /** Every value of an option that takes as many as there are, separated by spaces or commas. */
  words(name: string): readonly string[] {
    return (this.#options.get(name) ?? []).flat().flatMap(text => text.split(',').filter(word => word !== ''))
  }
}

/** A table of rows, one thing with its fields, or lines of text. */
export type Output =
  /** `names` are the fields that the columns show, by which they can be asked for too. */
  | { readonly columns: readonly string[]; readonly names?: readonly string[]; readonly rows: readonly (readonly unknown[])[] }
  | { readonly fields: readonly (readonly [string, unknown])[] }
  /** What was done; `failed` says what was not, and makes the exit status 1. */
  | { readonly text: string; readonly failed?: string }

/** `option` is what to give on the command line where nobody can be asked. */
export interface Asking {
  /** A line. `secret` ones are not shown while they are typed. */
  ask(question: string, option: string, secret?: boolean): Promise<string>
  /** A question to which only a clear yes is one. */
  confirm(question: string, option: string): Promise<boolean>
}

/** What is needed of a terminal; `process.stdin` is one. */
export interface Keys extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}

/** What a command may use of the world. */
export interface Face {
  /** Logs in at the first use. */
  session(): Promise<Session>
  /** Tells of progress, on standard error and only to a person. */
  progress(text: string): void
  /** Tells of something that matters but is no error. */
  warn(text: string): void
  /** Asks the person at the keyboard; throws what to give instead where there is nobody. */
  readonly keyboard: Asking
  /** What is typed and what is shown, as it is: for commands that carry both elsewhere. */
  readonly line: { readonly keys: Keys; readonly screen: NodeJS.WritableStream }
  readonly environment: NodeJS.ProcessEnv
  /** Ctrl-C. */
  readonly signal: AbortSignal
  readonly dryRun: boolean
  /** The cloud that was chosen on the command line, for commands that talk to several. */
  readonly cloud: string | undefined
}

export interface Command {
  readonly brief: string
  readonly doc?: string
  readonly args?: readonly Argument[]
  readonly options?: Readonly<Record<string, Option>>
  /** Prints a list or one thing, so it takes `-f` and `-c`. */
  readonly prints?: 'list' | 'one'
  /** Changes something, so it takes `--dry-run`. */
  readonly changes?: boolean
  readonly examples?: readonly string[]
  run(face: Face, given: Given): Promise<Output | undefined>
}

/** A command as the tree knows it: its words, one line about it, and where its code is. */
export interface Entry {
  readonly words: string
  readonly brief: string
  /** For our own processes, not for people. */
  readonly hidden?: boolean
  load(): Promise<Command>
}

/** What the person at the keyboard did wrong; printed as one sentence, exit status 2. */
export class UsageError extends Error {}

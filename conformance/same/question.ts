/** One request, asked of Debian's own service and of ours; what comes of it must be the same. */
export interface Question {
  /** A login of the story; `nobody` has no token. `system` if left out: the site's administrator, scoped to the system. */
  readonly as?: string
  /** Method and path below the service, `$name` for what was kept: `GET /v1/nodes/$node`. */
  readonly ask: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The microversion of the bare-metal API; the story's if left out. */
  readonly at?: string
  /** Values of each side's answer for later questions: `{ node: 'uuid' }`, a path with dots. */
  readonly keep?: Readonly<Record<string, string>>
  /** Headers whose presence, and for these their value, is compared. */
  readonly tells?: readonly string[]
  /** Again until this path of the body has this value, for what a conductor does meanwhile. */
  readonly until?: readonly [path: string, value: string | null]
  /** The list has no order of its own. */
  readonly unordered?: true
  /** Paths of the body that are not compared, and why; of a list, within each entry. */
  readonly but?: Readonly<Record<string, string>>
  /** It is answered differently on purpose, and why. A fault once both are the same. */
  readonly differs?: string
}

/** Questions that follow from each other. */
export interface Story {
  readonly name: string
  readonly service: 'identity' | 'baremetal'
  /** The microversion that is asked for if a question says nothing. */
  readonly at?: string
  /** What is not compared in any answer, and why: see the question's. */
  readonly but?: Readonly<Record<string, string>>
  readonly questions: readonly Question[]
}

export const questionId = (story: Story, { as = 'system', ask, at = story.at, body }: Question): string =>
  `${story.name}: ${as}: ${ask}${at === undefined ? '' : ` (${at})`}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`

/** Reasons that several stories have. */
export const FAULT = 'theirs is a fault of the server'
export const NULLS = 'what has no value comes last going up, as in PostgreSQL; MariaDB has it first'

import type { Question } from '../question.ts'

/** What is asked of every resource alike: what is missing, of the wrong type, unknown, another's, or not to be done. */
export interface Thing {
  /** Singular, as in the envelope; the path's last word without it is the plural. */
  readonly name: string
  readonly path: string
  /** What makes a good one, without what is asked for below. */
  readonly good: Readonly<Record<string, unknown>>
  /** A good change. */
  readonly change: Readonly<Record<string, unknown>>
  /** Fields that must be there. */
  readonly required?: readonly string[]
  /** Values that may be refused, by field, at creation and at a change. */
  readonly odd?: Readonly<Record<string, readonly unknown[]>>
  /** The same, at creation only. */
  readonly oddNew?: Readonly<Record<string, readonly unknown[]>>
  /** What differs for one of these questions, by its `ask` and body as text. */
  readonly create?: 'PUT'
}

export const NOWHERE = '1be26c0b03f24d2eae87c02d7f33c123'
export const LONG = (length: number): string => 'x'.repeat(length)

export const lacking = (object: Readonly<Record<string, unknown>>, field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== field))

/** Creations that may be refused; what is made all the same is shown by the answer. */
export const badCreations = ({ name, path, good, required = [], odd = {}, oddNew = {} }: Thing): Question[] => [
  { ask: `POST ${path}`, body: {} },
  { ask: `POST ${path}`, body: { [name]: {} } },
  { ask: `POST ${path}`, body: { [name]: null } },
  { ask: `POST ${path}`, body: { [name]: 'text' } },
  { ask: `POST ${path}`, body: { [name]: [good] } },
  { ask: `POST ${path}`, body: [] },
  { ask: `POST ${path}`, body: 'no JSON' },
  { ask: `POST ${path}` },
  ...required.map(field => ({ ask: `POST ${path}`, body: { [name]: lacking(good, field) } })),
  ...required.map(field => ({ ask: `POST ${path}`, body: { [name]: { ...good, [field]: null } } })),
  ...[odd, oddNew].flatMap(fields =>
    Object.entries(fields).flatMap(([field, values]) =>
      values.map(value => ({ ask: `POST ${path}`, body: { [name]: { ...good, [field]: value } } })),
    ),
  ),
]

/** Changes of the one that was kept as `id`. */
export const changes = ({ name, path, change, odd = {} }: Thing, id: string): Question[] => [
  { ask: `PATCH ${path}/$${id}`, body: { [name]: change } },
  { ask: `PATCH ${path}/$${id}`, body: {} },
  { ask: `PATCH ${path}/$${id}`, body: { [name]: {} } },
  { ask: `PATCH ${path}/$${id}`, body: { [name]: null } },
  { ask: `PATCH ${path}/$${id}`, body: { [name]: 'text' } },
  { ask: `PATCH ${path}/$${id}`, body: 'no JSON' },
  { ask: `PATCH ${path}/$${id}` },
  { ask: `PATCH ${path}/$${id}`, body: { [name]: { id: NOWHERE } } },
  { ask: `PATCH ${path}/$${id}`, body: { [name]: { id: `$${id}`, ...change } } },
  ...Object.entries(odd).flatMap(([field, values]) =>
    values.map(value => ({ ask: `PATCH ${path}/$${id}`, body: { [name]: { [field]: value } } })),
  ),
  { ask: `GET ${path}/$${id}` },
]

/** Where nothing is, and where nothing can be done. */
export const nowhere = ({ name, path, change }: Thing, id: string): Question[] => [
  { ask: `GET ${path}/${NOWHERE}` },
  { ask: `HEAD ${path}/${NOWHERE}` },
  { ask: `PATCH ${path}/${NOWHERE}`, body: { [name]: change } },
  { ask: `DELETE ${path}/${NOWHERE}` },
  { ask: `GET ${path}/${LONG(300)}` },
  { ask: `HEAD ${path}/$${id}` },
  { ask: `HEAD ${path}` },
  { ask: `GET ${path}/$${id}/nothing` },
  { ask: `GET ${path}/$${id}/` },
  { ask: `PATCH ${path}`, body: {}, tells: ['allow'] },
  { ask: `DELETE ${path}` },
  { ask: `POST ${path}/$${id}`, body: {} },
]

const OTHERS = ['nobody', 'owner', 'reader', 'stranger', 'manager'] as const

/** The same by people who may do less; what the administrator of a project may is done at the end. */
export const byOthers = ({ name, path, good, change }: Thing, id: string, unlike: Readonly<Record<string, unknown>> = {}): Question[] =>
  OTHERS.flatMap((as): Question[] => [
    { as, ask: `GET ${path}/$${id}`, tells: ['www-authenticate', 'vary', 'content-type'] },
    { as, ask: `GET ${path}/${NOWHERE}` },
    { as, ask: `PATCH ${path}/$${id}`, body: { [name]: change } },
    { as, ask: `PATCH ${path}/${NOWHERE}`, body: { [name]: change } },
    { as, ask: `DELETE ${path}/${NOWHERE}` },
    ...(as === 'manager'
      ? []
      : [
          { as, ask: `POST ${path}`, body: { [name]: { ...good, ...unlike } } },
          { as, ask: `POST ${path}`, body: {} },
          { as, ask: `DELETE ${path}/$${id}` },
        ]),
  ])

export const gone = (path: string, id: string): Question[] => [
  { ask: `DELETE ${path}/$${id}` },
  { ask: `DELETE ${path}/$${id}` },
  { ask: `GET ${path}/$${id}` },
]

/** Says of questions, by what they are (`as: METHOD path body`), that they are answered differently, and why. */
export const differing = (questions: readonly Question[], reasons: readonly (readonly [what: RegExp, why: string])[]): Question[] =>
  questions.map(question => {
    const { as = 'system', ask, body } = question
    const found = reasons.find(([what]) => what.test(`${as}: ${ask}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`))
    return found ? { ...question, differs: found[1] } : question
  })

/** Names that may be had once: each question has one of its own. */
export const numbered = (questions: readonly Question[], name: string): Question[] =>
  questions.map((question, i) => {
    const body = question.body as Record<string, any> | undefined
    const inner = body?.[name]
    return inner?.name === 'odd' ? { ...question, body: { ...body, [name]: { ...inner, name: `odd-${name}-${i}` } } } : question
  })

/** Where theirs breaks over a method that a path does not have. */
export const BREAKS = 'theirs breaks, and ends the connection without an answer'
export const BROKEN = [/(PATCH|DELETE) [^ $]*[a-z]s( \{\})?$|POST .v3[^ ]*s.\$\w+ \{\}$/, BREAKS] as const

/** For who may look at none of a kind; the names of what they asked for in vain. */
export const TELLS = 'theirs tells also those who may see none which there are not'
export const BY_OTHERS = `(owner|reader|stranger): \\w+ [^ ]*${NOWHERE}`

export const PAGES = 'ours gives a page where one is asked for; theirs gives all'

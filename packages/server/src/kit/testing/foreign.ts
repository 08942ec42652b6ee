import type { AnyResource, Body } from '@esi/api/define'
import type { Route } from '../http/route.ts'
import type { Question, Things } from './matrix.ts'
import type { Answer } from './serve.ts'

/** Where in a request an id or a name of something stands. */
export interface Place {
  readonly route: Route
  readonly where: 'path' | 'query' | 'body'
  readonly field: string
  /** `lease.show path lease` */
  readonly text: string
}

/** Fields of a route that a client fills in, as they are declared. */
const declared = (route: Route): { readonly body: readonly string[]; readonly query: readonly string[] } => {
  const { spec, of } = route
  const names = (body: Body | undefined) => Object.keys(body ?? {})
  const fields = (r: AnyResource, has: (field: AnyResource['fields'][string]) => unknown) =>
    Object.entries(r.fields).flatMap(([name, field]) => (has(field) ? [name] : []))
  const writes = of?.operation === 'create' ? 'create' : of?.operation === 'update' ? 'update' : undefined
  return {
    body: [...names(spec.body), ...(of && writes ? fields(of.resource, field => field.on[writes]) : [])],
    query: [
      ...names(spec.query),
      ...(of?.operation === 'list'
        ? [...fields(of.resource, field => field.filter), ...Object.keys(of.resource.queries ?? {}), 'marker']
        : []),
    ],
  }
}

export interface ForeignSetup {
  readonly routes: readonly Route[]
  /** What a field or path parameter stands for, by its name, or by route, a space and its name; null: it names nothing of anybody's. */
  readonly kinds: Readonly<Record<string, string | null>>
  /** Ids and names of what is another's, by kind. Short ones are words of the API too. */
  readonly foreign: Readonly<Record<string, string>>
  /** Of the same form, what nobody has; another one each time, because something may be called so then. */
  readonly absent: (kind: string) => string
  /** What of the others must never be told, unless it was in the question. */
  readonly secret: readonly string[]
  /** Everything of the one who asks, by path parameter; made anew after each change. */
  readonly own: () => Promise<Things>
  readonly questions: Readonly<Record<string, (own: Things) => Question>>
  /** Further places that are not declared, by route. */
  readonly more?: Readonly<Record<string, { readonly body?: readonly string[]; readonly query?: readonly string[] }>>
  /** The body with that value in that field. */
  readonly fill: (route: Route, body: unknown, field: string, value: string) => unknown
  readonly ask: (route: Route, path: string, question: Question) => Promise<Answer>
}

/** Every place that could name something of another's; throws for fields of which nobody has said what they are. */
export const places = (setup: Pick<ForeignSetup, 'routes' | 'kinds' | 'more'>): readonly (Place & { readonly kind: string })[] => {
  const out: (Place & { kind: string })[] = []
  const unknown = new Set<string>()
  for (const route of setup.routes) {
    const { body, query } = declared(route)
    const params = [...route.spec.path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
    const all = [
      ...params.map(field => ['path', field] as const),
      ...[...query, ...(setup.more?.[route.spec.name]?.query ?? [])].map(field => ['query', field] as const),
      ...[...body, ...(setup.more?.[route.spec.name]?.body ?? [])].map(field => ['body', field] as const),
    ]
    for (const [where, field] of all) {
      const own = `${route.spec.name} ${field}`
      const kind = setup.kinds[own] === undefined ? setup.kinds[field] : setup.kinds[own]
      if (kind === undefined) unknown.add(field)
      else if (kind !== null) out.push({ route, where, field, kind, text: `${route.spec.name} ${where} ${field}` })
    }
  }
  if (unknown.size > 0) throw new Error(`nobody has said whether these name something of somebody's: ${[...unknown].join(', ')}`)
  return out
}

export interface Difference {
  readonly place: string
  readonly foreign: string
  readonly absent: string
}

export interface Compared {
  /** Places where what is another's is answered otherwise than what is not there. */
  readonly differ: readonly Difference[]
  /** Answers that tell something of others that was not in the question. */
  readonly told: readonly string[]
  readonly asked: number
}

/** Asks each place twice, with what is another's and with what nobody has, and compares the answers. */
export const compareForeign = async (setup: ForeignSetup): Promise<Compared> => {
  const differ: Difference[] = []
  const told: string[] = []
  // What is made under a name that is another's too is found by that name from then on, so bodies come last.
  const all = places(setup).toSorted((a, b) => Number(a.where === 'body') - Number(b.where === 'body'))
  let own: Things | undefined
  for (const place of all) {
    const { route, where, field, kind, text } = place
    const once = async (value: string): Promise<string> => {
      own ??= await setup.own()
      const question = setup.questions[route.spec.name]?.(own) ?? {}
      const things = { ...own, ...question.things, ...(where === 'path' ? { [field]: value } : {}) }
      const path = route.spec.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(things[name] ?? `no-${name}`))
      const query = new URLSearchParams(question.query)
      if (where === 'query') query.set(field, value)
      const body = where === 'body' ? setup.fill(route, question.body, field, value) : question.body
      const answer = await setup.ask(route, query.size > 0 ? `${path}?${query}` : path, { ...question, body })
      if (answer.status < 400 && route.spec.method !== 'GET' && route.spec.method !== 'HEAD') own = undefined
      const whole = JSON.stringify([answer.body ?? null, answer.headers['location'] ?? null])
      for (const word of setup.secret)
        if (word !== value && !value.includes(word) && whole.includes(word)) told.push(`${text}: ${word} in ${answer.status} ${whole}`)
      return `${answer.status} ${blurred(value.length > 8 ? whole.replaceAll(value, 'IT') : whole)}`
    }
    if (setup.foreign[kind] === undefined) throw new Error(`${text}: there is no ${kind} of another's`)
    const [foreign, absent] = [await once(setup.foreign[kind]!), await once(setup.absent(kind))]
    if (foreign !== absent) differ.push({ place: text, foreign, absent })
  }
  return { differ, told, asked: all.length }
}

/** Without what is new in every answer. */
const blurred = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\b[0-9a-f]{32}\b/g, 'ID')
    .replace(/(own|new)-\d+/g, 'OWN')
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC')

import { readFileSync } from 'node:fs'
import type { Caller } from '../auth/caller.ts'
import type { Route } from '../http/route.ts'
import { idOf } from './personas.ts'
import type { Answer } from './serve.ts'

/** Somebody who asks every route. */
export interface Asker {
  readonly label: string
  /** `none` sends no token, `bad` one that nobody has. */
  readonly token: 'none' | 'bad' | 'good'
  /** Whose project, or the whole domain or system. */
  readonly of: string
  readonly roles: readonly string[]
}

const LADDER = ['admin', 'manager', 'member', 'reader']

const asker = (label: string, of: string, role: string, ...more: string[]): Asker => ({
  label,
  token: 'good',
  of,
  roles: [...LADDER.slice(LADDER.indexOf(role)), ...more],
})

/**
 * Everybody: things are the project `owner`'s, and `lessee` has them for a time; the stranger has nothing to do with either. The roles
 * `owner` and `lessee` (`+o`, `+l`) are those that leasing asks for beside the common ones.
 */
export const ASKERS: readonly Asker[] = [
  { label: 'none', token: 'none', of: '', roles: [] },
  { label: 'bad', token: 'bad', of: '', roles: [] },
  asker('s.adm', 'system', 'admin'),
  asker('s.rd', 'system', 'reader'),
  asker('admin', 'admin', 'admin'),
  asker('o.adm', 'owner', 'admin'),
  asker('o.mgr', 'owner', 'manager'),
  asker('o.mem', 'owner', 'member'),
  asker('o.rd', 'owner', 'reader'),
  asker('o.mem+o', 'owner', 'member', 'owner'),
  asker('o.rd+o', 'owner', 'reader', 'owner'),
  asker('l.mgr', 'lessee', 'manager'),
  asker('l.mem', 'lessee', 'member'),
  asker('l.rd', 'lessee', 'reader'),
  asker('l.mgr+l', 'lessee', 'manager', 'lessee'),
  asker('l.mem+l', 'lessee', 'member', 'lessee'),
  asker('l.rd+l', 'lessee', 'reader', 'lessee'),
  asker('x.adm', 'stranger', 'admin'),
  asker('x.mem', 'stranger', 'member'),
  asker('x.mem+ol', 'stranger', 'member', 'owner', 'lessee'),
  asker('d.adm', 'domain', 'admin'),
]

/** Callers for services that are not the identity service, by the token that is their label. */
export const callersOf = (askers: readonly Asker[]): Record<string, Caller> =>
  Object.fromEntries(
    askers
      .filter(a => a.token === 'good')
      .map(({ label, of, roles }): [string, Caller] => [
        label,
        {
          user: { id: idOf(`user ${label}`), name: label, domain: 'default' },
          ...(of === 'system'
            ? { system: true }
            : of === 'domain'
              ? { domain: 'default' }
              : { project: { id: idOf(`project ${of}`), name: of, domain: 'default' } }),
          roles,
        },
      ]),
  )

/** What is asked of a route, where its path says not all. */
export interface Question {
  readonly body?: unknown
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Path parameters that are others than the common things: the asker's own, say. */
  readonly things?: Things
  /** What it answers to whoever may, where that is no success: in the matrix it has a `+` behind its status. */
  readonly answer?: RegExp
}

export type Things = Readonly<Record<string, string>>

export interface MatrixSetup {
  readonly routes: readonly Route[]
  readonly askers?: readonly Asker[]
  readonly ask: (asker: Asker, route: Route, path: string, question: Question) => Promise<Answer>
  /**
   * Things of the owner's that the lessee has, by the names of path parameters, as far as the route needs them; made anew for each
   * route, and after each change that was carried out.
   */
  readonly things: (route: Route) => Promise<Things>
  /** By the route's name; further questions to the same route have `#` and a word behind it. */
  readonly questions: Readonly<Record<string, (things: Things, asker: Asker) => Question>>
}

export interface Cell {
  readonly status: number
  /** It was let through. */
  readonly reached: boolean
}

export interface Matrix {
  /** By question, then by who asks. */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, Cell>>
  /** As it is committed. */
  readonly text: string
  /** Routes that nobody could reach: their question is no good, or there is none. */
  readonly uncovered: readonly string[]
}

/** Asks every route as everybody. */
export const matrix = async (setup: MatrixSetup): Promise<Matrix> => {
  const askers = setup.askers ?? ASKERS
  const cells = new Map<string, ReadonlyMap<string, Cell>>()
  const routeNames = setup.routes.map(r => r.spec.name)
  const twice = routeNames.filter((name, i) => routeNames.indexOf(name) !== i)
  if (twice.length > 0) throw new Error(`several routes are called ${twice.join(', ')}`)
  for (const name of Object.keys(setup.questions))
    if (!setup.routes.some(r => r.spec.name === name.split('#')[0])) throw new Error(`no route is called ${name}`)
  for (const route of setup.routes) {
    const { spec } = route
    let things: Things | undefined
    const names = [spec.name, ...Object.keys(setup.questions).filter(name => name.startsWith(`${spec.name}#`))]
    for (const name of names) {
      const row = new Map<string, Cell>()
      for (const each of askers) {
        things ??= await setup.things(route)
        const question = setup.questions[name]?.(things, each) ?? {}
        const path = filled(spec.path, { ...things, ...question.things })
        if (path === undefined) break
        const answer = await setup.ask(each, route, `${path}${question.query ? `?${question.query}` : ''}`, question)
        const done = answer.status < 400
        row.set(each.label, { status: answer.status, reached: done || question.answer?.test(JSON.stringify(answer.body ?? '')) === true })
        if (done && spec.method !== 'GET' && spec.method !== 'HEAD') things = undefined
      }
      if (row.size > 0) cells.set(name, row)
    }
  }
  const reached = new Set<string>()
  for (const [name, row] of cells) if ([...row.values()].some(cell => cell.reached)) reached.add(name.split('#')[0]!)
  const uncovered = routeNames.filter(name => !reached.has(name))
  return { cells, text: table(askers, cells), uncovered }
}

/** Undefined where there is no such thing: nobody has said yet how to make one. */
const filled = (path: string, things: Things): string | undefined => {
  const parts = path.split('/').map(part => (part.startsWith(':') ? things[part.slice(1)] : part))
  return parts.includes(undefined)
    ? undefined
    : parts.map((part, i) => (path.split('/')[i] === part ? part : encodeURIComponent(part!))).join('/')
}

const table = (askers: readonly Asker[], cells: Matrix['cells']): string => {
  const first = Math.max(...[...cells.keys()].map(name => name.length)) + 2
  const widths = askers.map(a => Math.max(a.label.length, 4) + 1)
  const line = (name: string, columns: readonly string[]) =>
    `${name.padEnd(first)}${columns.map((text, i) => text.padEnd(widths[i]!)).join('')}`.trimEnd()
  const shown = ({ status, reached }: Cell) => `${status}${reached && status >= 400 ? '+' : ''}`
  return `${[
    line(
      'route',
      askers.map(a => a.label),
    ),
    ...[...cells].map(([name, row]) =>
      line(
        name,
        askers.map(a => shown(row.get(a.label)!)),
      ),
    ),
  ].join('\n')}\n`
}

/**
 * What is not covered, against what was agreed to be missing: new gaps, and lines of the file that are gaps no more. Both must be
 * empty, so that the file only shrinks.
 */
export const gaps = (
  uncovered: readonly string[],
  file: URL,
): { readonly fresh: readonly string[]; readonly closed: readonly string[] } => {
  const known = readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
  return { fresh: uncovered.filter(name => !known.includes(name)), closed: known.filter(name => !uncovered.includes(name)) }
}

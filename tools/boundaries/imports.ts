import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDomain, isDoor, isDriverInterface, isShared, isTest, kitOf, packageOf, roomOf, serviceOf } from './places.ts'
import type { Edge, Tree } from './source.ts'

/** Which packages a package of ours may import. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  api: [],
  client: ['api'],
  cli: ['api', 'client'],
  ui: ['api', 'client'],
  lab: ['api'],
  agent: ['api'],
  server: ['api', 'client'],
}
/** Nobody imports these; tests may use the lab, which is what it is for. */
const LEAVES = ['lab', 'cli', 'ui', 'agent']

/** The kit's inner order: left may not import right. Those in one group are equals. */
export const ORDER: readonly (readonly string[])[] = [
  ['clock', 'ids', 'log', 'config', 'secrets'],
  ['db'],
  ['events'],
  ['work'],
  ['hold'],
  ['policy'],
  ['auth'],
  ['resource'],
  ['http'],
  ['openapi'],
]
const rank = (folder: string | undefined): number =>
  folder === undefined ? ORDER.length : ORDER.findIndex(group => group.includes(folder))

type Rule = (edge: Edge) => string | false | undefined

/** Between files of ours. */
const betweenOurs = (to: string): Rule[] => [
  function packages({ from }) {
    const [mine, other] = [packageOf(from), packageOf(to)]
    if (mine === undefined || mine === other) return
    if (other === undefined) return !isTest(from) && `packages import nothing outside of packages/`
    if (LEAVES.includes(other)) return !(isTest(from) && other === 'lab') && `nothing imports ${other}`
    return !PACKAGES[mine]?.includes(other) && `${mine} may not import ${other}`
  },
  function servicesNeverMeet({ from }) {
    const [mine, other] = [serviceOf(from), serviceOf(to)]
    return mine !== undefined && other !== undefined && mine !== other && 'services never meet; they do in seams/'
  },
  function services({ from }) {
    const room = roomOf(to)
    if (serviceOf(from) === undefined || room === undefined) return
    if (room === 'drivers') return !isDriverInterface(to) && !isTest(from) && 'a service sees drivers/*/driver.ts, never a driver'
    return !['kit', 'services'].includes(room) && !isTest(from) && `a service may not import ${room}`
  },
  function doors({ from }) {
    const room = roomOf(from)
    if (room === undefined || ['services', 'kit', 'drivers'].includes(room) || (isTest(from) && room !== 'seams')) return
    return serviceOf(to) !== undefined && !isDoor(to) && `${room} imports doors of services only (index.ts, needs.ts)`
  },
  function seams({ from }) {
    return roomOf(from) === 'seams' && roomOf(to) === 'main' && 'seams may not import main'
  },
  function kit({ from }) {
    const room = roomOf(to)
    return roomOf(from) === 'kit' && room !== undefined && room !== 'kit' && `kit may not import ${room}`
  },
  function drivers({ from }) {
    const room = roomOf(to)
    return roomOf(from) === 'drivers' && room !== undefined && !['drivers', 'kit'].includes(room) && `a driver may not import ${room}`
  },
  function testing({ from }) {
    return kitOf(to) === 'testing' && !isTest(from) && 'kit/testing is for tests only'
  },
  function tests({ from }) {
    return isTest(to) && kitOf(to) !== 'testing' && !isTest(from) && packageOf(from) !== undefined && 'only tests import what is for tests'
  },
  function kitOrder({ from, type }) {
    if (roomOf(from) !== 'kit' || roomOf(to) !== 'kit' || isTest(from) || (type && isShared(to))) return
    const [mine, other] = [rank(kitOf(from)), rank(kitOf(to))]
    for (const [path, place] of [
      [from, mine],
      [to, other],
    ] as const)
      if (place < 0 && kitOf(path) !== 'testing') return `kit/${kitOf(path)} has no place in the kit's order (tools/boundaries/imports.ts)`
    return mine < other && `kit/${kitOf(from)} may not import kit/${kitOf(to) ?? '*'}, which is to its right`
  },
  function domain({ from }) {
    if (!isDomain(from) || isTest(from) || packageOf(to) === 'api') return
    return !(isDomain(to) && serviceOf(to) === serviceOf(from)) && 'domain imports api and its own domain only'
  },
]

const PLAIN_TESTS = ['vitest', 'fast-check']

/** Of packages that are not ours. */
const ofOthers = (name: string): Rule[] => [
  function api({ from }) {
    return packageOf(from) === 'api' && !isTest(from) && 'api imports nothing but itself'
  },
  function domain({ from }) {
    return isDomain(from) && !isTest(from) && 'domain imports api and its own domain only'
  },
  function testTools({ from }) {
    return PLAIN_TESTS.includes(name) && !isTest(from) && packageOf(from) !== undefined && `${name} is for tests only`
  },
]

const declared = (tree: Tree): string[] => {
  const known = new Map<string, Set<string>>()
  const of = (folder: string) => {
    const ready = known.get(folder)
    if (ready) return ready
    const set = new Set<string>()
    try {
      const file = JSON.parse(readFileSync(join(tree.root, folder, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
      for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies'])
        for (const name of Object.keys(file[kind] ?? {})) set.add(name)
    } catch {
      // A missing package.json declares nothing, and each import says so.
    }
    known.set(folder, set)
    return set
  }
  const faults: string[] = []
  for (const edge of tree.edges) {
    const name = edge.package
    const mine = packageOf(edge.from)
    if (name === undefined || name.startsWith('node:') || mine === undefined) continue
    if (of(`packages/${mine}`).has(name) || (isTest(edge.from) && of('.').has(name))) continue
    // Types may come from a package of their own.
    if (edge.type && (of('.').has(`@types/${name}`) || of(`packages/${mine}`).has(`@types/${name}`))) continue
    faults.push(`${edge.from}:${edge.line}: packages/${mine}/package.json does not name "${name}"`)
  }
  return faults
}

/** Circles of imports, each told once, from its first file in the order of the alphabet. */
const cycles = (tree: Tree): string[] => {
  const next = new Map<string, string[]>()
  for (const { from, to } of tree.edges) if (to !== undefined) next.set(from, [...(next.get(from) ?? []), to])
  const state = new Map<string, 'open' | 'done'>()
  const way: string[] = []
  const found = new Set<string>()
  const visit = (path: string): void => {
    state.set(path, 'open')
    way.push(path)
    for (const other of next.get(path) ?? []) {
      if (state.get(other) === 'open') {
        const circle = way.slice(way.indexOf(other))
        const first = circle.indexOf([...circle].sort()[0]!)
        const turned = [...circle.slice(first), ...circle.slice(0, first)]
        found.add([...turned, turned[0]].join(' -> '))
      } else if (!state.has(other)) visit(other)
    }
    way.pop()
    state.set(path, 'done')
  }
  for (const path of [...next.keys()].sort()) if (!state.has(path)) visit(path)
  return [...found].map(circle => `imports in a circle: ${circle}`)
}

/** Everything that is wrong with who imports whom. */
export const importFaults = (tree: Tree): string[] => [
  ...tree.edges.flatMap(edge => {
    const rules = edge.to === undefined ? ofOthers(edge.package ?? '') : betweenOurs(edge.to)
    const said = rules.map(rule => rule(edge)).filter(Boolean)
    return [...new Set(said)].map(fault => `${edge.from}:${edge.line}: ${fault} ("${edge.spec}")`)
  }),
  ...declared(tree),
  ...cycles(tree),
]

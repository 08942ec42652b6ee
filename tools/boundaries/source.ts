import { globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'oxc-parser'
import { ResolverFactory } from 'oxc-resolver'

/** A node of the syntax tree; the shape is ESTree's with TypeScript's. */
export type Node = { readonly type: string; readonly start: number; readonly end: number } & Record<string, any>

export interface Edge {
  readonly from: string
  readonly line: number
  readonly spec: string
  /** Path from the root of a file of ours; else undefined. */
  readonly to?: string
  /** Name of a package that is not ours, or `node:…`. */
  readonly package?: string
  /** Gone when the types are. */
  readonly type: boolean
}

export interface Source {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly program: Node
  readonly edges: readonly Edge[]
  line(offset: number): number
}

export interface Tree {
  readonly root: string
  readonly sources: readonly Source[]
  readonly edges: readonly Edge[]
  /** SQL files. */
  readonly sql: readonly { readonly path: string; readonly text: string }[]
  readonly faults: readonly string[]
}

const PATTERNS = ['packages/*/{src,bin,test}/**/*.{ts,tsx,mjs}', '{tools,bench,conformance}/**/*.{ts,mjs}', '*.{ts,mjs}']
const SKIP = /(^|\/)(node_modules|dist|__generated__|\.esi)(\/|$)/

/** Calls back for every node, parents first. */
export const walk = (node: unknown, visit: (node: Node) => void): void => {
  if (Array.isArray(node)) for (const member of node) walk(member, visit)
  else if (typeof node === 'object' && node !== null) {
    if (typeof (node as Node).type === 'string') visit(node as Node)
    for (const key in node) {
      const value = (node as Record<string, unknown>)[key]
      if (typeof value === 'object' && value !== null) walk(value, visit)
    }
  }
}

const onlyTypes = (node: Node): boolean => {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type' || node.type === 'TSImportType') return true
  const specifiers = node['specifiers'] as Node[] | undefined
  return !!specifiers?.length && specifiers.every(s => s['importKind'] === 'type' || s['exportKind'] === 'type')
}

const imports = (program: Node): { spec: string | undefined; at: number; type: boolean }[] => {
  const found: { spec: string | undefined; at: number; type: boolean }[] = []
  walk(program, node => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSImportType': {
        const from = node['source'] as Node | null
        if (!from) break
        const template = from.type === 'TemplateLiteral' && from['expressions'].length === 0 ? from['quasis'][0].value.cooked : undefined
        const literal = typeof from['value'] === 'string' ? from['value'] : from['literal']?.value
        found.push({ spec: literal ?? template, at: node.start, type: onlyTypes(node) })
        break
      }
      case 'TSExternalModuleReference':
        found.push({ spec: node['expression']?.value, at: node.start, type: false })
        break
      case 'CallExpression':
        if (node['callee'].type === 'Identifier' && node['callee'].name === 'require' && typeof node['arguments'][0]?.value === 'string')
          found.push({ spec: node['arguments'][0].value, at: node.start, type: false })
    }
  })
  return found
}

/** Drivers are loaded by name, so their loaders compute it; so do tools and the tests that run over all drivers. */
const MAY_COMPUTE = /^(tools|bench|conformance)\/|^packages\/server\/src\/drivers\/(load\.ts$|[^/]+\/load\.ts$|.*\.test\.ts$)/

/** Reads and parses all sources below `root` and resolves every import as Node does. */
export const readTree = (root: string): Tree => {
  const real = realpathSync(root)
  const resolver = new ResolverFactory({ conditionNames: ['node', 'import'], extensions: [], mainFields: ['main'], builtinModules: true })
  const faults: string[] = []
  const sources: Source[] = []
  const paths = PATTERNS.flatMap(pattern => globSync(pattern, { cwd: real })).filter(path => !SKIP.test(path))
  for (const path of [...new Set(paths)].sort()) {
    const text = readFileSync(join(real, path), 'utf8')
    const parsed = parseSync(path, text)
    const line = (offset: number) => text.slice(0, offset).split('\n').length
    for (const error of parsed.errors) faults.push(`${path}: does not parse: ${error.message}`)
    const program = parsed.program as unknown as Node
    const edges: Edge[] = []
    for (const { spec, at, type } of imports(program)) {
      const where = { from: path, line: line(at), spec: spec ?? '', type }
      if (spec === undefined) {
        if (!MAY_COMPUTE.test(path)) faults.push(`${path}:${where.line}: imports a computed name; no check can follow it`)
        continue
      }
      const found = resolver.sync(dirname(join(real, path)), spec)
      if (found.builtin) edges.push({ ...where, package: found.builtin.resolved })
      else if (!found.path) faults.push(`${path}:${where.line}: "${spec}" does not resolve`)
      else {
        const to = relative(real, found.path)
        const outside = /^(.*\/)?node_modules\/((@[^/]+\/)?[^/]+)\//.exec(to)
        if (outside) edges.push({ ...where, package: outside[2]! })
        else if (to.startsWith('..')) faults.push(`${path}:${where.line}: "${spec}" lies outside of the repository`)
        else edges.push({ ...where, to })
      }
    }
    sources.push({ path, text, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), program, edges, line })
  }
  const sql = globSync('packages/*/src/**/*.sql', { cwd: real })
    .filter(path => !SKIP.test(path))
    .map(path => ({ path, text: readFileSync(join(real, path), 'utf8') }))
  return { root: real, sources, edges: sources.flatMap(s => s.edges), sql, faults }
}

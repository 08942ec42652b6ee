import { isDomain, isDoor, isStore, isTest, mayHoldSql, packageOf, roomOf } from './places.ts'
import { type Node, type Source, type Tree, walk } from './source.ts'

const LONGEST = 400

/** Every text in a file that is no import, with its place. */
export const texts = (program: Node): { text: string; at: number }[] => {
  const skip = new Set<Node>()
  const found: { text: string; at: number }[] = []
  walk(program, node => {
    if (/^(Import|Export)\w*Declaration$|^ImportExpression$/.test(node.type) && node['source']) skip.add(node['source'])
    if (node.type === 'TSImportType') skip.add(node['source']?.literal ?? node['source'])
    if (node.type === 'Literal' && typeof node['value'] === 'string' && !skip.has(node)) found.push({ text: node['value'], at: node.start })
    // One text, with a mark where values go, so that a statement is seen whole.
    if (node.type === 'TemplateLiteral')
      found.push({ text: node['quasis'].map((q: Node) => q['value'].cooked ?? q['value'].raw).join('?'), at: node.start })
  })
  return found
}

// Statements, not prose: a keyword in one case and what must follow it.
const SQL = new RegExp(
  `^\\s*(?:--.*\\n\\s*)*(?:${[
    'select\\s[\\s\\S]+?\\sfrom\\s',
    'select\\s+[\\w.]+\\(',
    'insert\\s+into\\s',
    'update\\s+[\\w".?]+\\s+(?:as\\s+\\w+\\s+)?set\\s',
    'delete\\s+from\\s',
    'with\\s+(?:recursive\\s+)?\\w+\\s+(?:\\([^)]*\\)\\s+)?as\\s+(?:materialized\\s+)?\\(',
    '(?:create|drop|alter)\\s+(?:unique\\s+|or\\s+replace\\s+)?(?:table|index|schema|type|function|trigger|view|sequence|extension|database|role)\\s',
    'lock\\s+table\\s',
    'truncate\\s+(?:table\\s+)?["\\w.]+$',
    '(?:listen|notify)\\s+["\\w?]+\\s*(?:,|$)',
    'set\\s+(?:local|session)\\s',
  ].join('|')})`,
)
const isSql = (text: string): boolean => SQL.test(text) || (/^\s*[A-Z]{4,}\s/.test(text) && SQL.test(text.toLowerCase()))

const NOW =
  /\bnow\s*\(\s*\)|\b(?:current_timestamp|current_time|current_date|localtimestamp|localtime)\b|\b(?:statement|transaction)_timestamp\s*\(/i
const BUILDERS = /^(selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)$/
const IMPURE = new Set([
  'Promise',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'crypto',
])

// The engine composes pages from what a store's view hands it.
const COMPOSER = 'packages/server/src/kit/resource/'

type Report = (at: number, fault: string) => void

const sqlInCode = (source: Source, report: Report): void => {
  if (packageOf(source.path) !== 'server' || isTest(source.path)) return
  const { path } = source
  if (!mayHoldSql(path) && !path.startsWith(COMPOSER)) {
    for (const { text, at } of texts(source.program))
      if (isSql(text)) report(at, 'SQL is written under store/ and in kit/{db,events,work,hold} only')
    walk(source.program, node => {
      const name = node.type === 'CallExpression' && node['callee'].type === 'MemberExpression' ? node['callee'].property.name : undefined
      if (typeof name === 'string' && BUILDERS.test(name))
        report(node.start, `queries (${name}) are built under store/ and in kit/{db,events,work,hold} only`)
      const tag = node.type === 'TaggedTemplateExpression' ? node['tag'] : undefined
      if (tag?.type === 'Identifier' && tag.name === 'sql')
        report(node.start, 'SQL is written under store/ and in kit/{db,events,work,hold} only')
    })
  }
  if (isStore(path))
    for (const { text, at } of texts(source.program))
      if (NOW.test(text)) report(at, 'no now() under store/: time is a parameter from the injected clock')
}

const pureDomain = (source: Source, report: Report): void => {
  if (!isDomain(source.path) || isTest(source.path)) return
  // Names of properties and keys are words, not the global thing.
  const words = new Set<Node>()
  walk(source.program, node => {
    if (node.type === 'MemberExpression' && !node['computed']) words.add(node['property'])
    if (typeof node['key'] === 'object' && node['key'] && !node['computed'] && !node['shorthand']) words.add(node['key'])
    if (node['async'] === true) report(node.start, 'domain has no async')
    if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'])) report(node.start, 'domain has no await')
    if (node.type === 'Identifier' && IMPURE.has(node['name']) && !words.has(node)) report(node.start, `domain has no ${node['name']}`)
    if (node.type === 'MemberExpression' && node['object'].type === 'Identifier') {
      const name = `${node['object'].name}.${node['property'].name}`
      if (name === 'Date.now' || name === 'Math.random') report(node.start, `domain has no ${name}`)
    }
    if (
      (node.type === 'NewExpression' || node.type === 'CallExpression') &&
      node['callee'].name === 'Date' &&
      node['arguments'].length === 0
    )
      report(node.start, 'domain has no clock')
  })
}

const form = (source: Source, report: Report): void => {
  const { path } = source
  const config = /^[^/]+\.config\.ts$|\.config\.ts$/.test(path)
  const body = source.program['body'] as Node[]
  for (const node of body) {
    const named = node.type === 'ExportNamedDeclaration' && (node['specifiers'] as Node[]).some(s => s['exported']?.name === 'default')
    if ((node.type === 'ExportDefaultDeclaration' || named) && !path.startsWith('packages/server/src/drivers/') && !config)
      report(node.start, 'no default exports besides drivers and configuration files')
  }
  const passesOn = (node: Node) =>
    (node.type === 'ExportNamedDeclaration' && !node['declaration'] && (node['source'] || node['specifiers'].length > 0)) ||
    node.type === 'ExportAllDeclaration'
  const barrel = body.some(passesOn) && body.every(node => passesOn(node) || node.type === 'ImportDeclaration')
  const door = isDoor(path) || /^packages\/[^/]+\/src\/index\.ts$/.test(path)
  if (barrel && !door) report(0, 'only doors may do nothing but pass on (index.ts of a service or a package)')
  const table = /^packages\/api\/src\/[^/]+\//.test(path)
  if (source.lines > LONGEST && !table && !isTest(path)) report(0, `has ${source.lines} lines, at most ${LONGEST}`)
}

/** OpenStack's own words; the kit knows none. */
const FOREIGN = /\b(openstack|keystone|ironic|neutron|glance|cinder|nova|swift|esi[-_]leap)\b/i

/** The one header that all of them share, and every client reads. */
const REQUEST_ID = /^(x-)?openstack-request-id$/i

/** Names that are also everyday words of HTTP, networks and rules; the kit may say them, as it says `user_id` of a caller. */
const EVERYDAY = new Set(
  (
    'user project domain role group token service endpoint region event port limit version policy policies trust credential consumer ' +
    'allocation deployment rule template'
  )
    .split(' ')
    .flatMap(word => [word, `${word}s`]),
)

const kitNames = (source: Source, names: ReadonlySet<string>, report: Report): void => {
  if (roomOf(source.path) !== 'kit' || isTest(source.path)) return
  for (const { text, at } of texts(source.program)) {
    if (FOREIGN.test(text) && !REQUEST_ID.test(text)) report(at, `kit knows no OpenStack word: ${JSON.stringify(text.slice(0, 60))}`)
    // A name alone, or as a step of a path or the prefix of a rule.
    for (const word of /^[\w\-/:.?]+$/.test(text) ? text.split(/[/:.?]/) : [])
      if (names.has(word) && !EVERYDAY.has(word)) report(at, `kit knows no service and no resource: "${word}"`)
  }
}

/** Everything that is wrong inside files. `names` are those of services, resources and collections. */
export const contentFaults = (tree: Tree, names: ReadonlySet<string>): string[] => {
  const faults = new Set<string>()
  for (const source of tree.sources) {
    const report: Report = (at, fault) => faults.add(`${source.path}:${source.line(at)}: ${fault}`)
    sqlInCode(source, report)
    pureDomain(source, report)
    form(source, report)
    kitNames(source, names, report)
  }
  for (const { path, text } of tree.sql) {
    if (!mayHoldSql(path) && !isTest(path)) faults.add(`${path}: SQL is written under store/ and in kit/{db,events,work,hold} only`)
    const bare = text.replace(/--.*$/gm, comment => ' '.repeat(comment.length))
    const found = isStore(path) ? NOW.exec(bare) : null
    if (found)
      faults.add(
        `${path}:${bare.slice(0, found.index).split('\n').length}: no now() under store/: time is a parameter from the injected clock`,
      )
  }
  return [...faults]
}

import { type Argument, type Command, Given, type Option, UsageError } from './command.ts'

/** Options that every command takes, with those that printing and changing ones take. */
export const globalOptions: Readonly<Record<string, Option>> = {
  help: { doc: 'show this and stop', short: 'h' },
  'os-cloud': { doc: 'the cloud of clouds.yaml to use (OS_CLOUD)', values: ['name'] },
  'os-auth-url': { doc: 'where to log in (OS_AUTH_URL)', values: ['url'] },
  'os-username': { doc: 'who logs in (OS_USERNAME)', values: ['name'] },
  'os-project-name': { doc: 'for which project (OS_PROJECT_NAME)', values: ['name'] },
  'os-project-id': { doc: 'for which project (OS_PROJECT_ID)', values: ['id'] },
  'os-user-domain-name': { doc: "the user's domain (OS_USER_DOMAIN_NAME)", values: ['name'] },
  'os-project-domain-name': { doc: "the project's domain (OS_PROJECT_DOMAIN_NAME)", values: ['name'] },
  'os-region-name': { doc: 'the region (OS_REGION_NAME)', values: ['name'] },
  'os-cacert': { doc: 'certificates to trust (OS_CACERT)', values: ['file'] },
  insecure: { doc: 'trust any certificate' },
  debug: { doc: 'show where an error came from' },
}

export const printOptions = (kind: 'list' | 'one'): Readonly<Record<string, Option>> => ({
  format: {
    doc: 'how to print it',
    short: 'f',
    values: ['format'],
    choices: kind === 'list' ? ['table', 'json', 'yaml', 'csv', 'value'] : ['table', 'json', 'yaml', 'shell', 'value'],
  },
  column: { doc: 'print only this column; repeat for more', short: 'c', values: ['column'], repeat: true },
  ...(kind === 'list'
    ? {
        'sort-column': { doc: 'sort by this column; repeat for more', values: ['column'], repeat: true },
        'sort-ascending': { doc: 'sort from the first to the last, which is so if left out' },
        'sort-descending': { doc: 'sort from the last to the first' },
        quote: { doc: 'what to quote in CSV', values: ['when'], choices: ['all', 'minimal', 'none', 'nonnumeric'] },
      }
    : { prefix: { doc: 'put this before each name in the shell format', values: ['prefix'] } }),
  'print-empty': { doc: 'print the head of a table that has no rows' },
  'fit-width': { doc: 'make a table as wide as the terminal, which is so if left out' },
  noindent: { doc: 'JSON on one line' },
  'max-width': { doc: 'widest table, in characters; 0 for any', values: ['width'] },
})

export const changeOptions: Readonly<Record<string, Option>> = {
  'dry-run': { doc: 'try it: check everything, change nothing, say what would happen' },
}

export const optionsOf = (command: Command): Readonly<Record<string, Option>> => ({
  ...(command.options ?? {}),
  ...(command.prints ? printOptions(command.prints) : {}),
  ...(command.changes ? changeOptions : {}),
})

/** Reads what follows a command's words. Everything wrong is said with what would be right. */
export const parse = (command: Command, words: readonly string[]): Given => {
  const known = { ...globalOptions, ...optionsOf(command) }
  const lookup = new Map<string, string>()
  for (const [name, option] of Object.entries(known)) {
    lookup.set(`--${name}`, name)
    if (option.short) lookup.set(`-${option.short}`, name)
    for (const alias of option.aliases ?? []) lookup.set(alias.length === 1 ? `-${alias}` : `--${alias}`, name)
  }
  const options = new Map<string, string[][]>()
  const positional: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === '--') {
      positional.push(...words.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-' || /^-\d/.test(word)) {
      positional.push(word)
      continue
    }
    const at = word.startsWith('--') ? word.indexOf('=') : -1
    const flag = at < 0 ? word : word.slice(0, at)
    const name = lookup.get(flag) ?? abbreviated(flag, lookup)
    if (name === undefined) throw new UsageError(`There is no option ${flag}.${nearest(flag, [...lookup.keys()])}`)
    const option = known[name]!
    const needed = option.values?.length ?? 0
    const values = at < 0 ? [] : [word.slice(at + 1)]
    while (values.length < needed) {
      const next = words[++i]
      if (next === undefined)
        throw new UsageError(
          `${flag} needs ${needed === 1 ? 'a value' : `${needed} values`}: ${option.values!.map(v => `<${v}>`).join(' ')}.`,
        )
      values.push(next)
    }
    const maybe = option.maybe
    if (maybe && at >= 0 && needed === 0 && !maybe.fits(values[0]!)) throw new UsageError(`${flag}: "${values[0]}" is no ${maybe.name}.`)
    while (maybe && (maybe.many || values.length === needed) && words[i + 1] !== undefined && maybe.fits(words[i + 1]!))
      values.push(words[++i]!)
    if (needed === 0 && !maybe && at >= 0) throw new UsageError(`${flag} takes no value.`)
    if (option.choices && !option.choices.includes(values[0]!))
      throw new UsageError(`${flag} must be one of ${option.choices.join(', ')}, not "${values[0]}".`)
    const uses = options.get(name)
    if (uses && !option.repeat && needed > 0) throw new UsageError(`${flag} was given twice.`)
    options.set(name, [...(uses ?? []), values])
  }
  if (!options.has('help'))
    for (const [name, option] of Object.entries(known))
      if (option.required && !options.has(name))
        throw new UsageError(`--${name} is needed${option.doc === name.replaceAll('-', ' ') ? '' : `: ${option.doc}`}.`)
  return new Given(options.has('help') ? new Map() : place(command.args ?? [], positional), options)
}

const place = (declared: readonly Argument[], given: readonly string[]): Map<string, string[]> => {
  const out = new Map<string, string[]>()
  let at = 0
  for (const [i, argument] of declared.entries()) {
    const after = declared.slice(i + 1).filter(a => !a.optional).length
    const values = argument.many ? given.slice(at, Math.max(at + 1, given.length - after)) : given.slice(at, at + 1)
    if (values.length === 0 && !argument.optional) throw new UsageError(`<${argument.name}> is missing: ${argument.doc}.`)
    out.set(argument.name, values)
    at += values.length
  }
  if (at < given.length) throw new UsageError(`"${given[at]}" is one argument too many.`)
  return out
}

/** A long option cut short, where only one begins so: `--start` for `--start-time`. */
const abbreviated = (flag: string, lookup: ReadonlyMap<string, string>): string | undefined => {
  if (!flag.startsWith('--')) return undefined
  const names = new Set([...lookup].filter(([key]) => key.startsWith(flag)).map(([, name]) => name))
  return names.size === 1 ? [...names][0] : undefined
}

/** " Did you mean --x?", where one is near. */
export const nearest = (word: string, all: readonly string[]): string => {
  const ranked = all.map(each => [distance(word, each), each] as const).sort((a, b) => a[0] - b[0])
  const best = ranked[0]
  return best && best[0] <= Math.max(2, Math.floor(word.length / 3)) ? ` Did you mean "${best[1]}"?` : ''
}

const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

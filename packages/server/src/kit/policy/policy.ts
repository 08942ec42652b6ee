import { readFileSync, watch as watchFolder } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../log/log.ts'
import { type Compiled, compile, FALLBACK, RuleCycle } from './compile.ts'
import { explain } from './explain.ts'
import { type FileRule, PolicyError, readRules } from './file.ts'
import { type Check, mentions, parse, RuleSyntax } from './parse.ts'
import type { Policy, PolicyDefault, RuleInForce } from './types.ts'

export interface PolicyOptions {
  readonly defaults: readonly PolicyDefault[]
  /** The operator's rules, YAML or JSON; a name there replaces the default of that name. */
  readonly file?: string
  /** Names that are somebody else's when several share one file; not warned about. */
  readonly elsewhere?: (name: string) => boolean
  readonly log: Log
}

/** Rules that follow the operator's file. */
export interface LivePolicy extends Policy {
  /**
   * Attributes of the target that a rule reads: for targets that agree in them, and one caller, the answer is the same. An answer
   * kept longer than a request must be dropped when `generation` changes.
   */
  reads(rule: string): readonly string[]
  /** Counts the times that rules were replaced. */
  readonly generation: number
  /** Reads the file again. A file that cannot be used changes nothing and is logged. Tells whether the rules in force are the file's. */
  reload(): boolean
  /** Reloads whenever the file changes, until the signal. */
  watch(signal: AbortSignal): void
}

/** Several changes of a file come in a burst: editors and `kubectl` write, rename and link. */
const QUIET = 50

interface State {
  readonly compiled: Compiled
  readonly file: ReadonlyMap<string, FileRule>
}

/** Compiles the default rules and the operator's over them. Throws `PolicyError` that names file, line and rule. */
export const createPolicy = (options: PolicyOptions): LivePolicy => {
  const { file, log } = options
  const defaults = readDefaults(options.defaults)

  const load = (source: string | undefined): State => {
    const given = source === undefined || file === undefined ? new Map<string, FileRule>() : readRules(source, file)
    const checks = new Map<string, Check>([...defaults].map(([name, d]) => [name, d.check]))
    for (const [name, rule] of given) checks.set(name, rule.check)
    let compiled: Compiled
    try {
      compiled = compile(checks)
    } catch (error) {
      if (!(error instanceof RuleCycle)) throw error
      // The one to mend is the operator's.
      const name = error.path.find(n => given.has(n)) ?? error.path[0]!
      const at = given.get(name)
      throw new PolicyError(`${at ? `${file}:${at.line}: ` : ''}rule "${name}" ${error.message}`)
    }
    for (const [name, check] of checks)
      if (negatesRemote(check, checks, false)) {
        const at = given.get(name)
        throw new PolicyError(
          `${at ? `${file}:${at.line}: ` : ''}rule "${name}" negates a check that asks another server; such checks always refuse here, so its negation would let everybody`,
        )
      }
    return { compiled, file: given }
  }

  const warn = (state: State): void => {
    const mentioned = new Set([...state.compiled.checks.values()].flatMap(mentions))
    // A name that other rules refer to is a building block of the operator's own.
    for (const [name, { line }] of state.file)
      if (!defaults.has(name) && !mentioned.has(name) && name !== FALLBACK && !options.elsewhere?.(name))
        log.warn({ file, line, rule: name }, `${file}:${line}: rule "${name}" is unknown and decides nothing; is it misspelt?`)
    for (const [name, check] of state.compiled.checks) {
      for (const text of remotes(check))
        log.warn({ rule: name, check: text }, `rule "${name}": "${text}" would ask another server, which is not done: it always refuses`)
      for (const other of mentions(check))
        if (!state.compiled.find(other))
          log.warn({ rule: name }, `rule "${name}" refers to "rule:${other}", which does not exist: it refuses`)
    }
  }

  const read = (): string | undefined => {
    if (file === undefined) return undefined
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new PolicyError(`${file}: cannot be read: ${(error as Error).message}`)
    }
  }

  let source = read()
  let seen = source
  let state = load(source)
  let generation = 0
  warn(state)

  const reload = (): boolean => {
    try {
      const fresh = read()
      seen = fresh
      if (fresh === source) return true
      const next = load(fresh)
      source = fresh
      state = next
      generation++
      warn(state)
      log.info({ file, rules: state.file.size }, 'policy rules reloaded')
      return true
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      log.error({ file }, `policy rules not reloaded, those in force stay: ${error.message}`)
      return false
    }
  }

  /** Whether the file holds something else than when it was last read; other files of its folder change too. */
  const changed = (): boolean => {
    try {
      return read() !== seen
    } catch {
      return true
    }
  }

  return {
    may: (rule, target, who) => state.compiled.test(rule)(target, who),
    explain(rule, target, who) {
      const part = explain(state.compiled, { is: 'rule', text: rule, name: rule }, target, who)
      const set = state.file.get(rule)
      const origin = set ? `set in ${file}, line ${set.line}` : defaults.has(rule) ? 'the default rule' : undefined
      return { ...part, ...(origin && part.because === undefined ? { because: origin } : {}) }
    },
    rules: () => inForce(defaults, state.file, file),
    reads: rule => state.compiled.reads(rule),
    get generation() {
      return generation
    },
    reload,
    watch(signal) {
      if (file === undefined || signal.aborted) return
      let timer: NodeJS.Timeout | undefined
      // The folder, not the file: a replaced file is another file, and a mounted one is a link that is turned.
      const watcher = watchFolder(dirname(file), { persistent: false, signal }, () => {
        clearTimeout(timer)
        timer = setTimeout(() => changed() && reload(), QUIET).unref()
      })
      watcher.on('error', error => {
        if (!signal.aborted) log.error({ file, error: String(error) }, 'the policy file is no longer watched; a reload must be asked for')
      })
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
      // What changed before the watch began.
      if (changed()) reload()
    },
  }
}

type Default = PolicyDefault & { readonly check: Check }

const readDefaults = (given: readonly PolicyDefault[]): ReadonlyMap<string, Default> => {
  const defaults = new Map<string, Default>()
  for (const rule of given) {
    const other = defaults.get(rule.name)
    if (other && other.rule !== rule.rule) throw new PolicyError(`rule "${rule.name}" has two defaults: "${other.rule}" and "${rule.rule}"`)
    if (other) continue
    try {
      defaults.set(rule.name, { ...rule, check: parse(rule.rule) })
    } catch (error) {
      if (!(error instanceof RuleSyntax)) throw error
      throw new PolicyError(`rule "${rule.name}" (default), character ${error.at + 1}: ${error.message}`)
    }
  }
  return defaults
}

const remotes = (c: Check): string[] =>
  c.is === 'remote' ? [c.text] : c.is === 'not' ? remotes(c.part) : c.is === 'and' || c.is === 'or' ? c.parts.flatMap(remotes) : []

const negatesRemote = (c: Check, checks: ReadonlyMap<string, Check>, negated: boolean): boolean => {
  if (c.is === 'remote') return negated
  if (c.is === 'not') return negatesRemote(c.part, checks, !negated)
  if (c.is === 'and' || c.is === 'or') return c.parts.some(part => negatesRemote(part, checks, negated))
  const next = c.is === 'rule' ? (checks.get(c.name) ?? checks.get(FALLBACK)) : undefined
  return next !== undefined && negatesRemote(next, checks, negated)
}

const inForce = (defaults: ReadonlyMap<string, Default>, given: ReadonlyMap<string, FileRule>, file: string | undefined): RuleInForce[] => {
  const list = [...defaults.values()].map(({ check: _, ...rule }): RuleInForce => {
    const set = given.get(rule.name)
    return { ...rule, inForce: set ? set.text : rule.rule, source: set ? 'file' : 'default' }
  })
  // Without the file there is no such rule, and what there is not refuses.
  for (const [name, set] of given)
    if (!defaults.has(name)) list.push({ name, rule: '!', doc: `Defined in ${file}.`, inForce: set.text, source: 'file' })
  return list
}

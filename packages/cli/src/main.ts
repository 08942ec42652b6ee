import type { Session } from '@esi/client'
import { type Entry, type Face, type Given, type Keys, UsageError } from './command.ts'
import { entries } from './entries.ts'
import { explain } from './errors.ts'
import { commandHelp, groupHelp } from './help.ts'
import { Keyboard } from './keyboard.ts'
import { print } from './output.ts'
import { nearest, parse } from './parse.ts'
import { VERSION } from './version.ts'

export interface Terminal {
  out(text: string): void
  err(text: string): void
  readonly width: number
  /** A person looks at standard error. */
  readonly attended: boolean
  readonly environment: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** Where answers come from. */
  readonly keys: Keys
  /** Standard output, for what is no text. */
  readonly screen: NodeJS.WritableStream
}

/** Runs one command line; returns the exit status: 0 done, 1 refused or failed, 2 the command line was wrong. */
export const main = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  try {
    return await run(words, terminal)
  } catch (error) {
    const { text, status } = explain(error, words.includes('--debug'))
    terminal.err(`${text}\n`)
    return status
  }
}

const run = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  if (words[0] === '--version') {
    terminal.out(`esi ${VERSION}\n`)
    return 0
  }
  if (words[0] === '--complete') {
    const { complete } = await import('./complete.ts')
    terminal.out(`${(await complete(entries, words.slice(words[1] === '--' ? 2 : 1))).join('\n')}\n`)
    return 0
  }
  const { entry, rest, group } = lookup(words)
  if (!entry) {
    const wrong = group.at(-1)
    const asksHelp = words.some(w => w === '--help' || w === '-h' || w === 'help') || words.length === 0
    if (entries.some(e => e.words.startsWith(`${group.join(' ')} `)) || group.length === 0) {
      if (asksHelp || group.length > 0) {
        terminal.out(`${groupHelp(entries, group)}\n`)
        return asksHelp ? 0 : 2
      }
    }
    const said = group.length > 0 ? group.join(' ') : words.join(' ')
    const [begun, next] = goesOn(group)
    if (next.length > 0) throw new UsageError(`"esi ${said}" is no command. "esi ${begun}" goes on with ${next.join(', ')}.`)
    throw new UsageError(`"esi ${said}" is no command.${meant(group, said)}${wrong === undefined ? '' : ' "esi --help" lists all.'}`)
  }
  const command = await entry.load()
  const given = parse(command, rest)
  if (given.has('help')) {
    terminal.out(`${commandHelp(entry.words, command)}\n`)
    return 0
  }
  const output = await command.run(face(given, terminal), given)
  if (output) await print(output, given, terminal.out, terminal.width)
  if (output && 'failed' in output && output.failed !== undefined) {
    terminal.err(`${output.failed}\n`)
    return 1
  }
  return 0
}

/** A command that is near, also with arguments behind it. */
const meant = (group: readonly string[], said: string): string => {
  const all = entries.map(e => e.words)
  const begun = group.map((_, i) => group.slice(0, group.length - i).join(' ')).filter(words => words.includes(' '))
  return [said, ...begun].map(words => nearest(words, all)).find(text => text !== '') ?? ''
}

/** The words that begin a command, if two do at least, and those that may follow them. */
const goesOn = (group: readonly string[]): readonly [string, readonly string[]] => {
  for (let n = group.length - 1; n > 1; n--) {
    const begun = group.slice(0, n).join(' ')
    const next = entries.filter(e => !e.hidden && e.words.startsWith(`${begun} `)).map(e => e.words.slice(begun.length + 1))
    if (next.length > 0) return [begun, next]
  }
  return ['', []]
}

/** The command whose words begin the line: the longest that fits. Options may stand before and between. */
const lookup = (words: readonly string[]): { entry?: Entry; rest: readonly string[]; group: readonly string[] } => {
  const byWords = new Map(entries.map(e => [e.words, e]))
  const plain: number[] = []
  for (let i = 0; i < words.length && plain.length < 5; i++) {
    const word = words[i]!
    if (word === '--') break
    if (!word.startsWith('-')) plain.push(i)
    // Global options with a value may stand before the command's words.
    else if (/^--os-/.test(word) && !word.includes('=')) i++
  }
  for (let n = plain.length; n > 0; n--) {
    const entry = byWords.get(
      plain
        .slice(0, n)
        .map(i => words[i]!)
        .join(' '),
    )
    if (entry) {
      const used = new Set(plain.slice(0, n))
      return { entry, rest: words.filter((_, i) => !used.has(i)), group: [] }
    }
  }
  return { rest: [], group: plain.map(i => words[i]!).filter(word => word !== 'help') }
}

const face = (given: Given, terminal: Terminal): Face => {
  let session: Promise<Session> | undefined
  let keyboard: Keyboard | undefined
  return {
    session: () => (session ??= open(given, terminal)),
    progress: text => terminal.attended && terminal.err(`${text}\n`),
    warn: text => terminal.err(`${text}\n`),
    get keyboard() {
      keyboard ??= new Keyboard(terminal.keys, terminal.err)
      return keyboard
    },
    get line() {
      return { keys: terminal.keys, screen: terminal.screen }
    },
    environment: terminal.environment,
    signal: terminal.signal,
    dryRun: given.has('dry-run'),
    cloud: given.one('os-cloud'),
  }
}

const open = async (given: Given, terminal: Terminal): Promise<Session> => {
  const { chooseCloud, nodeTransport, Session } = await import('@esi/client')
  const names = ['auth_url', 'username', 'project_name', 'project_id', 'user_domain_name', 'project_domain_name', 'region_name', 'cacert']
  const options = Object.fromEntries(names.map(name => [name, given.one(`os-${name.replaceAll('_', '-')}`)]))
  const name = given.one('os-cloud')
  const chosen = await chooseCloud({ environment: terminal.environment, options, ...(name ? { cloud: name } : {}) })
  const cloud = given.has('insecure') ? { ...chosen, verify: false } : chosen
  const transport = nodeTransport({ verify: cloud.verify })
  if (cloud.auth.kind !== 'oidc') return heard(new Session(cloud, transport), terminal)
  const kept = (await import('./kept.ts')).keptToken(cloud, terminal.environment)
  const help = { tell: (text: string) => terminal.err(`${text}\n`), signal: terminal.signal, ...(kept ? { kept } : {}) }
  return heard(new Session(cloud, transport, help), terminal)
}

/** What the server says beside its answers is passed on, each of it once. */
const heard = (session: Session, terminal: Terminal): Session => {
  const told = new Set<string>()
  session.warned = text => {
    if (told.has(text)) return
    told.add(text)
    terminal.err(`${text}\n`)
  }
  return session
}

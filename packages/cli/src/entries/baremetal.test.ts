import { describe, expect, it } from 'vitest'
import type { Argument, Command, Face, Option, Output } from '../command.ts'
import { optionsOf, parse } from '../parse.ts'
import { baremetalEntries } from './baremetal.ts'
import { COLUMNS, COMMANDS, PRINT } from './test/ironicclient.ts'

/** Also in its releases, but not at the state that COMMANDS was read at. */
const OTHERS = [
  'conductor show',
  'node hold',
  'node vmedia attach',
  'node vmedia detach',
  'node trait add',
  'runbook trait list',
  'driver raid property list',
]

/** Options of the original's that are not taken, with why. May only shrink. */
const WITHOUT: Readonly<Record<string, string>> = {
  'inspection rule unset --action': 'names a field that rules do not have: the service refuses it from any client',
  'inspection rule unset --condition': 'names a field that rules do not have: the service refuses it from any client',
  'runbook unset --name': 'a runbook must have a name: the service refuses it from any client',
}

/** Arguments that may be left out here, because an option gives them as well. */
const LOOSER = ['deploy template create', 'port create']

const command = async (words: string): Promise<Command> => {
  const found = baremetalEntries.find(e => e.words === `baremetal ${words}`)
  if (!found) throw new Error(`there is no command "baremetal ${words}"`)
  return found.load()
}

const count = ({ many, optional }: Argument): string => (many ? (optional ? '*' : '+') : optional ? '?' : '')

/** Whether an option of ours can be used wherever one that is written so can. */
const takes = (option: Option | undefined, kind: string): boolean => {
  if (!option) return false
  const needed = option.values?.length ?? 0
  const repeats = option.repeat === true || !kind.endsWith('*')
  switch (kind.replace(/\*$/, '')) {
    case '':
      return needed === 0 && repeats
    case '=':
      return (needed === 1 || (needed === 0 && option.maybe !== undefined)) && repeats
    case '=?':
      return needed === 0 && option.maybe !== undefined && repeats
    default:
      return option.maybe?.many === true && repeats
  }
}

describe('whoever knows the original’s client', () => {
  it('finds its commands', () => {
    const ours = new Set(baremetalEntries.map(e => e.words))
    expect([...Object.keys(COMMANDS), ...OTHERS].filter(words => !ours.has(`baremetal ${words}`))).toEqual([])
  })

  it('finds their options and arguments', async () => {
    const [missing, args]: string[][] = [[], []]
    for (const [words, told] of Object.entries(COMMANDS)) {
      const ours = await command(words)
      const print = ours.prints ? PRINT[ours.prints] : ''
      const byName = new Map(
        Object.entries(optionsOf(ours)).flatMap(([name, option]) => [name, ...(option.aliases ?? [])].map(each => [each, option])),
      )
      for (const [, name, kind] of `${told} ${print}`.matchAll(/--([\w-]+)(\S*)/g))
        if (!takes(byName.get(name!), kind!)) missing!.push(`${words} --${name}`)
      const wanted = [...told.matchAll(/<[\w-]+>(\S?)/g)].map(m => m[1]!.trim())
      const here = (ours.args ?? []).map(argument => (LOOSER.includes(words) ? count(argument).replace('?', '') : count(argument)))
      if (String(here) !== String(wanted)) args!.push(`${words}: ${here} and not ${wanted}`)
    }
    expect(missing).toEqual(Object.keys(WITHOUT))
    expect(args).toEqual([])
  })

  it.each(Object.entries(COLUMNS))('finds the columns of "%s" by title and by field', async (words, told) => {
    const ours = await command(words)
    for (const [list, option] of [
      [told.plain, []],
      [told.long, ['--long']],
    ] as const) {
      if (list === undefined) continue
      const wanted = list.split(', ').map(each => each.split('='))
      const given = parse(ours, [...(ours.args ?? []).map(() => 'x'), ...option])
      const printed = (await ours.run(empty, given)) as Extract<Output, { columns: unknown }>
      // What is ours alone comes after what a script may count on.
      expect(printed.columns.slice(0, wanted.length)).toEqual(wanted.map(([, title]) => title))
      expect(printed.names?.slice(0, wanted.length)).toEqual(wanted.map(([field]) => field))
    }
  })
})

/** A service that has nothing: every list in its answers is empty. */
const nothing = new Proxy({}, { get: (_, key) => (typeof key === 'string' && key !== 'then' ? [] : undefined), ownKeys: () => [] })
const empty = {
  session: async () => ({ call: async () => ({ status: 200, headers: {}, body: nothing, requestId: undefined }) }),
  progress() {},
  warn() {},
  dryRun: false,
} as unknown as Face

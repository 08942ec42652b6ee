import type { Command, Entry, Option } from './command.ts'
import { globalOptions, optionsOf } from './parse.ts'

/** What may follow some words: the commands below them, one line each. */
export const groupHelp = (entries: readonly Entry[], words: readonly string[]): string => {
  const prefix = words.length === 0 ? '' : `${words.join(' ')} `
  const below = entries.filter(entry => !entry.hidden && entry.words.startsWith(prefix))
  const lines = below.map(entry => [`esi ${entry.words}`, entry.brief] as const)
  return [
    words.length === 0 ? 'esi: lease and use bare-metal machines of a shared pool.' : `Commands of "esi ${words.join(' ')}":`,
    '',
    ...aligned(lines),
    '',
    `"esi ${prefix}… --help" tells of one. Log in with --os-cloud NAME or OS_CLOUD and a clouds.yaml, or with OS_* variables.`,
  ].join('\n')
}

export const commandHelp = (words: string, command: Command): string => {
  const args = command.args ?? []
  const usage = [
    'esi',
    words,
    ...args.map(a => (a.optional ? `[${a.name}${a.many ? '...' : ''}]` : `<${a.name}>${a.many ? ' ...' : ''}`)),
    '[options]',
  ].join(' ')
  const section = (title: string, lines: readonly (readonly [string, string])[]): string[] =>
    lines.length === 0 ? [] : ['', title, ...aligned(lines)]
  return [
    `Usage: ${usage}`,
    '',
    command.doc ?? `${command.brief}.`,
    ...section(
      'Arguments:',
      args.map(a => [a.name, a.doc] as const),
    ),
    ...section('Options:', describe(optionsOf(command))),
    ...section('Everywhere:', describe(globalOptions)),
    ...(command.examples?.length ? ['', 'Examples:', ...command.examples.map(example => `  ${example}`)] : []),
  ].join('\n')
}

const describe = (options: Readonly<Record<string, Option>>): (readonly [string, string])[] =>
  Object.entries(options).map(([name, option]) => [
    `${option.short ? `-${option.short}, ` : ''}--${name}${(option.values ?? []).map(v => ` <${v}>`).join('')}${option.maybe ? ` [${option.maybe.name}${option.maybe.many ? '...' : ''}]` : ''}`,
    `${option.doc}${option.choices ? ` (${option.choices.join(', ')})` : ''}${option.repeat ? '; may be repeated' : ''}${option.required ? '; required' : ''}`,
  ])

const aligned = (lines: readonly (readonly [string, string])[]): string[] => {
  const width = Math.min(44, Math.max(0, ...lines.map(([left]) => left.length)))
  return lines.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  )
}

import { parseArgs } from 'node:util'

/** One word after `esi-lab`. */
export interface Command {
  readonly name: string
  readonly doc: string
  /** What stands after the name in the usage line. */
  readonly takes?: string
  readonly flags: Readonly<Record<string, Flag>>
  readonly positionals?: readonly [least: number, most: number]
  run(given: Given): Promise<number>
}

export interface Flag {
  readonly doc: string
  /** What the value is; a flag without it is a switch. */
  readonly value?: string
  readonly many?: boolean
  readonly required?: boolean
}

export interface Given {
  readonly positionals: readonly string[]
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly on: (name: string) => boolean
  readonly number: (name: string) => number | undefined
}

/** The command line is wrong; the message says how. */
export class Usage extends Error {}

/** Reads a command's arguments. Throws `Usage`. */
export function given(command: Command, argv: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, f]) => [
      name,
      { type: f.value === undefined ? ('boolean' as const) : ('string' as const), multiple: f.many ?? false },
    ]),
  )
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: command.positionals !== undefined, strict: true }) as typeof parsed
  } catch (error) {
    throw new Usage((error as Error).message)
  }
  const { values, positionals } = parsed
  for (const [name, flag] of Object.entries(command.flags))
    if (flag.required && values[name] === undefined) throw new Usage(`--${name} is needed`)
  const [least, most] = command.positionals ?? [0, 0]
  if (positionals.length < least || positionals.length > most) throw new Usage(`wrong number of arguments: ${usageLine(command)}`)
  return {
    positionals,
    text: name => values[name] as string | undefined,
    texts: name => (values[name] as string[] | undefined) ?? [],
    on: name => values[name] === true,
    number: name => {
      const value = values[name] as string | undefined
      if (value === undefined) return undefined
      const n = Number(value)
      if (value.trim() === '' || !Number.isFinite(n)) throw new Usage(`--${name}: '${value}' is no number`)
      return n
    },
  }
}

export function usageLine(command: Command): string {
  const needed = Object.entries(command.flags)
    .filter(([, f]) => f.required)
    .map(([name, f]) => `--${name} ${f.value ?? ''}`.trim())
  return ['esi-lab', command.name, ...needed, command.takes ?? '', '[flags]'].filter(Boolean).join(' ')
}

export function help(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, f]) => [`  --${name}${f.value ? ` ${f.value}` : ''}`, f.doc] as const)
  const width = Math.max(...flags.map(([left]) => left.length)) + 2
  return [`Usage: ${usageLine(command)}`, '', command.doc, '', ...flags.map(([left, doc]) => `${left.padEnd(width)}${doc}`), ''].join('\n')
}

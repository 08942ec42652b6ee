import type { Entry } from './command.ts'
import { globalOptions, optionsOf } from './parse.ts'

/** What may follow these words: the next words of commands, and the options of a command that is complete. */
export const complete = async (entries: readonly Entry[], words: readonly string[]): Promise<string[]> => {
  const plain = words.filter(word => !word.startsWith('-'))
  const next = new Set<string>()
  for (const { words: text, hidden } of entries) {
    const own = text.split(' ')
    if (!hidden && own.length > plain.length && plain.every((word, i) => own[i] === word)) next.add(own[plain.length]!)
  }
  const entry = entries.filter(e => plain.join(' ').startsWith(e.words)).sort((a, b) => b.words.length - a.words.length)[0]
  if (entry) for (const name of Object.keys({ ...optionsOf(await entry.load()), ...globalOptions })) next.add(`--${name}`)
  return [...next].sort()
}

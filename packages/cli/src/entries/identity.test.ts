import { expect, it } from 'vitest'
import type { Command } from '../command.ts'
import { optionsOf } from '../parse.ts'
import { identityEntries } from './identity.ts'
import { IDENTITY } from './test/openstackclient.ts'

/** Commands of the original's client that have another name here, because `esi policy` is about the rules in force. */
const ELSEWHERE = /^policy /
/** Commands that are not here, with why. May only shrink. */
const ABSENT: Readonly<Record<string, string>> = {
  'access token create': 'signs with the secrets of a program, which does that itself (OAuth 1.0a)',
  'request token authorize': 'the same',
  'request token create': 'the same',
}
/** Options that are not taken, with why. May only shrink. */
const WITHOUT: Readonly<Record<string, string>> = {
  'application credential create --secret': 'others can read a command line: --secret-file',
  'credential set --data': 'the same: --blob-file',
  'user create --password': 'the same: --password-file',
  'user create --password-prompt': 'the same, and - is what is typed',
  'user password set --original-password': 'the same: --original-password-file',
  'user password set --password': 'the same: --password-file',
  'user set --password': 'the same: --password-file',
  'user set --password-prompt': 'the same, and - is what is typed',
}
/** Arguments that are not taken, with why. */
const FEWER: Readonly<Record<string, string>> = {
  'credential create: 1 and not 2': 'what is kept is a secret: --blob-file',
}

const commands = new Map(identityEntries.map(each => [each.words, each]))
const wordsOf = (words: string): string => (ELSEWHERE.test(words) ? `identity ${words}` : words)
const load = async (words: string): Promise<Command> => commands.get(wordsOf(words))!.load()

it('has the commands of the original’s client', () => {
  const missing = Object.keys(IDENTITY).filter(words => !commands.has(wordsOf(words)))
  expect(missing).toEqual(Object.keys(ABSENT))
})

it('has their options', async () => {
  const missing: string[] = []
  for (const [words, told] of Object.entries(IDENTITY)) {
    if (!commands.has(wordsOf(words))) continue
    const known = new Set(Object.entries(optionsOf(await load(words))).flatMap(([name, option]) => [name, ...(option.aliases ?? [])]))
    for (const [, name] of told.matchAll(/--([\w-]+)/g)) if (!known.has(name!)) missing.push(`${words} --${name}`)
  }
  expect(missing.sort()).toEqual(Object.keys(WITHOUT).sort())
})

it('takes as many arguments', async () => {
  const odd: string[] = []
  for (const [words, told] of Object.entries(IDENTITY)) {
    if (!commands.has(wordsOf(words))) continue
    const wanted = [...told.matchAll(/<[\w-]+>(\S?)/g)].length
    const here = (await load(words)).args?.length ?? 0
    if (here !== wanted) odd.push(`${words}: ${here} and not ${wanted}`)
  }
  expect(odd).toEqual(Object.keys(FEWER))
})

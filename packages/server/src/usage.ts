import { parseArgs } from 'node:util'

/** A command line that is wrong; the sentence says what would be right. */
export class UsageError extends Error {}

/** Options of a command, by `node:util`'s parser, with its faults as sentences. */
export const options = <const T extends NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>>(
  words: readonly string[],
  declared: T,
) => {
  try {
    return parseArgs({ args: [...words], options: declared, allowPositionals: false, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

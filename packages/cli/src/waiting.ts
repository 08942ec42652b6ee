import type { Given, Option } from './command.ts'

/** `--wait`, or `--wait 600`: for at most so many seconds. */
export const wait: Option = {
  doc: 'wait until it is so, however long that takes; with a number at most so many seconds',
  maybe: { name: 'seconds', fits: word => /^\d+$/.test(word) },
}

/** How long is to be waited at most, in seconds; 0 for as long as it takes, and nothing if not at all. */
export const secondsOf = (given: Given): number | undefined => (given.has('wait') ? Number(given.one('wait') ?? 0) : undefined)

import type { Part } from '@esi/api/baremetal/replace'

/** What a board says it is. */
export interface Board {
  readonly serial: string | null
  readonly uuid: string | null
}

/** What a BMC tells of parts; `disks` is null where it tells nothing of them. */
export interface Told extends Board {
  readonly macs: readonly string[]
  readonly disks: readonly string[] | null
}

/** The board that was there, and what is known of the one that is to be there. */
export interface Boards {
  readonly was: Board
  readonly is: Board
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Whether each new part is there and each old one gone, and what is missing, in a sentence. */
export const judge = (
  parts: readonly Part[],
  boards: Boards | null,
  told: Told,
): { readonly parts: readonly Part[]; readonly missing: string | undefined } => {
  const missing: string[] = []
  const judged = parts.map((part): Part => {
    const seen = part.kind === 'board' ? board(boards!, told, missing) : listed(part, told, missing)
    return { ...part, seen }
  })
  return { parts: judged, missing: missing.length === 0 ? undefined : missing.join(' ') }
}

const listed = (part: Part, told: Told, missing: string[]): Part['seen'] => {
  const [there, what] = part.kind === 'nic' ? [told.macs, 'network card'] : [told.disks, 'disk']
  // A BMC that lists none says nothing of them.
  if (there === null || there.length === 0) return 'not told'
  if (!there.some(one => same(one, part.new))) {
    missing.push(`The BMC shows no ${what} ${part.new}.`)
    return null
  }
  if (there.some(one => same(one, part.old))) {
    missing.push(`The BMC still shows the ${what} ${part.old}.`)
    return null
  }
  return 'there'
}

const board = ({ was, is }: Boards, told: Told, missing: string[]): Part['seen'] => {
  let known = false
  for (const [key, word] of [
    ['serial', 'serial number'],
    ['uuid', 'UUID'],
  ] as const) {
    const [before, wanted, now] = [was[key], is[key], told[key]]
    if (now === null) continue
    if (wanted !== null && !same(now, wanted)) {
      missing.push(`The BMC says that the machine has the ${word} ${now}, not ${wanted}.`)
      return null
    }
    if (wanted !== null || (before !== null && !same(now, before))) known = true
  }
  if (known) return 'there'
  if (told.serial === null && told.uuid === null) return 'not told'
  missing.push(`The BMC says what it said before: ${told.serial ?? told.uuid}.`)
  return null
}

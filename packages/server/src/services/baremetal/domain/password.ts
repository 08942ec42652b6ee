/** Passwords that we make: without what people mix up, and without what a shell, a URL or a BMC may take for something else. */
const KINDS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '-_'] as const
const ALL = KINDS.join('')

/** A password of that many characters, with one of each kind at least. `pick(n)` gives a number from 0 to n - 1. */
export const makePassword = (length: number, pick: (n: number) => number): string => {
  const of = (text: string) => text[pick(text.length)]!
  for (;;) {
    const made = Array.from({ length }, () => of(ALL)).join('')
    // Never at the ends, where a hyphen may begin an option.
    if (/^[-_]|[-_]$/.test(made)) continue
    if (KINDS.every(kind => [...made].some(c => kind.includes(c)))) return made
  }
}

/** Why a password that a person chose will not do; undefined if it will. */
export const badPassword = (password: string, least: number, most: number): string | undefined => {
  if (!/^[\x21-\x7e]*$/.test(password)) return 'it may have letters, digits and signs of ASCII only, and no blanks'
  if (password.length < least) return `it must have at least ${least} characters`
  if (password.length > most) return `it may have at most ${most} characters with this BMC`
  return undefined
}

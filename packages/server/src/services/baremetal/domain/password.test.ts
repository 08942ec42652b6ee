import { randomInt } from 'node:crypto'
import { expect, it } from 'vitest'
import { badPassword, makePassword } from './password.ts'

it('makes passwords of that length, each of its own, with every kind of character', () => {
  const made = Array.from({ length: 200 }, () => makePassword(16, n => randomInt(n)))
  expect(new Set(made).size).toBe(200)
  for (const one of made) {
    expect(one).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{14}[A-Za-z0-9]$/)
    for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[-_]/]) expect(one).toMatch(kind)
    expect(badPassword(one, 16, 16)).toBeUndefined()
  }
})

it('says what is wrong with one that a person chose', () => {
  expect(badPassword('short', 12, 20)).toContain('at least 12')
  expect(badPassword('x'.repeat(21), 12, 20)).toContain('at most 20')
  expect(badPassword('with a blank in it', 12, 20)).toContain('no blanks')
  expect(badPassword('grün-und-lang-genug', 12, 20)).toContain('ASCII')
  expect(badPassword('long-enough-here', 12, 20)).toBeUndefined()
})

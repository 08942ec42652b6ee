import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fresh, type Generator } from './fresh.ts'

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'esi-fresh-'))))
afterEach(() => rmSync(root, { recursive: true }))

const makes = (name: string, files: Record<string, string>): Generator => ({ name, make: async () => files })

it('says which committed file is not what its generator makes, and where', async () => {
  writeFileSync(join(root, 'a.md'), 'one\ntwo\n')
  const both = [makes('letters', { 'a.md': 'one\nthree\n', 'deep/b.md': 'b' })]
  expect(await fresh(root, both, false)).toEqual(['a.md (letters): line 2 is "two", generated "three"', 'deep/b.md (letters): is missing'])
  expect(readFileSync(join(root, 'a.md'), 'utf8')).toBe('one\ntwo\n')
  expect(await fresh(root, both, true)).toHaveLength(2)
  expect(readFileSync(join(root, 'deep/b.md'), 'utf8')).toBe('b')
  expect(await fresh(root, both, false)).toEqual([])
})

it('says when the committed file has more, a generator makes nothing, or two make the same', async () => {
  writeFileSync(join(root, 'a.md'), 'one\ntwo')
  expect(await fresh(root, [makes('x', { 'a.md': 'one' }), makes('none', {}), makes('y', { 'a.md': 'one\ntwo' })], false)).toEqual([
    'a.md (x): line 2 is "two", generated null',
    'none: makes no file',
    'a.md: made by x and by y',
  ])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allows } from './access-rules.ts'

const may = (pattern: string, path: string) =>
  allows([{ service: 's', method: 'GET', path: pattern }], { types: ['s'], method: 'GET', paths: [path] })

describe('the path of an access rule', () => {
  it.each([
    ['/v1/nodes', '/v1/nodes', true],
    ['/v1/nodes', '/v1/nodes/', false],
    ['/v1/nodes', '/v1/node', false],
    ['/v1/nodes/{node}', '/v1/nodes/a-1', true],
    ['/v1/nodes/{node}', '/v1/nodes/', false],
    ['/v1/nodes/{node}', '/v1/nodes/a/b', false],
    ['/v1/nodes/{}/states', '/v1/nodes/a/states', true],
    ['/v1/*/a', '/v1/nodes/a', true],
    ['/v1/*/a', '/v1/x/y/a', false],
    ['/v1/n*s', '/v1/nodes', true],
    ['/v1/n*s', '/v1/ns', false],
    ['/v1/**', '/v1/a/b/c', true],
    ['/v1/**', '/v1/', true],
    ['/v1/**', '/v1', false],
    ['/**/states', '/v1/nodes/a/states', true],
    ['/**/states', '/v1/nodes/a/states/power', false],
    ['/v1/***', '/v1/a/b', true],
    ['/v1/a.c', '/v1/abc', false],
    ['/v1/a+(b)', '/v1/a+(b)', true],
    ['/v1/{open', '/v1/{open', true],
  ])('%s for %s: %s', (pattern, path, expected) => {
    expect(may(pattern, path)).toBe(expected)
  })

  it('is for that service and that method', () => {
    const rule = { service: 's', method: 'GET', path: '/x' }
    expect(allows([rule], { types: ['t'], method: 'GET', paths: ['/x'] })).toBe(false)
    expect(allows([rule], { types: ['t', 's'], method: 'GET', paths: ['/y', '/x'] })).toBe(true)
    expect(allows([rule], { types: ['s'], method: 'POST', paths: ['/x'] })).toBe(false)
    expect(allows([], { types: ['s'], method: 'GET', paths: ['/x'] })).toBe(false)
  })

  it('matches as the regular expression would that it stands for', () => {
    const piece = fc.constantFrom('**', '*', '{x}', 'a', 'b', '/')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), text, (pieces, rest) => {
        const pattern = `/${pieces.join('')}`
        const source = pattern
          .split(/(\*\*|\*|\{x\})/)
          .map(part => (part === '**' ? '.*' : part === '*' || part === '{x}' ? '[^/]+' : part))
          .join('')
        expect(may(pattern, `/${rest}`)).toBe(new RegExp(`^${source}$`).test(`/${rest}`))
      }),
      { numRuns: 2000 },
    )
  })

  // By a regular expression it would take longer than the world is old.
  it('takes no longer for a pattern that is meant to', () => {
    const path = `/${'a'.repeat(2000)}`
    expect(may(`/${'**a'.repeat(74)}b`, path)).toBe(false)
    expect(may(`/${'*a'.repeat(110)}b`, path)).toBe(false)
    expect(may(`/${'**a'.repeat(74)}`, path)).toBe(true)
  })
})

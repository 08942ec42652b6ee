import { describe, expect, test } from 'vitest'
import { Faults } from './faults.ts'

describe('faults', () => {
  test('strike as often as they were ordered', () => {
    const faults = new Faults()
    faults.add({ kind: 'busy', machine: 'a', count: 2 })
    expect([1, 2, 3].map(() => faults.strikes('busy', 'a') !== undefined)).toEqual([true, true, false])
    expect(faults.list()).toEqual([])
  })

  test('strike only the machine, method and path they name', () => {
    const faults = new Faults()
    faults.add({ kind: 'error', machine: 'a', status: 500, method: 'POST', path: '/Actions/' })
    expect(faults.strikes('error', 'b', { method: 'POST', path: '/x/Actions/y' })).toBeUndefined()
    expect(faults.strikes('error', 'a', { method: 'GET', path: '/x/Actions/y' })).toBeUndefined()
    expect(faults.strikes('error', 'a', { method: 'POST', path: '/x' })).toBeUndefined()
    expect(faults.strikes('error', 'a')).toBeUndefined()
    expect(faults.strikes('error', 'a', { method: 'POST', path: '/x/Actions/y' })).toMatchObject({ struck: 1 })
  })

  test('strike by chance', () => {
    let next = 0
    const faults = new Faults(() => next)
    faults.add({ kind: 'slow', machine: '*', probability: 0.3, ms: 1 })
    expect(faults.strikes('slow', 'any')).toBeDefined()
    next = 0.3
    expect(faults.strikes('slow', 'any')).toBeUndefined()
  })

  test('are switched off by what they are', () => {
    const faults = new Faults()
    faults.add({ kind: 'busy', machine: 'a' })
    faults.add({ kind: 'hang', machine: 'a' })
    faults.add({ kind: 'busy', machine: 'b' })
    expect(faults.clear({ machine: 'a', kind: 'busy' })).toBe(1)
    expect(faults.clear({ machine: 'c' })).toBe(0)
    expect(faults.clear()).toBe(2)
  })

  test.each([
    [{ kind: 'nonsense' }, /no fault 'nonsense'/],
    [{ kind: 'busy', count: 0 }, /count/],
    [{ kind: 'busy', probability: 2 }, /probability/],
    [{ kind: 'slow' }, /needs ms/],
    [{ kind: 'error' }, /needs status/],
    [{ kind: 'error', status: 200 }, /status/],
  ])('refuse %j and change nothing', (order, why) => {
    const faults = new Faults()
    expect(() => faults.add({ machine: 'a', ...order } as never)).toThrow(why)
    expect(faults.list()).toEqual([])
  })
})

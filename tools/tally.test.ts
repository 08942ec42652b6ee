import { describe, expect, it } from 'vitest'
import { tally, verdict } from './tally.mjs'

const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults: tests.map((status, i) => ({ status, fullName: `t${i}` })),
})

describe('the tally', () => {
  it('counts what passed, failed and was skipped, by whatever word', () => {
    const { passed, failed, skipped } = tally(
      { testResults: [file('failed', 'passed', 'failed', 'passed'), file('passed', 'skipped', 'todo', 'pending')] },
      false,
    )
    expect([passed, failed, skipped]).toEqual([2, 1, ['a.test.ts: t0', 'a.test.ts: t1', 'a.test.ts: t2']])
  })
  it('counts a file that failed without a failed test', () => {
    expect(tally({ testResults: [file('failed'), file('failed', 'passed')] }, false)).toMatchObject({ passed: 1, failed: 2 })
  })
  it.each([
    ['there is no report', undefined, true],
    ['nothing was run', { testResults: [] }, true],
    ['it ended badly although every test passed', { testResults: [file('passed', 'passed')] }, false],
  ])('counts a failure when %s', (_, report, ended) => {
    expect(tally(report, ended).failed).toBe(1)
  })
})

describe('the verdict', () => {
  const tests = { passed: 3, failed: 0, skipped: ['x'] }
  it('adds one for each step', () => {
    expect(verdict([true, true], tests, false)).toEqual({ line: '5 passed, 0 failed, 1 skipped', code: 0 })
    expect(verdict([true, false], tests, false)).toEqual({ line: '4 passed, 1 failed, 1 skipped', code: 1 })
  })
  it('takes skipping for failing where that is not allowed', () => {
    expect(verdict([true], tests, true)).toEqual({ line: '4 passed, 1 failed, 0 skipped', code: 1 })
  })
})

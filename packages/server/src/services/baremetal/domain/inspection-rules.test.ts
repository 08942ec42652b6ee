import { CONDITIONS } from '@esi/api/baremetal/inspection-ops'
import { describe, expect, test } from 'vitest'
import { applyRules, type Rule, RuleFailure, type Subject } from './inspection-rules.ts'

const subject = (more: Partial<Subject> = {}): Subject => ({
  node: { uuid: 'n', properties: {}, extra: {}, name: null },
  traits: new Set(),
  ports: new Map([['p', { extra: {}, physical_network: null }]]),
  inventory: {
    cpu: { count: 8 },
    disks: [{ size: 1 }, { size: 2 }],
    bmc_address: '10.0.0.7',
    text: 'PowerEdge R640',
    none: null,
    empty: [],
  },
  plugin_data: {},
  said: [],
  inNet: (address, network) => (network === 'bad' ? undefined : address.startsWith(network)),
  ...more,
})
const rule = (conditions: Rule['conditions'], actions: Rule['actions'] = []): Rule => ({ uuid: 'r', conditions, actions })
const fits = (op: string, args: object, more: object = {}) =>
  applyRules([rule([{ op, args: args as Record<string, unknown>, ...more }])], subject()).length === 1

describe('conditions', () => {
  test.each<[string, object, boolean]>([
    ['eq', { values: ['{inventory[cpu][count]}', 8] }, true],
    ['eq', { values: ['{inventory[cpu][count]}', '8'] }, false],
    ['eq', { values: ['{inventory[cpu][count]}', '8'], force_strings: true }, true],
    ['lt', { values: [1, '{inventory[disks][1][size]}', 3] }, true],
    ['gt', { values: [3, 2, 2] }, false],
    ['is-empty', { value: '{inventory[empty]}' }, true],
    ['is-empty', { value: '{inventory[nowhere]}' }, true],
    ['is-empty', { value: 'x' }, false],
    ['in-net', { address: '{inventory[bmc_address]}', subnet: '10.' }, true],
    ['matches', { value: '{inventory[text]}', regex: 'Power.*' }, true],
    ['matches', { value: '{inventory[text]}', regex: 'Power' }, false],
    ['contains', { value: '{inventory[text]}', regex: 'R6\\d0' }, true],
    ['one-of', { value: '{inventory[cpu][count]}', values: [4, 8] }, true],
    ['is-none', { value: '{inventory[none]}' }, true],
    ['is-none', { value: 0 }, false],
    ['is-true', { value: 'Yes' }, true],
    ['is-true', { value: 0 }, false],
    ['is-false', { value: 'no' }, true],
    ['is-false', { value: 'maybe' }, false],
  ])('%s %j is %s, and its opposite the opposite', (op, args, is) => {
    expect(fits(op, args)).toBe(is)
    expect(fits(`!${op}`, args)).toBe(!is)
  })
  test('are all of those that can be written down', () => {
    for (const op of Object.keys(CONDITIONS)) {
      let why = ''
      try {
        fits(op, { value: 'x', values: ['x'], address: 'x', subnet: 'x', regex: 'x' })
      } catch (e) {
        why = (e as Error).message
      }
      expect(why).not.toMatch(/There is no condition/)
    }
  })
  test.each<[string, boolean]>([
    ['any', true],
    ['all', false],
    ['first', false],
    ['last', true],
  ])('over a loop, %s', (multiple, is) => {
    expect(fits('eq', { values: ['{item[size]}', '2'] }, { loop: ['{inventory[disks][0]}', '{inventory[disks][1]}'], multiple })).toBe(is)
  })
  test('that cannot be judged fail the inspection', () => {
    expect(() => fits('lt', { values: [1, 'x'] })).toThrow(RuleFailure)
    expect(() => fits('in-net', { address: 'x', subnet: 'bad' })).toThrow(/in-net/)
  })
})

describe('actions', () => {
  const done = (...actions: Rule['actions']) => {
    const s = subject()
    applyRules([rule([], actions)], s)
    return s
  }
  test('change the node, its traits, its ports, and what was worked out', () => {
    const s = done(
      { op: 'set-attribute', args: { path: '/extra/deep/key', value: '{inventory[cpu][count]} cores' } },
      { op: 'extend-attribute', args: { path: 'extra.list', value: 1, unique: true } },
      { op: 'extend-attribute', args: { path: 'extra.list', value: 1, unique: true } },
      { op: 'set-attribute', args: { path: 'name', value: 'x' } },
      { op: 'del-attribute', args: { path: 'name' } },
      { op: 'set-capability', args: { name: 'a', value: 1 } },
      { op: 'set-capability', args: { name: 'b', value: 2 } },
      { op: 'set-capability', args: { name: 'a', value: 3 } },
      { op: 'unset-capability', args: { name: 'b' } },
      { op: 'add-trait', args: { name: 'CUSTOM_A' } },
      { op: 'set-port-attribute', args: { port_id: 'p', path: 'physical_network', value: 'n1' } },
      { op: 'set-plugin-data', args: { path: 'a.b', value: 1 } },
      { op: 'extend-plugin-data', args: { path: 'a.c', value: 2 } },
      { op: 'unset-plugin-data', args: { path: 'a.b' } },
      { op: 'log', args: { msg: '{item}', level: 'debug' }, loop: ['x', 'y'] },
    )
    expect(s.node).toMatchObject({ extra: { deep: { key: '8 cores' }, list: [1] }, properties: { capabilities: 'a:3' } })
    expect(s.node).not.toHaveProperty('name')
    expect([...s.traits]).toEqual(['CUSTOM_A'])
    expect(s.ports.get('p')).toMatchObject({ physical_network: 'n1' })
    expect(s.plugin_data).toEqual({ a: { c: [2] } })
    expect(s.said).toEqual(['debug: x', 'debug: y'])
  })
  test('change nothing else', () => {
    for (const path of ['owner', '/provision_state', 'extra.__proto__.x', ''])
      expect(() => done({ op: 'set-attribute', args: { path, value: 1 } })).toThrow(RuleFailure)
    expect(() => done({ op: 'set-port-attribute', args: { port_id: 'q', path: 'extra', value: {} } })).toThrow(/could not be found/)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

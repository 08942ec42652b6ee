import type { Operation } from '@esi/api/baremetal/inspection-ops'
import { isObject } from '@esi/api/types'

type Json = Record<string, unknown>

/** What rules read and change: a copy of the node's fields, its traits and ports, and what inspection found. */
export interface Subject {
  readonly node: Json
  readonly traits: Set<string>
  /** By UUID. */
  readonly ports: ReadonlyMap<string, Json>
  readonly inventory: Readonly<Json>
  readonly plugin_data: Json
  /** Whether an address is in a network; undefined where one of them is none. */
  readonly inNet: (address: string, network: string) => boolean | undefined
  /** What rules have to say, for the node's history. */
  readonly said: string[]
}

export interface Rule {
  readonly uuid: string
  readonly conditions: readonly Operation[]
  readonly actions: readonly Operation[]
}

/** A rule that fails the inspection, or cannot be carried out; the sentence is for the node's owner. */
export class RuleFailure extends Error {}

/** Fields of a node and of a port that a rule may change. */
const NODE = ['properties', 'extra', 'driver_info', 'instance_info', 'resource_class', 'description', 'name', 'conductor_group', 'shard']
const PORT = ['extra', 'local_link_connection', 'physical_network', 'pxe_enabled', 'description', 'category', 'vendor', 'name']

/** Applies rules in their order to a subject, which it changes. Gives the rules that fitted. */
export const applyRules = (rules: readonly Rule[], subject: Subject): string[] => {
  const fitted: string[] = []
  for (const rule of rules) {
    if (!rule.conditions.every(condition => holds(condition, subject))) continue
    fitted.push(rule.uuid)
    for (const action of rule.actions)
      for (const item of items(action, subject)) act(action.op, interpolate(action.args, subject, item) as Json, subject)
  }
  return fitted
}

/** What a loop goes over, which may itself name what was found; without one, once over nothing. */
const items = ({ loop }: Operation, subject: Subject): readonly unknown[] =>
  loop === undefined ? [undefined] : (interpolate(Array.isArray(loop) ? loop : [loop], subject, undefined) as unknown[])

const holds = (condition: Operation, subject: Subject): boolean => {
  const inverted = condition.op.startsWith('!')
  const op = condition.op.replace(/^!\s*/, '')
  const one = (item: unknown): boolean => {
    const args = interpolate(condition.args, subject, item, op === 'is-empty' || op === 'is-none') as Json
    // In a loop numbers have become text.
    return check(op, item === undefined ? args : { ...args, force_strings: true }, subject) !== inverted
  }
  const all = items(condition, subject)
  if (condition.loop === undefined) return one(undefined)
  if (all.length === 0) return false
  switch (condition.multiple ?? 'any') {
    case 'all':
      return all.every(one)
    case 'first':
      return one(all[0])
    case 'last':
      return one(all.at(-1))
    default:
      return all.some(one)
  }
}

const check = (op: string, args: Json, { inNet }: Subject): boolean => {
  const { value } = args
  switch (op) {
    case 'eq':
    case 'lt':
    case 'gt':
      return ordered(op, args)
    case 'is-empty':
      return ['', 'null', 'undefined', '[]', '{}'].includes(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined'))
    case 'in-net': {
      const [address, subnet] = [String(args['address']), String(args['subnet'])]
      const is = inNet(address, subnet)
      if (is === undefined) throw new RuleFailure(`"in-net" cannot tell whether ${address.slice(0, 60)} is in ${subnet.slice(0, 60)}.`)
      return is
    }
    case 'matches':
      return new RegExp(`^(?:${String(args['regex'])})$`, 'u').test(String(value))
    case 'contains':
      return new RegExp(String(args['regex']), 'u').test(String(value))
    case 'one-of':
      return Array.isArray(args['values']) && args['values'].some(v => JSON.stringify(v) === JSON.stringify(value))
    case 'is-none':
      return value === null || value === undefined
    case 'is-true':
      return typeof value === 'string'
        ? ['yes', 'true'].includes(value.toLowerCase())
        : typeof value === 'number'
          ? value !== 0
          : value === true
    case 'is-false':
      return typeof value === 'string'
        ? ['no', 'false'].includes(value.toLowerCase())
        : typeof value === 'number'
          ? value === 0
          : value === false || value === null || value === undefined
    default:
      throw new RuleFailure(`There is no condition "${op}".`)
  }
}

const ordered = (op: 'eq' | 'lt' | 'gt', args: Json): boolean => {
  if (!Array.isArray(args['values'])) throw new RuleFailure(`"${op}" needs a list of values.`)
  const values = args['force_strings'] ? args['values'].map(String) : args['values']
  return values.slice(1).every((b, i) => {
    const a = values[i]
    if (op === 'eq') return JSON.stringify(a) === JSON.stringify(b)
    if (typeof a !== typeof b) throw new RuleFailure(`"${op}" cannot compare ${JSON.stringify(a)} with ${JSON.stringify(b)}.`)
    return op === 'lt' ? a < b : a > b
  })
}

/** `{inventory[cpu][count]}` and `{node.driver_info[x]}` become what they name; a text that is nothing but one keeps its type. */
const interpolate = (value: unknown, subject: Subject, item: unknown, absent = false): unknown => {
  if (Array.isArray(value)) return value.map(each => interpolate(each, subject, item, absent))
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolate(each, subject, item, absent)]))
  if (typeof value !== 'string') return value
  const whole = /^\{([^{}]+)\}$/.exec(value)
  if (whole) {
    const found = lookUp(whole[1]!, subject, item)
    return found === undefined ? (absent ? null : value) : found
  }
  return value.replace(/\{([^{}]+)\}/g, (text, path: string) => {
    const found = lookUp(path, subject, item)
    return found === undefined ? text : typeof found === 'string' ? found : JSON.stringify(found)
  })
}

const lookUp = (path: string, subject: Subject, item: unknown): unknown => {
  const [root, ...rest] = path.replace(/\]/g, '').split(/[.[]/)
  const roots: Json = {
    node: subject.node,
    inventory: subject.inventory,
    plugin_data: subject.plugin_data,
    ...(item === undefined ? {} : { item }),
  }
  return rest.reduce<unknown>(
    (inner, key) => (Array.isArray(inner) ? inner[Number(key)] : isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    Object.hasOwn(roots, root!) ? roots[root!] : undefined,
  )
}

const act = (op: string, args: Json, subject: Subject): void => {
  if (!Object.hasOwn(ACTS, op)) throw new RuleFailure(`There is no action "${op}".`)
  ACTS[op]!(args, subject)
}

const text = (args: Json, name: string): string => String(args[name])
const keysOf = (args: Json): string[] => text(args, 'path').split('.')
const value = (args: Json) => (): unknown => args['value']
const gone = (): undefined => undefined

const portOf = (args: Json, { ports }: Subject): Json => {
  const found = ports.get(text(args, 'port_id'))
  if (!found) throw new RuleFailure(`Port ${text(args, 'port_id').slice(0, 60)} could not be found.`)
  return found
}

const ACTS: Readonly<Record<string, (args: Json, subject: Subject) => void>> = {
  fail: args => {
    throw new RuleFailure(text(args, 'msg'))
  },
  log: (args, s) => void s.said.push(`${String(args['level'] ?? 'info')}: ${text(args, 'msg')}`.slice(0, 500)),
  'set-attribute': (args, s) => change(s.node, NODE, text(args, 'path'), value(args)),
  'extend-attribute': (args, s) => change(s.node, NODE, text(args, 'path'), extended(args)),
  'del-attribute': (args, s) => change(s.node, NODE, text(args, 'path'), gone),
  'set-port-attribute': (args, s) => change(portOf(args, s), PORT, text(args, 'path'), value(args)),
  'extend-port-attribute': (args, s) => change(portOf(args, s), PORT, text(args, 'path'), extended(args)),
  'del-port-attribute': (args, s) => change(portOf(args, s), PORT, text(args, 'path'), gone),
  'set-plugin-data': (args, s) => put(s.plugin_data, keysOf(args), value(args)),
  'extend-plugin-data': (args, s) => put(s.plugin_data, keysOf(args), extended(args)),
  'unset-plugin-data': (args, s) => put(s.plugin_data, keysOf(args), gone),
  'set-capability': (args, s) => capability(s.node, text(args, 'name'), text(args, 'value')),
  'unset-capability': (args, s) => capability(s.node, text(args, 'name'), undefined),
  'add-trait': (args, s) => void s.traits.add(text(args, 'name')),
  'remove-trait': (args, s) => void s.traits.delete(text(args, 'name')),
}

const extended =
  (args: Json) =>
  (before: unknown): unknown => {
    if (before !== undefined && !Array.isArray(before))
      throw new RuleFailure(`"${String(args['path'])}" is no list that could be extended.`)
    const list = before ?? []
    const there = args['unique'] === true && list.some(each => JSON.stringify(each) === JSON.stringify(args['value']))
    return there ? list : [...list, args['value']]
  }

const change = (row: Json, allowed: readonly string[], path: string, to: (before: unknown) => unknown): void => {
  const keys = path.replace(/^\//, '').split(/[./]/)
  if (!allowed.includes(keys[0]!))
    throw new RuleFailure(`A rule cannot change "${path.slice(0, 100)}"; it can change ${allowed.join(', ')}.`)
  put(row, keys, to)
}

const put = (root: Json, keys: readonly string[], to: (before: unknown) => unknown): void => {
  if (keys.some(key => key === '' || key === '__proto__')) throw new RuleFailure(`"${keys.join('.').slice(0, 100)}" is no path.`)
  let at = root
  for (const key of keys.slice(0, -1)) {
    if (!isObject(at[key])) at[key] = {}
    at = at[key] as Json
  }
  const last = keys.at(-1)!
  const value = to(at[last])
  if (value === undefined) delete at[last]
  else at[last] = value
}

/** Capabilities are one text, `name:value,name:value`, as old clients have it. */
const capability = (node: Json, name: string, value: string | undefined): void => {
  const properties = isObject(node['properties']) ? node['properties'] : {}
  const pairs = String(properties['capabilities'] ?? '')
    .split(',')
    .map(pair => pair.trim())
    .filter(pair => pair !== '' && pair.split(':', 1)[0] !== name)
  if (value !== undefined) pairs.push(`${name}:${value}`)
  node['properties'] = { ...properties, capabilities: pairs.join(',') }
}

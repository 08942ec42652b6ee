/** Operators of inspection rules, and what each takes: names of required arguments, then of those that may be left out. */
import { isObject, type Type, Unfit } from '../types.ts'

export interface Operation {
  readonly op: string
  readonly args: Readonly<Record<string, unknown>>
  readonly loop?: readonly unknown[] | Readonly<Record<string, unknown>>
  readonly multiple?: 'any' | 'all' | 'first' | 'last'
}

type Signature = readonly [required: readonly string[], optional?: readonly string[]]

export const CONDITIONS: Readonly<Record<string, Signature>> = {
  eq: [['values'], ['force_strings']],
  lt: [['values'], ['force_strings']],
  gt: [['values'], ['force_strings']],
  'is-empty': [['value']],
  'in-net': [['address', 'subnet']],
  matches: [['value', 'regex']],
  contains: [['value', 'regex']],
  'one-of': [['value'], ['values']],
  'is-none': [['value']],
  'is-true': [['value']],
  'is-false': [['value']],
}

/** `api-call` is not among them: a server that asks any address a rule names would be a hole in every network. */
export const ACTIONS: Readonly<Record<string, Signature>> = {
  fail: [['msg']],
  log: [['msg'], ['level']],
  'set-attribute': [['path', 'value']],
  'extend-attribute': [['path', 'value'], ['unique']],
  'del-attribute': [['path']],
  'set-capability': [['name', 'value']],
  'unset-capability': [['name']],
  'add-trait': [['name']],
  'remove-trait': [['name']],
  'set-plugin-data': [['path', 'value']],
  'extend-plugin-data': [['path', 'value'], ['unique']],
  'unset-plugin-data': [['path']],
  'set-port-attribute': [['port_id', 'path', 'value']],
  'extend-port-attribute': [['port_id', 'path', 'value'], ['unique']],
  'del-port-attribute': [['port_id', 'path']],
}

const one = (value: unknown, table: Readonly<Record<string, Signature>>, word: string): Operation => {
  if (!isObject(value)) throw new Unfit('must be a list of objects')
  const { op, args, loop, multiple } = value
  const bare = typeof op === 'string' && word === 'condition' ? op.replace(/^!\s*/, '') : op
  if (typeof bare !== 'string' || !Object.hasOwn(table, bare))
    throw new Unfit(`must not have the ${word} "${String(op).slice(0, 60)}"; there are ${Object.keys(table).join(', ')}`)
  const [required, optional = []] = table[bare]!
  // A list is the arguments in their order.
  const named = Array.isArray(args) ? Object.fromEntries(args.map((arg, i) => [[...required, ...optional][i] ?? `#${i + 1}`, arg])) : args
  if (!isObject(named)) throw new Unfit(`must have the arguments of "${bare}" as a list or an object`)
  const missing = required.filter(name => named[name] === undefined)
  if (missing.length > 0) throw new Unfit(`misses ${missing.join(', ')} for "${bare}"`)
  const unknown = Object.keys(named).filter(name => !required.includes(name) && !optional.includes(name))
  if (unknown.length > 0) throw new Unfit(`must not have ${unknown.join(', ').slice(0, 100)} for "${bare}"`)
  if (loop !== undefined && !Array.isArray(loop) && !isObject(loop)) throw new Unfit('must have a list or an object as loop')
  if (multiple !== undefined && !['any', 'all', 'first', 'last'].includes(multiple as string))
    throw new Unfit('must have any, all, first or last as multiple')
  if (bare === 'matches' || bare === 'contains') checkRegex(named['regex'])
  return {
    op: op as string,
    args: named,
    ...(loop === undefined ? {} : { loop: loop as NonNullable<Operation['loop']> }),
    ...(multiple === undefined ? {} : { multiple: multiple as NonNullable<Operation['multiple']> }),
  }
}

const checkRegex = (text: unknown): void => {
  if (typeof text !== 'string' || text === '' || text.length > 500)
    throw new Unfit('must have a regular expression of at most 500 characters')
  try {
    new RegExp(text, 'u')
  } catch {
    throw new Unfit(`must have a valid regular expression, not "${text.slice(0, 60)}"`)
  }
}

const operations = (table: Readonly<Record<string, Signature>>, word: string, least: number): Type<Operation[]> => {
  const parse = (value: unknown): Operation[] => {
    if (!Array.isArray(value) || value.length < least) throw new Unfit(`must be a list of ${word}s${least > 0 ? ' that is not empty' : ''}`)
    return value.map(each => one(each, table, word))
  }
  return {
    name: 'array',
    schema: {
      type: 'array',
      minItems: least,
      items: {
        type: 'object',
        properties: {
          op: { type: 'string' },
          args: { type: ['array', 'object'] },
          loop: { type: ['array', 'object'] },
          ...(word === 'condition' ? { multiple: { type: 'string', enum: ['any', 'all', 'first', 'last'] } } : {}),
        },
        required: ['op', 'args'],
      },
    },
    parse,
    query: text => parse(JSON.parse(text)),
  }
}

export const conditions = (): Type<Operation[]> => operations(CONDITIONS, 'condition', 0)
export const actions = (): Type<Operation[]> => operations(ACTIONS, 'action', 1)

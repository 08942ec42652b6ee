import { describe, expect, it } from 'vitest'
import { type Command, UsageError } from './command.ts'
import { parse } from './parse.ts'

const command: Command = {
  brief: 'try it',
  args: [
    { name: 'what', doc: 'the thing' },
    { name: 'more', doc: 'further things', many: true, optional: true },
  ],
  options: {
    'start-time': { doc: 'when', values: ['time'] },
    'time-range': { doc: 'from and to', values: ['start', 'end'] },
    property: { doc: 'a test', values: ['test'], repeat: true },
    long: { doc: 'more', short: 'l' },
  },
  prints: 'list',
  async run() {
    return undefined
  },
}

describe('a command line', () => {
  it('takes options of one and two values, repeated ones and switches, in any order', () => {
    const given = parse(command, [
      '--time-range',
      '2030-01-01',
      '2030-02-01',
      'node1',
      '-l',
      '--property',
      'cpus>=4',
      '--property=ram>1',
      '--start-time=now',
      'x',
      'y',
    ])
    expect(given.arg('what')).toBe('node1')
    expect(given.args('more')).toEqual(['x', 'y'])
    expect(given.pair('time-range')).toEqual(['2030-01-01', '2030-02-01'])
    expect(given.all('property')).toEqual(['cpus>=4', 'ram>1'])
    expect(given.one('start-time')).toBe('now')
    expect(given.has('long')).toBe(true)
  })

  it('takes a long option cut short where only one begins so', () => {
    expect(parse(command, ['n', '--start', 'now']).one('start-time')).toBe('now')
  })

  it('takes everything after -- as it is', () => {
    expect(parse(command, ['n', '--', '--long']).args('more')).toEqual(['--long'])
  })

  it.each([
    [['n', '--strat-time', 'x'], /no option --strat-time\. Did you mean "--start-time"/],
    [['n', '--time-range', 'x'], /needs 2 values: <start> <end>/],
    [[], /<what> is missing: the thing/],
    [['n', '--long=yes'], /takes no value/],
    [['n', '-f', 'xml'], /must be one of table, json, yaml, csv, value, not "xml"/],
    [['n', '--start-time', 'a', '--start-time', 'b'], /given twice/],
  ])('says what is wrong and what would be right: %j', (words, message) => {
    expect(() => parse(command, words)).toThrow(UsageError)
    expect(() => parse(command, words)).toThrow(message)
  })

  it('asks for nothing when help is wanted', () => {
    expect(parse(command, ['--help']).has('help')).toBe(true)
  })
})

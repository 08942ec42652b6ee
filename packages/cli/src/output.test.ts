import { describe, expect, it } from 'vitest'
import { type Command, type Output, UsageError } from './command.ts'
import { print } from './output.ts'
import { parse } from './parse.ts'

const printed = async (output: Output, kind: 'list' | 'one', ...words: string[]): Promise<string> => {
  const command: Command = {
    brief: '',
    prints: kind,
    async run() {
      return undefined
    },
  }
  let all = ''
  await print(
    output,
    parse(command, words),
    text => {
      all += text
    },
    0,
  )
  return all
}

const list: Output = {
  columns: ['UUID', 'Name', 'Count'],
  rows: [
    ['b', 'say "hi", you', 2],
    ['a', null, 10],
  ],
}

describe('what cliff prints', () => {
  it('frames a table', async () => {
    expect(
      await printed(
        {
          columns: ['ID', 'Name'],
          rows: [
            ['1', 'x'],
            ['22', null],
          ],
        },
        'list',
      ),
    ).toBe(['+----+------+', '| ID | Name |', '+----+------+', '| 1  | x    |', '| 22 | None |', '+----+------+', ''].join('\n'))
  })

  it('prints JSON with the titles as keys, and nothing as null', async () => {
    expect(JSON.parse(await printed(list, 'list', '-f', 'json'))).toEqual([
      { UUID: 'b', Name: 'say "hi", you', Count: 2 },
      { UUID: 'a', Name: null, Count: 10 },
    ])
  })

  it('quotes CSV as csv.QUOTE_NONNUMERIC does', async () => {
    expect(await printed(list, 'list', '-f', 'csv')).toBe('"UUID","Name","Count"\n"b","say ""hi"", you",2\n"a","",10\n')
    const flag: Output = { columns: ['Name', 'On'], rows: [['x', true]] }
    expect(await printed(flag, 'list', '-f', 'csv')).toBe('"Name","On"\n"x",True\n')
    expect(await printed(flag, 'list', '-f', 'csv', '--quote', 'minimal')).toBe('Name,On\nx,True\n')
    expect(await printed(flag, 'list', '-f', 'csv', '--quote', 'all')).toBe('"Name","On"\n"x","True"\n')
  })

  it('picks columns, in their own order, and sorts numbers as numbers', async () => {
    expect(await printed(list, 'list', '-f', 'value', '-c', 'count', '-c', 'UUID', '--sort-column', 'Count', '--sort-descending')).toBe(
      'a 10\nb 2\n',
    )
  })

  it('prints one thing for a shell, so that eval gets it back', async () => {
    expect(
      await printed(
        {
          fields: [
            ['name', 'a "b" $c'],
            ['count', 3],
          ],
        },
        'one',
        '-f',
        'shell',
      ),
    ).toBe('name="a \\"b\\" \\$c"\ncount="3"\n')
  })

  it('knows columns by title and by field, and calls them as they were asked for', async () => {
    const both: Output = { columns: ['UUID', 'Provisioning State'], names: ['uuid', 'provision_state'], rows: [['a', 'active']] }
    const keys = async (...words: string[]) => Object.keys(JSON.parse(await printed(both, 'list', '-f', 'json', ...words))[0])
    expect(await keys('-c', 'provision_state', '-c', 'uuid')).toEqual(['uuid', 'provision_state'])
    expect(await keys('-c', 'Provisioning State', '-c', 'Uuid')).toEqual(['UUID', 'Provisioning State'])
    expect(await keys()).toEqual(['UUID', 'Provisioning State'])
    expect(await printed(both, 'list', '-f', 'value', '--sort-column', 'provision_state')).toBe('a active\n')
  })

  it('refuses a column that is not there, and names those that are', async () => {
    await expect(printed(list, 'list', '-c', 'Colour')).rejects.toThrow(UsageError)
    await expect(printed(list, 'list', '-c', 'Colour')).rejects.toThrow('there are UUID, Name, Count')
  })
})

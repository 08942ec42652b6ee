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
    expect(await printed(list, 'list', '-f', 'csv')).toBe('"UUID","Name","Count"\n"b","say ""hi"", you",2\n"a",,10\n')
  })

  it('picks and orders columns, and sorts numbers as numbers', async () => {
    expect(await printed(list, 'list', '-f', 'value', '-c', 'count', '-c', 'UUID', '--sort-column', 'Count', '--sort-descending')).toBe(
      '10 a\n2 b\n',
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

  it('refuses a column that is not there, and names those that are', async () => {
    await expect(printed(list, 'list', '-c', 'Colour')).rejects.toThrow(UsageError)
    await expect(printed(list, 'list', '-c', 'Colour')).rejects.toThrow('there are UUID, Name, Count')
  })
})

import type { Given, Output } from './command.ts'
import { UsageError } from './command.ts'

/** Prints as cliff does, so that scripts written for the original's client read ours: the same formats, the same quoting. */
export const print = async (output: Output, given: Given, write: (text: string) => void, width: number): Promise<void> => {
  if ('text' in output) {
    if (output.text !== '') write(`${output.text}\n`)
    return
  }
  const format = given.one('format') ?? 'table'
  if ('fields' in output) return printOne(chosen(output.fields, given.all('column')), format, given, write, width)
  return printList(arranged(output, given), format, given, write, width)
}

type List = Extract<Output, { columns: unknown }>
type Pairs = readonly (readonly [string, unknown])[]

const arranged = (list: List, given: Given): List => {
  // Newer releases of the original's client call columns by their fields, older ones by titles: scripts of both are understood.
  const at = (column: string): number => {
    const exact = [list.columns, list.names ?? []].map(all => all.indexOf(column)).find(i => i >= 0)
    const i = exact ?? list.columns.findIndex(c => c.toLowerCase() === column.toLowerCase())
    if (i < 0) throw new UsageError(`There is no column "${column}"; there are ${list.columns.join(', ')}.`)
    return i
  }
  let rows = list.rows
  const sort = given.all('sort-column').map(at)
  if (sort.length > 0) {
    if (given.has('sort-descending') && given.has('sort-ascending'))
      throw new UsageError('--sort-ascending and --sort-descending do not go together.')
    const sign = given.has('sort-descending') ? -1 : 1
    rows = rows.toSorted((a, b) => {
      for (const i of sort) {
        const order = compare(a[i], b[i])
        if (order !== 0) return order * sign
      }
      return 0
    })
  }
  // In their own order, whatever the order they are asked in.
  const wanted = new Map(given.all('column').map(column => [at(column), column]))
  if (wanted.size === 0) return { ...list, rows }
  const kept = list.columns.flatMap((title, i) =>
    wanted.has(i) ? [[i, list.names?.[i] === wanted.get(i) ? wanted.get(i)! : title] as const] : [],
  )
  return { columns: kept.map(([, title]) => title), rows: rows.map(row => kept.map(([i]) => row[i])) }
}

const compare = (a: unknown, b: unknown): number => {
  if (a === b) return 0
  if (a === null || a === undefined) return 1
  if (b === null || b === undefined) return -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return text(a) < text(b) ? -1 : 1
}

const chosen = (fields: Pairs, columns: readonly string[]): Pairs => {
  if (columns.length === 0) return fields
  const wanted = columns.map(column => {
    const found = fields.find(([name]) => name.toLowerCase() === column.toLowerCase())
    if (!found) throw new UsageError(`There is no column "${column}"; there are ${fields.map(([name]) => name).join(', ')}.`)
    return found
  })
  return fields.filter(field => wanted.includes(field))
}

const printList = async (list: List, format: string, given: Given, write: (text: string) => void, width: number): Promise<void> => {
  const objects = () => list.rows.map(row => Object.fromEntries(list.columns.map((column, i) => [column, row[i] ?? null])))
  switch (format) {
    case 'json':
      return write(`${JSON.stringify(objects(), null, given.has('noindent') ? 0 : 2)}\n`)
    case 'yaml':
      return write(await yaml(objects()))
    case 'csv':
      return write(
        [list.columns, ...list.rows].map(row => `${row.map(v => csv(v, given.one('quote') ?? 'nonnumeric')).join(',')}\n`).join(''),
      )
    case 'value':
      return write(list.rows.map(row => `${row.map(text).join(' ')}\n`).join(''))
    default:
      return write(list.rows.length === 0 && !given.has('print-empty') ? '\n' : table(list.columns, list.rows, widthOf(given, width)))
  }
}

const printOne = async (fields: Pairs, format: string, given: Given, write: (text: string) => void, width: number): Promise<void> => {
  const object = () => Object.fromEntries(fields.map(([name, value]) => [name, value ?? null]))
  switch (format) {
    case 'json':
      return write(`${JSON.stringify(object(), null, given.has('noindent') ? 0 : 2)}\n`)
    case 'yaml':
      return write(await yaml(object()))
    case 'value':
      return write(fields.map(([, value]) => `${text(value)}\n`).join(''))
    case 'shell':
      return write(
        fields
          .map(
            ([name, value]) =>
              `${given.one('prefix') ?? ''}${name.toLowerCase().replace(/\W/g, '_')}="${text(value).replace(/(["\\$`])/g, '\\$1')}"\n`,
          )
          .join(''),
      )
    default:
      return write(table(['Field', 'Value'], fields, widthOf(given, width)))
  }
}

const yaml = async (value: unknown): Promise<string> => {
  const { stringify } = await import('yaml')
  return stringify(value)
}

const widthOf = (given: Given, terminal: number): number => {
  const asked = given.one('max-width')
  if (asked === undefined) return terminal
  if (!/^\d+$/.test(asked)) throw new UsageError(`--max-width must be a whole number, not "${asked}".`)
  return Number(asked)
}

/** A value in a cell: nothing is empty in CSV and `None` elsewhere, as Python prints it. */
export const text = (value: unknown): string => {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

const csv = (value: unknown, quote: string): string => {
  if (value === null || value === undefined) return quote === 'all' || quote === 'nonnumeric' ? '""' : ''
  const plain = text(value)
  const must = /[",\n\r]/.test(plain)
  if (quote === 'none' && !must) return plain
  const wants = quote === 'all' || (quote === 'nonnumeric' && !['number', 'boolean'].includes(typeof value))
  return wants || must ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** A framed table; columns shrink, the widest first, until it fits. */
export const table = (columns: readonly string[], rows: readonly (readonly unknown[])[], width: number): string => {
  const cells = rows.map(row => row.map(value => text(value).split('\n')))
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map(row => Math.max(0, ...(row[i] ?? []).map(line => line.length)))),
  )
  if (width > 0)
    for (let total = widths.reduce((a, b) => a + b + 3, 1); total > width; total--) {
      const widest = widths.indexOf(Math.max(...widths))
      if (widths[widest]! <= 8) break
      widths[widest]!--
    }
  const rule = `+${widths.map(w => '-'.repeat(w + 2)).join('+')}+\n`
  const line = (row: readonly string[][]): string => {
    const wrapped = row.map((lines, i) => lines.flatMap(l => wrap(l, widths[i]!)))
    const height = Math.max(...wrapped.map(lines => lines.length))
    return Array.from(
      { length: height },
      (_, h) => `|${wrapped.map((lines, i) => ` ${(lines[h] ?? '').padEnd(widths[i]!)} `).join('|')}|\n`,
    ).join('')
  }
  return rule + line(columns.map(c => [c])) + rule + cells.map(line).join('') + rule
}

const wrap = (line: string, width: number): string[] => {
  if (line.length <= width) return [line]
  const out: string[] = []
  let rest = line
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const cut = space > width / 2 ? space : width
    out.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  return [...out, rest]
}

/** One line of the result. */
export interface Line {
  readonly part: string
  readonly what: string
  /** With their units, for people. */
  readonly ours: string
  readonly other: string
  /** Ours by the other's; undefined where nothing is compared. */
  readonly ratio?: number
  /** In words: "at least 1/5". */
  readonly aim?: string
  readonly met?: boolean
}

export interface Bench {
  /** So many times shorter than a full run: 1 is a full run. */
  readonly brief: number
  tell(text: string): void
  line(line: Line): void
}

export const number = (n: number): string =>
  n >= 100
    ? n.toLocaleString('en', { maximumFractionDigits: 0 })
    : n >= 10
      ? n.toFixed(1)
      : n >= 1
        ? n.toFixed(2)
        : n === 0
          ? '0'
          : n.toPrecision(2)

const HEADS = ['part', 'what', 'ours', 'the other', 'ratio', 'aim', 'met']

const cells = (l: Line): string[] => [
  l.part,
  l.what,
  l.ours,
  l.other,
  l.ratio === undefined ? '' : number(l.ratio),
  l.aim ?? '',
  l.met === undefined ? '' : l.met ? 'yes' : 'NO',
]

/** As Markdown, padded, so that it can be read as it is and pasted into a document. */
export const table = (lines: readonly Line[]): string => {
  const rows = [HEADS, ...lines.map(cells)]
  const widths = HEADS.map((_, i) => Math.max(...rows.map(row => row[i]!.length)))
  const text = rows.map(row => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`)
  text.splice(1, 0, `|${widths.map(w => '-'.repeat(w + 2)).join('|')}|`)
  return text.join('\n')
}

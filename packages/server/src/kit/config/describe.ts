import { variable } from './read.ts'
import { isSetting, type Table } from './setting.ts'

/** A setting as documentation shows it. */
export interface Described {
  readonly key: string
  readonly variable: string
  readonly type: string
  /** As it is written in the file; absent when there is none. */
  readonly default?: string
  readonly required: boolean
  readonly secret: boolean
  readonly doc: string
}

/** Every setting of a table in its order. */
export const describe = (table: Table, at: readonly string[] = []): Described[] =>
  Object.entries(table).flatMap(([name, entry]): Described[] => {
    const path = [...at, name]
    if (!isSetting(entry)) return describe(entry, path)
    return [
      {
        key: path.join('.'),
        variable: variable(path),
        type: entry.type,
        ...(entry.default !== undefined && !entry.secret
          ? { default: typeof entry.default === 'string' ? entry.default : JSON.stringify(entry.default) }
          : {}),
        required: entry.required,
        secret: entry.secret,
        doc: entry.doc,
      },
    ]
  })

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')

/** A table in Markdown, one row a setting. */
export const markdown = (settings: readonly Described[]): string =>
  [
    '| key | allowed | default | environment | meaning |',
    '|---|---|---|---|---|',
    ...settings.map(s => {
      const preset = s.required ? 'required' : s.default === undefined ? '' : `\`${s.default}\``
      const name = s.secret ? `\`${s.key}\` or \`${s.key}_file\`` : `\`${s.key}\``
      const env = s.secret ? `\`${s.variable}\`, \`${s.variable}_FILE\`` : `\`${s.variable}\``
      return `| ${[name, s.type, preset, env, s.doc].map(cell).join(' | ')} |`
    }),
    '',
  ].join('\n')

import { readFileSync } from 'node:fs'
import { isCollection, isNode, LineCounter, parseDocument } from 'yaml'
import { ConfigError, type Source } from './read.ts'

/** Reads a configuration file, YAML or JSON; an empty one gives nothing. Throws `ConfigError` with the line of each mistake. */
export const readConfigFile = (file: string): Pick<Source, 'given' | 'file' | 'line'> => {
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`${file}: cannot be read: ${(error as Error).message}`])
  }
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length) throw new ConfigError(document.errors.map(e => `${file}:${lines.linePos(e.pos[0]).line}: ${e.message}`))
  let given: unknown
  try {
    given = document.toJS()
  } catch (error) {
    // Aliases without an anchor, or too many of them.
    throw new ConfigError([`${file}: ${(error as Error).message}`])
  }
  return {
    given,
    file,
    line(path) {
      const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
      if (!isCollection(parent)) return undefined
      for (const item of parent.items) {
        const key = 'key' in (item as object) ? (item as { key: unknown }).key : undefined
        if (isNode(key) && 'value' in key && key.value === path.at(-1) && key.range) return lines.linePos(key.range[0]).line
      }
      return undefined
    },
  }
}

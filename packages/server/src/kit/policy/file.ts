import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { type Check, parse, RuleSyntax } from './parse.ts'

/** The operator's rules cannot be used; the message names file, line and rule. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PolicyError'
  }
}

export interface FileRule {
  readonly check: Check
  /** The rule as text, for people. */
  readonly text: string
  readonly line: number
}

/**
 * Reads a policy file: one mapping of rule names to rules, in YAML or JSON. Nothing but comments means no rules. All mistakes are
 * told at once. Throws `PolicyError`.
 */
export const readRules = (source: string, file: string): ReadonlyMap<string, FileRule> => {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const faults: string[] = []
  const line = (offset: number) => lines.linePos(offset).line
  for (const error of document.errors) faults.push(`${file}:${line(error.pos[0])}: ${error.message}`)
  const rules = new Map<string, FileRule>()
  const root = document.contents
  if (!faults.length && root !== null && !(isScalar(root) && root.value === null)) {
    if (!isMap(root)) throw new PolicyError(`${file}:${line(root.range?.[0] ?? 0)}: must be a mapping of rule names to rules`)
    for (const { key, value } of root.items) {
      const at = line((key as { range?: [number, number, number] }).range?.[0] ?? 0)
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined
      if (!name) {
        faults.push(`${file}:${at}: a rule's name must be text`)
        continue
      }
      const rule = value === null ? null : (value as { toJS(d: unknown): unknown }).toJS(document)
      if (typeof rule !== 'string' && !Array.isArray(rule)) {
        faults.push(`${file}:${at}: rule "${name}" must be text; write "" for everybody, "!" for nobody`)
        continue
      }
      try {
        const check = parse(rule)
        rules.set(name, { check, text: typeof rule === 'string' ? rule : check.text, line: at })
      } catch (error) {
        if (!(error instanceof RuleSyntax)) throw error
        faults.push(`${file}:${at}: rule "${name}", character ${error.at + 1}: ${error.message}`)
      }
    }
  }
  if (faults.length) throw new PolicyError(faults.join('\n'))
  return rules
}

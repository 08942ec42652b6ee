import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { UsageError } from './command.ts'

/** What is too large or too secret for a command line: JSON as it is, the file of JSON or YAML that holds it, or `-` for standard input. */
export const structured = (text: string, option: string): unknown => {
  const inline = /^\s*[[{]/.test(text)
  const content = inline ? text : fileText(text, option)
  try {
    return JSON.parse(content)
  } catch (e) {
    const value = inline ? undefined : fromYaml(content)
    if (typeof value === 'object' && value !== null) return value
    throw new UsageError(`${option}: that is no JSON (${(e as Error).message}).`)
  }
}

/** Loaded only where something is no JSON: a command starts the sooner. */
const fromYaml = (text: string): unknown => {
  const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The text of a file, or of standard input for `-`, without the end of its last line. */
export const fileText = (name: string, option: string): string => {
  try {
    return readFileSync(name === '-' ? 0 : name, 'utf8').replace(/\r?\n$/, '')
  } catch (e) {
    throw new UsageError(`${option}: ${(e as Error).message}. Give JSON, a file that holds it, or - for standard input.`)
  }
}

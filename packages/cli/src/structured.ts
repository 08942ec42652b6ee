import { readFileSync } from 'node:fs'
import { UsageError } from './command.ts'

/** What is too large or too secret for a command line: JSON as it is, the file that holds it, or `-` for standard input. */
export const structured = (text: string, option: string): unknown => {
  const json = /^\s*[[{]/.test(text) ? text : fileText(text, option)
  try {
    return JSON.parse(json)
  } catch (e) {
    throw new UsageError(`${option}: that is no JSON (${(e as Error).message}).`)
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

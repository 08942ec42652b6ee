import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { UsageError } from '../usage.ts'

/** What is needed of a terminal; `process.stdin` is one. */
export interface Keyboard extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}

/** A password from a file ("-": standard input), from a pipe, or typed twice by a person. Never from the command line. */
export const readPassword = async (
  file: string | undefined,
  keyboard: Keyboard = process.stdin,
  screen: NodeJS.WritableStream = process.stderr,
): Promise<string> => {
  if (file !== undefined && file !== '-') return checked(fromFile(file))
  if (file === '-' || !keyboard.isTTY) return checked((await text(keyboard)).replace(/\r?\n$/, ''))
  const first = checked(await typed('Password: ', keyboard, screen))
  if ((await typed('The same again: ', keyboard, screen)) !== first) throw new UsageError('The two passwords are not the same.')
  return first
}

const fromFile = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (e) {
    throw new UsageError(`The password cannot be read: ${(e as Error).message}`)
  }
}

const checked = (password: string): string => {
  if (password === '') throw new UsageError('The password is empty.')
  if (/[\r\n\0]/.test(password)) throw new UsageError('A password is one line.')
  return password
}

/** One line that is not shown. */
const typed = (prompt: string, keyboard: Keyboard, screen: NodeJS.WritableStream): Promise<string> =>
  new Promise((resolve, reject) => {
    screen.write(prompt)
    let line = ''
    const end = (call: () => void) => {
      keyboard.off('data', onData)
      keyboard.setRawMode?.(false)
      keyboard.pause()
      screen.write('\n')
      call()
    }
    const onData = (chunk: Buffer | string) => {
      for (const char of String(chunk)) {
        if (char === '\r' || char === '\n' || char === '\u0004') return end(() => resolve(line))
        if (char === '\u0003') return end(() => reject(new UsageError('interrupted')))
        if (char === '\u007f' || char === '\b') line = [...line].slice(0, -1).join('')
        else line += char
      }
    }
    keyboard.setRawMode?.(true)
    keyboard.on('data', onData)
    keyboard.resume()
  })

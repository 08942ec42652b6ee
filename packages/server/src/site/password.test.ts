import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readPassword } from './password.ts'

/** A person who types this. */
const terminal = (...lines: string[]) => {
  const modes: boolean[] = []
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => void modes.push(raw) })
  let shown = ''
  const screen = new PassThrough()
  screen.on('data', chunk => {
    shown += chunk
    // A line at each prompt, as people do.
    if (String(chunk).endsWith(': ')) setImmediate(() => keyboard.write(lines.shift() ?? '\u0003'))
  })
  return { keyboard, screen, modes, shown: () => shown }
}

test('typed twice, with a letter taken back, and never shown', async () => {
  const t = terminal('sx\u007fecret\r', 'secret\r')
  expect(await readPassword(undefined, t.keyboard, t.screen)).toBe('secret')
  expect(t.shown()).not.toContain('cret')
  expect(t.modes).toEqual([true, false, true, false])
})

test('typed differently, or broken off', async () => {
  const two = terminal('one\r', 'two\r')
  await expect(readPassword(undefined, two.keyboard, two.screen)).rejects.toThrow('not the same')
  const off = terminal()
  await expect(readPassword(undefined, off.keyboard, off.screen)).rejects.toThrow('interrupted')
  expect(off.modes.at(-1)).toBe(false)
})

test('from a pipe and from a file; one line that is not empty', async () => {
  const pipe = (text: string) => Object.assign(new PassThrough(), {}).end(text)
  expect(await readPassword(undefined, pipe('secret\n'))).toBe('secret')
  expect(await readPassword('-', Object.assign(pipe('secret\r\n'), { isTTY: true }))).toBe('secret')
  await expect(readPassword(undefined, pipe('\n'))).rejects.toThrow('is empty')
  await expect(readPassword(undefined, pipe('a\nb\n'))).rejects.toThrow('one line')
  const folder = mkdtempSync(join(tmpdir(), 'esi-password-'))
  try {
    writeFileSync(join(folder, 'p'), 'from a file\n')
    expect(await readPassword(join(folder, 'p'))).toBe('from a file')
    await expect(readPassword(join(folder, 'none'))).rejects.toThrow('cannot be read')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

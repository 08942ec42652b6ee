import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { Keyboard } from './keyboard.ts'

const bench = (tty = false) => {
  const keys = Object.assign(new PassThrough(), { isTTY: tty, raw: [] as boolean[], setRawMode: (on: boolean) => keys.raw.push(on) })
  const shown: string[] = []
  return { keys, shown, keyboard: new Keyboard(keys, text => shown.push(text)) }
}

it('reads answers from a pipe, also those that came in advance and the last one without an end', async () => {
  const { keys, keyboard, shown } = bench()
  keys.write('one\ntwo\r\nthr')
  expect(await keyboard.ask('A? ', '--a')).toBe('one')
  expect(await keyboard.ask('B? ', '--b', true)).toBe('two')
  keys.end('ee')
  expect(await keyboard.ask('C? ', '--c')).toBe('three')
  await expect(keyboard.ask('D? ', '--d-file')).rejects.toThrow('There is nobody to ask. Give it with --d-file.')
  expect(shown.join('')).toBe('A? \nB? \nC? \nD? \n')
})

it('does not show secrets on a terminal, and gives it back as it was', async () => {
  const { keys, keyboard, shown } = bench(true)
  const asked = keyboard.ask('Password: ', '--password-file', true)
  expect(keys.raw).toEqual([true])
  keys.write('wrx\u007fong')
  keys.write('\r')
  expect(await asked).toBe('wrong')
  expect(keys.raw).toEqual([true, false])
  expect(shown.join('')).toBe('Password: \n')
  const stopped = keyboard.ask('Password: ', '--password-file', true)
  keys.write('a\u0003')
  await expect(stopped).rejects.toThrow('interrupted')
  expect(keys.raw.at(-1)).toBe(false)
})

it('takes only a clear yes for one', async () => {
  const { keys, keyboard } = bench()
  keys.end('y\nYES\nno\n\nyep\n')
  const all: boolean[] = []
  for (let i = 0; i < 5; i++) all.push(await keyboard.confirm('Sure?', '--yes'))
  expect(all).toEqual([true, true, false, false, false])
})

import { Refused } from '@esi/api/dialect'
import { expect, test } from 'vitest'
import { CommitUnknown, NotCommitted } from '../db/attempt.ts'
import { refusal } from './refusal.ts'

const socket = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
const postgres = (code: string) => Object.assign(new Error('said by the server'), { code, severity: 'FATAL' })

test.each([
  ['a pipe that broke while a statement was sent', socket('EPIPE', 'write')],
  ['a connection that was reset', socket('ECONNRESET', 'read')],
  ['nobody who listens', socket('ECONNREFUSED', 'connect')],
  ['a socket that is not there', socket('ENOENT', 'connect')],
  ['a server that was told to stop', postgres('57P01')],
  ['a server that crashed', postgres('57P02')],
  ['a server that starts', postgres('57P03')],
  ['no place left', postgres('53300')],
  ['a connection that ended within a statement', new Error('Connection terminated unexpectedly')],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
  ['a change that was not committed', new NotCommitted(socket('EPIPE', 'write'))],
  ['rivals who never gave way', postgres('40P01')],
  ['a lock that was not to be had', postgres('55P03')],
])('%s is no fault of ours: try again', (_, error) => {
  expect(refusal(error)).toMatchObject({ kind: 'unavailable', retryAfter: expect.any(Number) })
})

test('a change of which nobody knows whether it was made is told as such', () => {
  expect(refusal(new CommitUnknown(socket('EPIPE', 'write')))).toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(/whether it was made is not known.*Idempotency-Key/),
  })
})

test('what is wrong here stays our fault, whatever its code looks like', () => {
  expect(refusal(socket('ENOENT', 'open')).kind).toBe('internal')
  expect(refusal(postgres('42P01')).kind).toBe('internal')
  expect(refusal(new TypeError('x is not a function')).kind).toBe('internal')
  const refused = new Refused('missing', 'no such thing')
  expect(refusal(refused)).toBe(refused)
})

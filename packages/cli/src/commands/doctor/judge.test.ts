import { expect, test } from 'vitest'
import { overlaps, summary } from './judge.ts'

const span = (uuid: string, from: number, to: number) => ({ uuid, from: `2030-01-${from}`, to: `2030-01-${to}` })

test('what overlaps is found, whatever the order; what only touches does not', () => {
  expect(overlaps([span('b', 12, 14), span('a', 10, 12), span('c', 14, 15)])).toEqual([])
  expect(overlaps([span('long', 10, 30), span('in', 20, 21), span('same', 20, 21)])).toEqual([
    ['long', 'in'],
    ['long', 'same'],
    ['in', 'same'],
  ])
})

test('the summary counts answers, and shows what losers saw', () => {
  const lines = summary(
    [
      { status: 201, millis: 5, lease: 'l1' },
      { status: 409, millis: 9, free: [['2030-01-01', '2030-01-02']] },
      { status: 0, millis: 7, said: 'gone' },
    ],
    1234,
  )
  expect(lines).toEqual([
    '1 won (201), 1 refused (409), 1 others; 1.23 s altogether, an answer after 7 ms in the middle and 9 ms at most.',
    'The winner is lease l1.',
    'Losers were shown what is free instead: 2030-01-01 to 2030-01-02.',
  ])
})

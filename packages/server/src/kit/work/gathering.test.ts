import { expect, it } from 'vitest'
import { gathering } from './gathering.ts'

it('does at once what comes alone, and together what comes meanwhile', async () => {
  const lots: (readonly number[])[] = []
  const ends: (() => void)[] = []
  const gathered = gathering<number>(items => {
    lots.push(items)
    return new Promise(end => ends.push(end))
  })
  const first = gathered.add(1)
  const rest = [gathered.add(2), gathered.add(3)]
  expect(lots).toEqual([[1]])
  ends[0]!()
  await first
  expect(lots).toEqual([[1], [2, 3]])
  ends[1]!()
  await Promise.all(rest)
})

it('a lot that fails is the failure of all in it and of nobody else', async () => {
  const gathered = gathering<number>(async items => {
    await Promise.resolve()
    if (items.includes(2)) throw new Error('no')
  })
  const ended = await Promise.allSettled([gathered.add(1), gathered.add(2), gathered.add(3)])
  expect(ended.map(e => e.status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  await gathered.add(4)
})

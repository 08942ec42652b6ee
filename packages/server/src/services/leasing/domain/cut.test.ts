import { FOREVER } from '@esi/api/time'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Calendar, cut, meet, type Span, without } from './cut.ts'

const at = (n: number): string => `2027-01-01T${String(n).padStart(2, '0')}:00:00.000000Z`
const span = (from: number, to: number): Span => ({ from: at(from), to: at(to) })
const calendar = (id: number, from: number, to: number, heldTo = to): Calendar => ({ id, during: span(from, to), held: span(from, heldTo) })
const ground: Calendar = { id: 1, during: { from: null, to: FOREVER }, held: { from: null, to: FOREVER } }

describe('cut', () => {
  it('puts everything on the ground where nothing is crossed', () => {
    expect(cut(span(1, 3), span(1, 4), [], [ground])).toEqual([{ within: 1, during: span(1, 3), held: span(1, 4) }])
  })

  it('follows the calendars it crosses, with their turn-around', () => {
    expect(cut(span(1, 10), span(1, 11), [calendar(2, 3, 6, 7)], [ground])).toEqual([
      { within: 1, during: span(1, 3), held: span(1, 3) },
      { within: 1, during: span(7, 10), held: span(7, 11) },
      { within: 2, during: span(3, 6), held: span(3, 7) },
    ])
  })

  it('lets turn-around run over into the next calendar', () => {
    expect(cut(span(1, 3), span(1, 4), [calendar(2, 3, 6)], [ground])).toEqual([
      { within: 1, during: span(1, 3), held: span(1, 3) },
      { within: 2, during: span(3, 4), held: span(3, 4) },
    ])
  })

  it('clips turn-around at the end of what it lies in, but never what was agreed', () => {
    expect(cut(span(1, 6), span(1, 8), [], [calendar(2, 0, 6, 7)])).toEqual([{ within: 2, during: span(1, 6), held: span(1, 7) }])
    expect(cut(span(1, 7), span(1, 8), [], [calendar(2, 0, 6, 6)])).toBeUndefined()
    // Not even where there is time left that is kept for making ready.
    expect(cut(span(1, 7), span(1, 8), [], [calendar(2, 0, 6, 8)])).toBeUndefined()
  })

  it('does not begin where a calendar makes ready', () => {
    expect(cut(span(6, 9), span(6, 9), [calendar(2, 3, 6, 7)], [ground])).toBeUndefined()
  })

  it('covers what is held exactly, each moment once', () => {
    const hour = fc.integer({ min: 0, max: 23 })
    const pair = fc.tuple(hour, hour).filter(([a, b]) => a < b)
    fc.assert(
      fc.property(pair, fc.uniqueArray(hour, { maxLength: 6 }), ([from, to], edges) => {
        const sorted = [...edges].sort((a, b) => a - b)
        const crossed: Calendar[] = []
        for (let i = 0; i + 1 < sorted.length; i += 2) crossed.push(calendar(10 + i, sorted[i]!, sorted[i + 1]!))
        const whole = span(from, to)
        const pieces = cut(whole, whole, crossed, [ground])!
        expect(
          without(
            whole,
            pieces.map(p => p.held),
          ),
        ).toEqual([])
        pieces.forEach((p, i) => {
          for (const q of pieces.slice(i + 1)) expect(meet(p.held, q.held)).toBeUndefined()
          expect(meet(p.held, whole)).toEqual(p.held)
        })
      }),
    )
  })
})

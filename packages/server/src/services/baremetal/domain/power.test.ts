import { type Instant, plus, toMillis } from '@esi/api/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { begun, decide, inherited, leadsTo, POWER, type PowerNotes } from './power.ts'

const START: Instant = '2030-01-01T00:00:00.000000Z'
const ACTIONS = ['on', 'off', 'reboot', 'soft off', 'soft reboot'] as const

test('whatever a machine does, a wish comes to an end, within its time and with few commands', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ACTIONS),
      fc.constantFrom('on' as const, 'off' as const),
      // How the machine takes each command: seconds until it obeys, or never.
      fc.array(fc.option(fc.integer({ min: 0, max: 90 })), { minLength: 8, maxLength: 8 }),
      fc.option(fc.integer({ min: 1, max: 900 })),
      fc.boolean(),
      (action, first, obeys, timeout, oneStep) => {
        const wish = { action, timeout, intent: 1 }
        let now = START
        let power = first
        let coming: { at: Instant; to: 'on' | 'off' } | undefined
        let notes: PowerNotes | undefined
        const commands: string[] = []
        const wasOn = first === 'on'
        // Going off, the force that ends a soft wait, and coming on.
        const most = 2 * (timeout ?? 600) * 1000 + 2 * POWER.hard
        for (let looks = 0; looks < 3000; looks++) {
          expect(toMillis(now) - toMillis(START)).toBeLessThanOrEqual(most + 5 * POWER.look)
          if (coming && coming.at <= now) {
            power = coming.to
            coming = undefined
          }
          notes ??= begun(wish, now, power, oneStep)
          const todo = decide(wish, notes, power, now, oneStep)
          if (todo.is === 'reached') {
            expect(power).toBe(leadsTo(action))
            // A restart was one: off in between, or the one command that does it.
            if (action.endsWith('reboot') && wasOn) expect(commands.some(c => c.endsWith('off') || c === 'reboot')).toBe(true)
            return
          }
          if (todo.is === 'give up') {
            expect(commands.length).toBeGreaterThan(0)
            return
          }
          if (todo.is === 'look') now = plus(now, todo.after)
          else notes = todo.notes
          if (todo.is === 'ask') {
            const seconds = obeys[commands.length]
            commands.push(todo.action)
            expect(commands.length).toBeLessThanOrEqual(2 * POWER.asks + 2)
            if (typeof seconds === 'number' && !coming)
              coming = { at: plus(now, seconds * 1000), to: todo.action.endsWith('off') ? 'off' : 'on' }
          }
        }
        throw new Error('it does not come to an end')
      },
    ),
  )
})

test('what is so already is not asked for', () => {
  for (const action of ['on', 'off', 'soft off'] as const) {
    const seen = leadsTo(action)
    const wish = { action, intent: 1 }
    expect(decide(wish, begun(wish, START, seen, false), seen, START)).toEqual({ is: 'reached' })
  }
})

test('who takes over may ask as often and as long as if nothing had been asked, but presses no soft button again', () => {
  const wish = { action: 'on', intent: 1 } as const
  let notes = begun(wish, START, 'off', false)
  let now = START
  let asked = 0
  // Everybody dies after noting what he was about to do; the last one lives.
  for (let deaths = 0; deaths < 5; deaths++) {
    const todo = decide(wish, notes, 'off', now)
    expect(todo.is).toBe('ask')
    now = plus(now, POWER.hard - 1000)
    notes = inherited(wish, (todo as { notes: PowerNotes }).notes, now)
    now = plus(now, POWER.askAgain)
  }
  for (;;) {
    const todo = decide(wish, notes, 'off', now)
    if (todo.is === 'give up') break
    if (todo.is === 'ask') {
      asked++
      notes = todo.notes
    } else now = plus(now, POWER.look)
  }
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThanOrEqual(POWER.asks)

  const soft = { action: 'soft off', intent: 1 } as const
  const pressed = decide(soft, begun(soft, START, 'on', false), 'on', START) as { notes: PowerNotes }
  expect(inherited(soft, pressed.notes, plus(START, 1000))).toEqual(pressed.notes)
  expect(decide(soft, inherited(soft, pressed.notes, plus(START, 1000)), 'on', plus(START, 30_000)).is).toBe('look')
})

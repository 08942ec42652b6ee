import { next, stable, targets, transitions, verbs } from '@esi/api/baremetal/states'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asked, hindrance, move, possibilities, type Standing, states } from './provision.ts'
import { wayToClean } from './release.ts'

const all = Object.keys(transitions)
const eventsOf = (state: string): string[] => Object.keys(transitions[state as keyof typeof transitions])
const standing = (more: Partial<Standing> = {}): Standing => ({
  provision_state: 'manageable',
  target_provision_state: null,
  maintenance: false,
  maintenance_reason: null,
  retired: false,
  protected: false,
  instance_uuid: null,
  lease: null,
  release: null,
  ...more,
})

describe('the table of transitions', () => {
  test('has 30 states, and every event leads to one of them', () => {
    expect(states).toEqual([...all].sort())
    expect(all).toHaveLength(30)
    for (const state of all) for (const event of eventsOf(state)) expect(all).toContain(next(state, event))
  })

  test('has no state without an exit, and from each of them a node can become available', () => {
    for (const start of all) {
      const seen = new Set([start])
      for (const state of seen) for (const event of eventsOf(state)) seen.add(next(state, event)!)
      expect(eventsOf(start).length, start).toBeGreaterThan(0)
      expect(seen, start).toContain('available')
    }
  })

  test('from every state a lease can end: over ways of the table, to a state that is conducted', () => {
    for (const state of all) {
      const { events, move: to } = wayToClean(state)
      let at = state
      for (const event of events) {
        expect(next(at, event), `${at} ${event}`).toBeDefined()
        at = next(at, event)!
      }
      expect(['cleaning', 'deleting', 'verifying'], state).toContain(at)
      if (events.length > 0) expect(to?.provision_state).toBe(at)
    }
  })

  test('however a node got somewhere, it is on its way to something or stays, and every verb is possible or has a reason', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 40 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (choices, maintenance, retired, isProtected) => {
          let state = 'enroll'
          for (const choice of choices) {
            const events = eventsOf(state)
            const moved = move(state, events[choice % events.length]!)
            expect(moved.target_provision_state === null).toBe(stable.has(moved.provision_state))
            if (!stable.has(moved.provision_state)) expect(targets[moved.provision_state]).toBe(moved.target_provision_state)
            state = moved.provision_state
          }
          const node = standing({ provision_state: state, maintenance, retired, protected: isProtected })
          for (const [verb, possible] of Object.entries(possibilities(node))) {
            const leads = next(state, verbs[verb]!.event) !== undefined
            if (possible === true) expect([...stable, ...Object.keys(targets)]).toContain(asked(state, verb).provision_state)
            else expect(possible).toMatch(/^[a-z"].{10,}/)
            if (!leads) expect(possible).not.toBe(true)
          }
        },
      ),
    )
  })

  test('what leads nowhere throws', () => {
    expect(() => move('enroll', 'deploy')).toThrow('nothing leads from "enroll" by "deploy"')
    expect(hindrance(standing(), 'frobnicate')).toBe('there is no verb "frobnicate"')
    expect(hindrance(standing({ provision_state: 'active' }), 'provide')).toBe(
      'it is in state "active", and "provide" is possible only in "manageable"',
    )
  })

  test('while the end of a lease is not over, only what leads to its end is possible', () => {
    const release = { lease: 'l', project: 'p', began_at: 't', doing: null, quarantined: 'It is dead.' }
    const node = standing({ maintenance: true, release })
    expect(hindrance(node, 'provide')).toBeUndefined()
    expect(hindrance(node, 'adopt')).toBe('it is not proven clean since its last lease: It is dead.')
    expect(hindrance({ ...node, release: { ...release, ended_at: 't' } }, 'provide')).toBe('it is in maintenance')
  })
})

import { editable, next, stable, targets, transitions, verbs } from '@esi/api/baremetal/states'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asks, locked, machine, machineStable, machineTargets, machineVerbs, process, updatable } from '../test/machine.ts'
import { atWork, byEvent, hindrance, onward, type Standing } from './provision.ts'

const STATES = Object.keys(machine)
const EVENTS = [...new Set(Object.values(machine).flatMap(ways => Object.keys(ways)))]

const STANDING: Standing = {
  provision_state: 'enroll',
  target_provision_state: null,
  maintenance: false,
  maintenance_reason: null,
  retired: false,
  protected: false,
  instance_uuid: null,
  lease: null,
  release: null,
}

describe('the original’s machine and ours', () => {
  test('lead to the same by every event in every state, and nowhere by the others', () => {
    expect(STATES).toHaveLength(30)
    expect(Object.keys(transitions).sort()).toEqual([...STATES].sort())
    for (const state of STATES)
      for (const event of EVENTS) expect([state, event, next(state, event)]).toEqual([state, event, machine[state]![event]])
    expect(next('active', 'constructor')).toBeUndefined()
    expect(next('constructor', 'done')).toBeUndefined()
  })

  test('have the same targets, stable states, verbs, states at work, and states to edit in', () => {
    expect(targets).toEqual(machineTargets)
    expect([...stable].sort()).toEqual(machineStable)
    expect(Object.fromEntries(Object.entries(verbs).map(([verb, { event, since }]) => [verb, [event, since]]))).toEqual(machineVerbs)
    expect([...atWork].sort()).toEqual([...locked].sort())
    expect([...editable].sort()).toEqual([...updatable].sort())
  })

  test('go the same way, whatever clients ask for and conductors come to, with the same targets', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), choices => {
        let theirs = { state: 'enroll', target: null as string | null }
        let ours = { provision_state: 'enroll', target_provision_state: null as string | null }
        for (const choice of choices) {
          const { state, target } = theirs
          if (atWork.has(state) || state.endsWith('wait') || state === 'wait call-back') {
            // What conductors do; they give cleaning by hand its target again.
            const events = Object.keys(machine[state]!).filter(event => !Object.hasOwn(machineVerbs, event) || event === 'manage')
            const event = events[choice % events.length]!
            if (event !== 'delete' && event !== 'abort') {
              const given = state.startsWith('clean') && target === 'manageable' ? target : undefined
              theirs = process(theirs, event, given)!
              ours = onward(ours, event)
            }
          } else {
            const able = Object.keys(machineVerbs).filter(verb => asks(theirs, verb) !== undefined)
            const verb = able[choice % able.length]!
            theirs = asks(theirs, verb)!
            ours = byEvent(ours.provision_state, verbs[verb]!.event, ours.target_provision_state)
          }
          expect(ours).toEqual({ provision_state: theirs.state, target_provision_state: theirs.target })
        }
      }),
    )
  })

  test('take the same verbs', () => {
    for (const state of STATES)
      for (const verb of Object.keys(machineVerbs)) {
        const possible = hindrance({ ...STANDING, provision_state: state }, verb) === undefined
        expect([state, verb, possible]).toEqual([state, verb, !locked.includes(state) && asks({ state, target: null }, verb) !== undefined])
      }
  })
})

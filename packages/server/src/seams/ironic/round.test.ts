import { next, transitions } from '@esi/api/baremetal/states'
import { describe, expect, it } from 'vitest'
import type { IronicNode } from './client.ts'
import { cleaning, newRound, nextOfRound, PATIENCE, proofOfRound, type Round, turnAroundOf, unfit } from './round.ts'

const node = (more: Partial<IronicNode>): IronicNode => ({
  uuid: 'n',
  name: null,
  owner: null,
  lessee: null,
  resource_class: null,
  properties: {},
  extra: {},
  instance_info: {},
  instance_uuid: null,
  allocation_uuid: null,
  provision_state: 'available',
  target_provision_state: null,
  provision_updated_at: null,
  power_state: 'power off',
  target_power_state: null,
  maintenance: false,
  retired: false,
  protected: false,
  automated_clean: null,
  network_interface: 'neutron',
  reservation: null,
  console_enabled: false,
  clean_step: null,
  last_error: null,
  ...more,
})

const EVENT: Readonly<Record<string, string>> = { deleted: 'delete' }
/** What each state in which Ironic works comes to when all goes well. */
const BY_ITSELF: Readonly<Record<string, string>> = {
  deploying: 'done',
  cleaning: 'done',
  'clean wait': 'resume',
  deleting: 'clean',
  verifying: 'done',
  inspecting: 'done',
  adopting: 'done',
  rescuing: 'done',
  unrescuing: 'done',
  servicing: 'done',
}

/** Plays an Ironic that does as it is asked; gives what it was asked for. */
const play = (from: string, steps: boolean, more: Partial<IronicNode> = {}): { readonly asked: string[]; readonly round: Round } => {
  let round = newRound('lease', '2030-01-01T00:00:00.000000Z')
  let now = node({ provision_state: from, power_state: 'power on', console_enabled: true, instance_uuid: 'i', ...more })
  let target = 'available'
  const asked: string[] = []
  for (let i = 0; i < 40; i++) {
    if (cleaning(now)) round = { ...round, seen: true }
    const todo = nextOfRound(now, round, steps)
    switch (todo.do) {
      case 'ready':
        return { asked, round }
      case 'wait': {
        const event = BY_ITSELF[now.provision_state]
        if (event === undefined) throw new Error(`nobody ends "${now.provision_state}"`)
        // By hand a cleaning ends where it began; a retired node is not made available.
        const to =
          now.provision_state === 'cleaning' && (target === 'manageable' || now.retired) ? 'manageable' : next(now.provision_state, event)!
        now = { ...now, provision_state: to }
        break
      }
      case 'provision': {
        asked.push(todo.verb)
        const event = EVENT[todo.verb] ?? todo.verb
        const to = next(now.provision_state, event)
        if (to === undefined) throw new Error(`"${todo.verb}" is refused in "${now.provision_state}"`)
        target = todo.verb === 'clean' ? 'manageable' : 'available'
        round = { ...round, asked: { verb: todo.verb, sent: true } }
        now = { ...now, provision_state: to, ...(todo.verb === 'deleted' ? { power_state: 'power off', instance_uuid: null } : {}) }
        break
      }
      case 'power off':
        asked.push('power off')
        now = { ...now, power_state: 'power off' }
        break
      case 'console off':
        now = { ...now, console_enabled: false }
        round = { ...round, consoleTried: true }
        break
      case 'free':
        now = { ...now, instance_uuid: null }
        break
      case 'note cleaned':
        round = { ...round, cleaned: true }
        break
      case 'broken':
        throw new Error(todo.why)
    }
  }
  throw new Error(`it went round in a circle: ${asked.join(', ')}`)
}

describe('making a node ready', () => {
  it.each(Object.keys(transitions))('comes to a clean node from "%s", and asks for nothing that Ironic refuses there', state => {
    for (const steps of [false, true]) {
      const { asked, round } = play(state, steps)
      expect(asked.filter(a => ['provide', 'deleted', 'clean'].includes(a))).not.toHaveLength(0)
      expect(round.cleaned).toBe(steps)
      if (steps) expect(asked.indexOf('clean')).toBeLessThan(asked.lastIndexOf('provide'))
    }
  })

  it('leaves a retired node manageable, cleaned', () => {
    expect(play('active', false, { retired: true }).asked).toEqual(['power off', 'deleted'])
    expect(play('active', true, { retired: true }).asked).toEqual(['power off', 'deleted', 'clean'])
  })

  it('is not done while Ironic works, and needs a person where it does not', () => {
    const round = newRound(null, '2030-01-01T00:00:00.000000Z')
    expect(nextOfRound(node({ reservation: 'conductor' }), round, false)).toMatchObject({ do: 'wait' })
    expect(nextOfRound(node({ target_power_state: 'power off' }), round, false)).toMatchObject({ do: 'wait' })
    expect(nextOfRound(node({ maintenance: true }), round, false)).toMatchObject({ do: 'broken' })
    expect(nextOfRound(node({}), { ...round, vain: PATIENCE }, false)).toMatchObject({ do: 'broken' })
    const failed = node({ provision_state: 'clean failed' })
    expect(nextOfRound(failed, round, false)).toEqual({ do: 'provision', verb: 'manage' })
    expect(nextOfRound(failed, { ...round, asked: { verb: 'provide', sent: true } }, false)).toMatchObject({ do: 'broken' })
    // What was to be asked for and may not have been is asked for again.
    expect(nextOfRound(node({}), { ...round, asked: { verb: 'provide', sent: false } }, false)).toEqual({ do: 'provision', verb: 'manage' })
  })
})

describe('what is said of it', () => {
  const round = newRound(null, '2030-01-01T00:00:00.000000Z')
  const disk = (change: Partial<Round>, more: Partial<IronicNode> = {}) =>
    proofOfRound(node(more), { ...round, ...change }, [], ['a.b'])['disk']

  it('is no stronger than what was seen', () => {
    expect(disk({})).toBe('unknown')
    expect(disk({}, { properties: { erase: 'none' } })).toBe('not wiped, as its owner says (erase: none)')
    expect(disk({ seen: true })).toBe('cleaned by ironic: its automated cleaning, steps unknown')
    expect(disk({ cleaned: true })).toBe('cleaned by ironic: a.b')
    const ports = (vifs: readonly string[] | undefined, kind = 'neutron') =>
      proofOfRound(node({ network_interface: kind }), round, vifs, [])['ports']
    expect([ports([]), ports(['v']), ports(undefined), ports([], 'noop'), ports([], 'flat')]).toEqual([
      'detached',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ])
    expect(proofOfRound(node({ power_state: null }), round, [], [])['power']).toBe('unknown')
  })

  it('counts as clean for others only when it was cleaned, or needs no cleaning', () => {
    const proof = { disk: 'cleaned by ironic: a.b' }
    expect(unfit(node({}), proof, false)).toBeUndefined()
    expect(unfit(node({}), undefined, false)).toBeUndefined()
    expect(unfit(node({}), { disk: 'unknown' }, false)).toMatch(/not seen/)
    expect(unfit(node({ properties: { erase: 'none' } }), { disk: 'unknown' }, false)).toBeUndefined()
    expect(unfit(node({ automated_clean: false }), proof, false)).toMatch(/does not clean/)
    expect(unfit(node({ automated_clean: false }), proof, true)).toBeUndefined()
    expect(unfit(node({ retired: true, properties: { erase: 'none' } }), proof, true)).toBe('it is retired')
  })

  it('passing through "cleaning" says nothing: Ironic does it with cleaning switched off, too', () => {
    expect(cleaning({ provision_state: 'cleaning', clean_step: {} })).toBe(false)
    expect(cleaning({ provision_state: 'cleaning', clean_step: null })).toBe(false)
    expect(cleaning({ provision_state: 'cleaning', clean_step: { step: 'erase_devices' } })).toBe(true)
    expect(cleaning({ provision_state: 'clean wait', clean_step: {} })).toBe(true)
  })

  it('takes as long as it took before', () => {
    expect(turnAroundOf()).toBe(300_000)
    expect(turnAroundOf([1, 2, 3, 4])).toBe(300_000)
    expect(turnAroundOf([1000, 2000, 3000, 4000, 61_500])).toBe(62_000)
  })
})

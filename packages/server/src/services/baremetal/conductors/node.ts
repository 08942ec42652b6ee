import { moving } from '@esi/api/baremetal/states'
import { plus } from '@esi/api/time'
import { again, type Conductor, done, type Outcome } from '../../../kit/work/conductor.ts'
import { flashing } from '../domain/flash.ts'
import { move, releasing } from '../domain/provision.ts'
import { wayToClean } from '../domain/release.ts'
import { expected } from '../domain/stuck.ts'
import { stays } from '../store/clean.ts'
import { type Conducted, conducted, groupOf } from '../store/conduct-node.ts'
import type { World } from '../world.ts'
import { bootSettings } from './boot-settings.ts'
import { COMMAND, type Hand, type Stage, Superseded, save, type Turn } from './hand.ts'
import { power, tellFailed } from './power.ts'
import { adopting } from './provision/adopting.ts'
import { cleaning } from './provision/cleaning.ts'
import { deleting } from './provision/deleting.ts'
import { inspecting } from './provision/inspecting.ts'
import { deploying, rescuing, resuming, servicing, unrescuing } from './provision/instance.ts'
import { done as fulfilled, verifying } from './provision/verifying.ts'
import { settle } from './steps/flash.ts'

/** What is done in each state that changes by itself; one file a state. */
const STAGES: Readonly<Record<string, Stage>> = {
  verifying,
  cleaning,
  deleting,
  inspecting,
  adopting,
  deploying,
  rescuing,
  unrescuing,
  servicing,
  'clean wait': resuming,
  'service wait': resuming,
  'wait call-back': resuming,
}
/** Somebody asked to be asked before it goes on: what is left of the wish stays. */
const HELD = new Set(['clean hold', 'service hold', 'deploy hold'])

/** The stays in a state that somebody will look at when they are too long, by node; of this process. */
type Watched = Map<string, string>

/** Looks in one run; then others get their turn. */
const TURNS = 20

/** Brings a node to what is wanted of it: its provision state, its power, the end of a lease. */
export const nodeConductor = (world: World): Conductor => {
  const watched: Watched = new Map()
  return {
    name: 'node',
    key: 'the node’s uuid',
    reads: ['baremetal.node', 'baremetal.hardware_call'],
    owns: [
      'baremetal.node.target_power_state',
      'baremetal.node.clean_proof',
      'baremetal.node.release',
      'baremetal.node.notes',
      'baremetal.node.unsettled_until',
      'baremetal.node.boot_mode',
      'baremetal.node.secure_boot',
      'baremetal.lease_end',
    ],
    // A machine that answers nothing takes a place until its calls have timed out; there must be more places than dead machines.
    slots: 64,
    limit: 300_000,
    outside: true,
    command: COMMAND,
    groups: () => world.config.groups,
    groupOf: key => groupOf(world.database.db, key),
    run: (key, run) => conduct({ world, run }, key, watched),
  }
}

const conduct = async (hand: Hand, key: string, watched: Watched): Promise<Outcome> => {
  for (let turns = 0; turns < TURNS; turns++) {
    const node = await conducted(hand.world.database.db, key)
    if (!node || !STAGES[node.provision_state]) watched.delete(key)
    if (!node) return done
    if (node.reservation !== null) return again(1000, `it is reserved by ${node.reservation}`)
    try {
      const turn = await look(hand, node, watched)
      if (turn !== 'on') return turn
    } catch (error) {
      if (!(error instanceof Superseded)) throw error
    }
  }
  return again(0, 'there is more to do')
}

const look = async (hand: Hand, node: Conducted, watched: Watched): Promise<Turn> => {
  const stage = STAGES[node.provision_state]
  if (stage) {
    await watch(hand, node, watched)
    return stage(hand, node)
  }
  if (moving.has(node.provision_state)) return abandoned(hand, node)
  if (node.stuck_at !== null && !(await save(hand, node, { stuck_at: null }))) return 'on'
  if (releasing(node) && node.release?.quarantined === undefined) return towardsClean(hand, node)
  if (flashing(node)) return settle(hand, node)
  if (node.wanted.power) return power(hand, node)
  if (node.wanted.boot_mode || node.wanted.secure_boot) return bootSettings(hand, node)
  if (node.wanted.provision && !HELD.has(node.provision_state)) return drop(hand, node)
  await askPower(hand, node)
  return done
}

/** Somebody changed something about a node that could not be read, or never was: it is read now, and not some time later. */
const askPower = async (hand: Hand, node: Conducted): Promise<void> => {
  if (node.provision_state === 'enroll' || (node.power_seen_at !== null && node.power_failures === 0)) return
  await hand.run.transaction(async tx => tx.wake('power-sync', node.uuid))
}

/** The next state on the way of a lease's end. */
const towardsClean = async (hand: Hand, node: Conducted): Promise<'on'> => {
  const way = wayToClean(node.provision_state)
  await save(hand, node, now => ({ ...way.move!, wanted: { ...now.wanted, provision: { verb: 'release', intent: now.intent } } }))
  return 'on'
}

/** A state that goes on by itself, and nobody here makes it go on: it ends by its own way of failing instead of for ever. */
const abandoned = async (hand: Hand, node: Conducted): Promise<'on'> => {
  const message = `Nothing on this installation carries out "${node.provision_state}".`
  await save(
    hand,
    node,
    now => ({ ...move(now.provision_state, 'fail'), last_error: message, wanted: fulfilled(now) }),
    (tx, now) => tellFailed(tx, now, 'provision', message),
  )
  return 'on'
}

/** The verb that led to where it is now is done with. */
const drop = async (hand: Hand, node: Conducted): Promise<'on'> => {
  await save(hand, node, now => ({ wanted: fulfilled(now) }))
  return 'on'
}

/** Has somebody look at it when its state takes longer than it should, even if we hang; said once for each stay in a state. */
const watch = async (hand: Hand, node: Conducted, watched: Watched): Promise<void> => {
  if (node.stuck_at !== null || node.provision_updated_at === null) return
  const stay = `${node.provision_state} ${node.provision_updated_at}`
  if (watched.get(node.uuid) === stay) return
  const limit = expected(node.provision_state, await stays(hand.world.database.db, node.provision_state, node.resource_class))
  const at = limit === undefined ? undefined : plus(node.provision_updated_at, limit)
  if (at !== undefined && at > hand.run.now()) await hand.run.transaction(async tx => tx.wake('node-stuck', node.uuid, at))
  watched.set(node.uuid, stay)
}

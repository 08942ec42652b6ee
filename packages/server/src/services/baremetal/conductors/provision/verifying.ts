import { isSecretKey } from '@esi/api/baremetal/masks'
import { type Bmc, BmcError, type BmcIdentity, type Call } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { registryOf } from '../../domain/bios.ts'
import { componentsOf } from '../../domain/inventory.ts'
import { move, releasing } from '../../domain/provision.ts'
import { applyBios, type FoundSetting, noteFirmware } from '../../store/bios.ts'
import type { Conducted, Values } from '../../store/conduct-node.ts'
import { type Hand, notesOf, pause, type Reach, reach, type Stage, save } from '../hand.ts'
import { tellFailed } from '../power.ts'
import { quarantined, tell } from './quarantine.ts'

/** Tries while the BMC says that it is busy; what is wrong with an address or a password is told at once. */
const TRIES = 5

/** Proves that the BMC can be reached and is the right one, and takes down what the machine is. */
export const verifying: Stage = async (hand, node) => {
  const bmc = reach(hand, node)
  try {
    const identity = await bmc.read((b, call) => b.identify(call))
    const power = await bmc.read((b, call) => b.power(call))
    const boot = await settings(hand, node, bmc)
    const bios = await readBios(bmc)
    await save(
      hand,
      node,
      now => ({
        ...move(now.provision_state, 'done'),
        power_state: `power ${power}`,
        power_seen_at: hand.run.now(),
        power_failures: 0,
        last_error: null,
        ...(now.fault === 'power failure' ? { fault: null, maintenance: false, maintenance_reason: null } : {}),
        driver_internal_info: { ...now.driver_internal_info, identity },
        properties: { ...found(identity), ...now.properties },
        ...boot,
        wanted: done(now),
      }),
      async (tx, now) => {
        await noteFirmware(tx, now.uuid, componentsOf(identity))
        if (bios) await applyBios(tx, now.uuid, bios)
        tx.wake('power-sync', now.uuid)
      },
    )
    return 'on'
  } catch (error) {
    if (!(error instanceof BmcError)) throw error
    return wrong(hand, node, error)
  }
}

const wrong = async (hand: Hand, node: Conducted, error: BmcError) => {
  const notes = notesOf(node)
  const tries = (notes.tries ?? 0) + 1
  if (error.fault === 'busy' && tries < TRIES) {
    if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on' as const
    return again(pause(tries), error.message)
  }
  const message = `Failed to verify the node's BMC. Error: ${error.message}`
  await save(
    hand,
    node,
    now => ({
      ...move(now.provision_state, 'fail'),
      last_error: message,
      wanted: done(now),
      ...(releasing(now) ? quarantined(now, error.message, error.retryable) : {}),
    }),
    async (tx, now) => {
      tellFailed(tx, now, 'verify', message)
      if (releasing(now)) await tell(tx, now, 'verify', error.message, error.retryable)
    },
  )
  return 'on' as const
}

/** A node's wishes without the verb that led to its state. */
export const done = (node: Conducted): Conducted['wanted'] => {
  const { provision: _, ...rest } = node.wanted
  return rest
}

/** The BIOS settings that the BMC tells, without values of passwords; null where it tells none. That is no reason to fail. */
export const readBios = async (bmc: Reach): Promise<readonly FoundSetting[] | null> => {
  const orNull = async <T>(work: (b: Bmc, call: Call) => Promise<T> | undefined): Promise<T | null> => {
    try {
      return await bmc.read(async (b, call) => (await work(b, call)) ?? null)
    } catch (error) {
      if (error instanceof BmcError && error.fault !== 'unreachable') return null
      throw error
    }
  }
  const read = await orNull((b, call) => b.biosSettings?.(call))
  if (!read) return null
  const rules = new Map((await orNull((b, call) => b.biosRegistry?.(call)))?.map(rule => [rule.name, rule]))
  return Object.entries(read).map(([name, value]) => {
    const rule = rules.get(name)
    const hidden = value === null || isSecretKey(name) || rule?.type === 'Password'
    return { name, value: hidden ? null : String(value), ...(rule ? { registry: registryOf(rule) } : {}) }
  })
}

/** What the owner's properties say where they say nothing yet. */
export const found = (identity: BmcIdentity): Values => ({
  ...(identity.cpus === null ? {} : { cpus: identity.cpus }),
  ...(identity.memoryMb === null ? {} : { memory_mb: identity.memoryMb }),
  ...(identity.vendor === null ? {} : { vendor: identity.vendor }),
})

/** Boot mode and secure boot, where the BMC can tell. One that cannot is no reason to fail. */
export const settings = async ({ world }: Hand, node: Conducted, bmc: Reach): Promise<Pick<Conducted, 'boot_mode' | 'secure_boot'>> => {
  const { driver } = world.drivers.of(node as unknown as Record<string, unknown>)
  const ask = async <T>(can: boolean, work: () => Promise<T>, otherwise: T): Promise<T> => {
    if (!can) return otherwise
    try {
      return await work()
    } catch (error) {
      if (error instanceof BmcError && (error.fault === 'unsupported' || error.fault === 'refused')) return otherwise
      throw error
    }
  }
  return {
    boot_mode: await ask(driver.can.includes('boot mode'), () => bmc.read(async (b, call) => (await b.bootMode?.(call)) ?? null), null),
    secure_boot: await ask(
      driver.can.includes('secure boot'),
      () => bmc.read(async (b, call) => (await b.secureBoot?.(call)) ?? null),
      null,
    ),
  }
}

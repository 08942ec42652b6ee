import { BmcError, type BmcIdentity } from '../../../../drivers/bmc/driver.ts'
import { again } from '../../../../kit/work/conductor.ts'
import { RuleFailure } from '../../domain/inspection-rules.ts'
import { componentsOf, inventoryOf } from '../../domain/inventory.ts'
import { move } from '../../domain/provision.ts'
import { applyBios, noteFirmware } from '../../store/bios.ts'
import type { Conducted, Values } from '../../store/conduct-node.ts'
import { portsFound } from '../../store/conduct-ports.ts'
import { writeHistory } from '../../store/history.ts'
import { type Hand, notesOf, pause, reach, type Stage, save } from '../hand.ts'
import { tellFailed } from '../power.ts'
import { takeDown } from '../take-down.ts'
import { done, found, readBios } from './verifying.ts'

const TRIES = 5
/** Interfaces that look from within, which takes something that runs on the machine. */
const FROM_WITHIN = new Set(['agent', 'no-inspect'])

/** Takes down what the BMC says of the machine, and a port for every network card that the node has none for. */
export const inspecting: Stage = async (hand, node) => {
  if (node.inspection_started_at === null || (node.inspection_finished_at ?? '') > node.inspection_started_at)
    if (!(await save(hand, node, { inspection_started_at: hand.run.now(), inspection_finished_at: null }))) return 'on'
  if (FROM_WITHIN.has(node.inspect_interface ?? 'no-inspect'))
    return wrong(hand, node, `The inspect interface "${node.inspect_interface}" finds nothing here. Set inspect_interface to redfish.`)
  try {
    const bmc = reach(hand, node)
    const identity = await bmc.read((b, call) => b.identify(call))
    const bios = await readBios(bmc)
    let more: Values = {}
    await save(
      hand,
      node,
      now => ({
        ...move(now.provision_state, 'done'),
        driver_internal_info: { ...now.driver_internal_info, identity },
        // One that is over has no beginning any more, in the original's form of it.
        inspection_started_at: null,
        inspection_finished_at: hand.run.now(),
        last_error: null,
        wanted: done(now),
        ...more,
      }),
      async (tx, now) => {
        const ports = await portsFound(tx, now.uuid, identity.macs)
        await noteFirmware(tx, now.uuid, componentsOf(identity))
        if (bios) await applyBios(tx, now.uuid, bios)
        // What was found counts: that is what inspection is for.
        more = await takeDown(hand.world, tx, now, { ...now.properties, ...found(identity) }, inventoryOf(identity))
        await writeHistory(tx, now.uuid, { severity: 'INFO', type: 'inspection', event: summary(identity, ports) })
      },
    )
    return 'on'
  } catch (error) {
    if (error instanceof RuleFailure) return wrong(hand, node, error.message)
    if (!(error instanceof BmcError)) throw error
    const notes = notesOf(node)
    const tries = (notes.tries ?? 0) + 1
    if (!error.retryable || tries >= TRIES) return wrong(hand, node, error.message)
    if (!(await save(hand, node, { notes: { ...notes, tries, error: error.message } }))) return 'on'
    return again(pause(tries), error.message)
  }
}

const wrong = async (hand: Hand, node: Conducted, why: string): Promise<'on'> => {
  const message = `Failed to inspect hardware. Error: ${why}`
  await save(
    hand,
    node,
    now => ({ ...move(now.provision_state, 'fail'), last_error: message, inspection_finished_at: hand.run.now(), wanted: done(now) }),
    (tx, now) => tellFailed(tx, now, 'inspection', message),
  )
  return 'on'
}

const summary = (is: BmcIdentity, ports: number): string =>
  `Found ${is.vendor ?? 'a machine'} ${is.model ?? ''}, ${is.cpus ?? '?'} processors, ${is.memoryMb ?? '?'} MB, ${is.macs.length} network cards, ${ports} of them new.`

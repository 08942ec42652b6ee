import { plus } from '@esi/api/time'
import { isObject } from '@esi/api/types'
import { type Bmc, BmcError, type BmcIdentity, type Call } from '../../../drivers/bmc/driver.ts'
import { again, type Conductor, done, type Outcome, type Run } from '../../../kit/work/conductor.ts'
import { componentsOf, inventoryOf } from '../domain/inventory.ts'
import { judge } from '../domain/replacing.ts'
import { noteFirmware } from '../store/bios.ts'
import { about, type Conducted, change, conducted, groupOf, lockConducted, type Values } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import { keepInventory } from '../store/inventory.ts'
import { changeReplacement, type ReplacementRow, replacementOf } from '../store/replacement.ts'
import type { World } from '../world.ts'
import { reach } from './hand.ts'

/** For so long the new parts are looked for: somebody has to put them in, and the machine may have to start before its BMC knows them. */
const DAY = 86_400_000
const MOST = 300_000

/** Looks until a machine has the parts that it is said to have, and takes down what it is from then on. It changes nothing there. */
export const replacementConductor = (world: World): Conductor => ({
  name: 'replacement',
  key: 'the node’s uuid',
  reads: ['baremetal.node', 'baremetal.replacement'],
  owns: ['baremetal.replacement.state', 'baremetal.replacement.parts', 'baremetal.replacement.why'],
  slots: 4,
  limit: 180_000,
  outside: true,
  command: 0,
  groups: () => world.config.groups,
  groupOf: key => groupOf(world.database.db, key),
  async run(key, run) {
    const row = await replacementOf(world.database.db, key)
    const node = await conducted(world.database.db, key)
    if (!row || !node || row.state !== 'looking') return done
    if (node.reservation !== null) return again(2000, `it is reserved by ${node.reservation}`)
    let identity: BmcIdentity
    let disks: readonly string[] | null = null
    try {
      const bmc = reach({ world, run }, node)
      identity = await bmc.read((b, call) => b.identify(call))
      if (row.parts.some(({ kind }) => kind === 'disk')) disks = await bmc.read(serials)
    } catch (error) {
      if (!(error instanceof BmcError)) throw error
      return later(run, row, node, error.message)
    }
    const { parts, missing } = judge(row.parts, row.board, { ...identity, disks })
    if (missing !== undefined) return later(run, row, node, missing)
    await run.transaction(async tx => {
      const now = await lockConducted(tx, key)
      if (!now || !(await changeReplacement(tx, row, { state: 'done', parts, why: null, done_at: tx.at }))) return
      await change(tx, now, {
        driver_internal_info: { ...now.driver_internal_info, identity },
        extra: discovered(now.extra, identity),
        ...(now.lent ? { lent: { ...now.lent, extra: discovered(now.lent.extra, identity) } } : {}),
      })
      await noteFirmware(tx, key, componentsOf(identity))
      await keepInventory(tx, key, inventoryOf(identity))
      const unsure = parts.filter(({ seen }) => seen === 'not told')
      const event = `The new parts are there: ${parts.map(part => `${part.kind} ${part.new}`).join(', ')}.${unsure.length === 0 ? '' : ` Of ${unsure.map(part => `${part.kind} ${part.new}`).join(', ')} its BMC says nothing.`}`
      await writeHistory(tx, key, { severity: 'INFO', type: 'replacement', event, ...by(row) })
      tx.emit('baremetal', { type: 'baremetal.node.replaced', ...about({ ...now, lessee: null }), data: { parts } })
    })
    return done
  },
})

/** Serial numbers of disks; null where the BMC tells none. */
const serials = async (bmc: Bmc, call: Call): Promise<readonly string[] | null> => {
  try {
    const all = (await bmc.storage?.(call)) ?? []
    return all.flatMap(({ drives }) => drives.flatMap(({ serial }) => serial ?? []))
  } catch (error) {
    if (error instanceof BmcError && error.fault === 'unsupported') return null
    throw error
  }
}

/** What was found out when it was enrolled is that of the new board. */
const discovered = (extra: Values, { serial, uuid }: BmcIdentity): Values => {
  const was = extra['discovered']
  return isObject(was) ? { ...extra, discovered: { ...was, serial, uuid } } : extra
}

const later = async (run: Run, row: ReplacementRow, node: Conducted, why: string): Promise<Outcome> => {
  const over = run.now() >= plus(row.asked_at, DAY)
  const tries = row.tries + 1
  await run.transaction(async tx => {
    const now = await lockConducted(tx, node.uuid)
    if (!now) return
    if (!(await changeReplacement(tx, row, over ? { state: 'failed', why, done_at: tx.at } : { tries, why })) || !over) return
    const message = `The new parts did not appear within a day. ${why}`
    await writeHistory(tx, node.uuid, { severity: 'ERROR', type: 'replacement', event: message, ...by(row) })
    tx.emit('baremetal', { type: 'baremetal.node.replacement_failed', ...about({ ...now, lessee: null }), data: { error: why } })
  })
  return over ? done : again(Math.min(MOST, 5000 * 2 ** Math.min(tries, 8)), why)
}

const by = ({ user, project }: ReplacementRow) => ({ ...(user === null ? {} : { user }), ...(project === null ? {} : { project }) })

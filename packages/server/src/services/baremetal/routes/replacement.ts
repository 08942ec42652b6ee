import { getReplacement, type Part, type Replacement, replaceParts } from '@esi/api/baremetal/replace'
import { moving } from '@esi/api/baremetal/states'
import { mac } from '@esi/api/baremetal/types'
import { isObject, Unfit } from '@esi/api/types'
import { type BmcDriver, BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import type { Item } from '../../../kit/resource/view.ts'
import type { Board, Boards } from '../domain/replacing.ts'
import { leasedWords } from '../domain/tenancy.ts'
import { errors, portRefusal } from '../errors.ts'
import { join, split } from '../secrets.ts'
import { about, type Conducted, change, lockConducted } from '../store/conduct-node.ts'
import { changePort } from '../store/conduct-ports.ts'
import { writeHistory } from '../store/history.ts'
import { askReplacement, portAt, replacementOf } from '../store/replacement.ts'
import type { World } from '../world.ts'
import { look, mustBeFree, mustBeServed } from './act.ts'
import { actOnce, planOf } from './plan.ts'

const MOST = 64

/** New parts of a machine: written down at once, and looked for by a conductor. */
export const replacementRoutes = (world: World, nodes: Engine): Route[] => [
  actOnce(world, nodes, replaceParts, async (node, tx, _context, { body }) => {
    mustBeFree(node)
    await mustBeServed(tx, node)
    const uuid = String(node['uuid'])
    const now = (await lockConducted(tx, uuid))!
    mayBeOpened(now)
    const nics = pairs('nics', body.nics).map(pair => ({ old: address(pair.old), new: address(pair.new) }))
    const disks = pairs('disks', body.disks)
    const board = body.board === undefined ? undefined : boardOf(body.board)
    if (nics.length + disks.length === 0 && !board) throw errors.invalid('Say what was replaced: "nics", "board" or "disks".')
    for (const nic of nics) await newAddress(tx, now, nic)
    const made = board ? newBoard(world, now, board) : undefined
    const parts: Part[] = [
      ...nics.map(nic => ({ kind: 'nic' as const, ...nic, seen: null })),
      ...(made ? [{ kind: 'board' as const, old: made.old, new: made.new, seen: null }] : []),
      ...disks.map(disk => ({ kind: 'disk' as const, ...disk, seen: null })),
    ]
    // Other parts are in it than those of which something was proven.
    await change(tx, now, { ...made?.values, clean_proof: null, clean_at: null })
    await askReplacement(tx, uuid, parts, made?.boards ?? null)
    await writeHistory(tx, uuid, {
      severity: 'INFO',
      type: 'replacement',
      event: `Replaced: ${parts.map(part => `${part.kind} ${part.old} by ${part.new}`).join(', ')}.`,
    })
    tx.emit('baremetal', { type: 'baremetal.node.parts_replaced', ...about({ ...now, lessee: null }), data: { parts } })
    tx.wake('replacement', uuid)
    tx.wake('power-sync', uuid)
    const does = [
      ...nics.map(nic => `gives the port ${nic.old} the address ${nic.new}; its UUID, cable and network stay`),
      ...(made ? [`reaches its board at ${made.new}, no more at ${made.old}`] : []),
      ...disks.map(disk => `notes that the disk ${disk.new} is in the place of ${disk.old}`),
      'looks by its BMC until that is so, for a day',
      'has it cleaned again before it is leased next',
    ]
    return {
      status: 202,
      body: planOf(node, does, { owner: 'its ports and its BMC are others', lessee: 'network cards have other addresses' }),
    }
  }),

  look(nodes, getReplacement, async row => {
    const is = await replacementOf(world.database.db, String(row['uuid']))
    const body: Replacement = is
      ? { state: is.state, parts: is.parts, why: is.why, asked_at: is.asked_at, done_at: is.done_at, user: is.user, project: is.project }
      : { state: 'never', parts: [], why: null, asked_at: null, done_at: null, user: null, project: null }
    return { status: 200, body }
  }),
]

/** Whether somebody may work inside the machine now. */
const mayBeOpened = (node: Conducted): void => {
  if (node.lessee !== null && !node.maintenance) {
    const why = node.lease === null ? 'a project has it' : leasedWords(node)
    throw errors.conflict(`Node ${node.uuid} cannot be worked on: ${why}. Set it into maintenance first, which its lessee sees.`)
  }
  if (moving.has(node.provision_state))
    throw errors.conflict(`Node ${node.uuid} cannot be worked on: it is in the midst of a change (${node.provision_state}).`)
}

interface Pair {
  readonly old: string
  readonly new: string
}

const pairs = (what: string, given: readonly unknown[] | undefined): Pair[] => {
  if (given === undefined) return []
  if (given.length > MOST) throw errors.invalid(`"${what}" has more than ${MOST} entries.`)
  return given.map(each => {
    const { old, new: next, ...rest } = (isObject(each) ? each : {}) as Record<string, unknown>
    const fits = (text: unknown): text is string => typeof text === 'string' && text.trim() !== '' && text.length <= 255
    if (!fits(old) || !fits(next) || Object.keys(rest).length > 0)
      throw errors.invalid(`"${what}" must be a list of {"old": …, "new": …}, both texts.`)
    if (old.trim().toLowerCase() === next.trim().toLowerCase())
      throw errors.invalid(`"${what}": ${old} is both, the old one and the new one.`)
    return { old: old.trim(), new: next.trim() }
  })
}

const MAC = mac()
const address = (text: string): string => {
  try {
    return MAC.parse(text)
  } catch (e) {
    if (e instanceof Unfit) throw errors.invalid(`"nics" ${e.message}.`)
    throw e
  }
}

/** The port keeps all but its address. */
const newAddress = async (tx: Tx, node: Conducted, nic: Pair): Promise<void> => {
  const port = await portAt(tx, node.uuid, nic.old)
  if (!port) throw errors.invalid(`Node ${node.uuid} has no port with the address ${nic.old}.`)
  if (port.vif !== null)
    throw errors.conflict(
      `Port ${port.uuid} (${nic.old}) has the network ${port.vif} attached. Detach it first, and attach it again afterwards.`,
    )
  await changePort(tx, port.uuid, { address: nic.new }).catch(e => {
    throw portRefusal(e, { ...port, address: nic.new, node_uuid: node.uuid } as unknown as Item) ?? e
  })
  tx.emit('baremetal', {
    type: 'baremetal.port.updated',
    object: { type: 'port', id: port.uuid },
    projects: about(node).projects,
    data: { fields: ['address'], before: { address: nic.old }, after: { address: nic.new }, why: 'the network card was replaced' },
  })
}

interface GivenBoard extends Board {
  readonly address: string | undefined
  readonly info: Item
}

const boardOf = (given: Record<string, unknown>): GivenBoard => {
  const { address: to, driver_info: info, serial, uuid, ...rest } = given
  const text = (name: string, value: unknown): string | null => {
    if (value === undefined || value === null) return null
    if (typeof value !== 'string' || value.trim() === '' || value.length > 1024) throw errors.invalid(`"board": "${name}" must be a text.`)
    return value.trim()
  }
  if (info !== undefined && !isObject(info)) throw errors.invalid('"board": "driver_info" must be an object.')
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw errors.invalid(`"board" has "${unknown.slice(0, 60)}", which means nothing; there are address, driver_info, uuid and serial.`)
  return { address: text('address', to) ?? undefined, info: info ?? {}, serial: text('serial', serial), uuid: text('uuid', uuid) }
}

/** How the new board is reached, and what it must say. */
const newBoard = (world: World, node: Conducted, given: GivenBoard) => {
  const driver = world.drivers.get(node.driver)
  if (!driver) throw errors.noHost(node.driver, node.conductor_group)
  const key = addressKey(driver)
  const before = node.driver_info as Item
  const info = { ...before, ...given.info, ...(given.address !== undefined && key !== undefined ? { [key]: given.address } : {}) }
  const parts = split(info, world.drivers.secret(node.driver), node.driver_secrets, world.kit.secrets)
  try {
    driver.check(join(parts.shown, parts.sealed, world.kit.secrets))
  } catch (e) {
    if (e instanceof BmcError) throw errors.invalid(e.message)
    throw e
  }
  const identity = (node.driver_internal_info['identity'] ?? {}) as Partial<Board>
  const was = { serial: identity.serial ?? null, uuid: identity.uuid ?? null }
  const boards: Boards = { was, is: { serial: given.serial, uuid: given.uuid } }
  const words = (at: unknown, { serial, uuid }: Board) =>
    [at ?? 'its BMC', serial && `serial ${serial}`, uuid && `UUID ${uuid}`].filter(Boolean).join(', ')
  return {
    boards,
    old: words(key && before[key], was),
    new: words(key && info[key], boards.is),
    values: { driver_info: parts.shown, driver_secrets: parts.sealed },
  }
}

/** The setting that says where the BMC is. */
const addressKey = ({ settings }: BmcDriver): string | undefined =>
  Object.keys(settings).find(key => settings[key]!.required && /(^|_)address$/.test(key))

import { NEWEST } from '@esi/api/baremetal/dialect'
import type { Found, NotEntered } from '@esi/api/baremetal/discovery'
import * as spec from '@esi/api/baremetal/discovery'
import { setProvision } from '@esi/api/baremetal/node-routes'
import { Refused } from '@esi/api/dialect'
import { plus } from '@esi/api/time'
import { isUuid } from '@esi/api/types'
import { Replayed } from '../../../kit/db/transaction.ts'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { uuid as newUuid } from '../../../kit/ids/ids.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { type Account, seekers } from '../conductors/discovery.ts'
import { addressesOf as addressesIn, BadRange, badPattern, marksOf, nameBy, shownAddress } from '../domain/discovery.ts'
import { errors } from '../errors.ts'
import {
  type AddressRow,
  addressesOf,
  claimMachine,
  type DiscoveryRow,
  deleteDiscovery,
  discoveryBy,
  enrolledAs,
  insertDiscovery,
  type KnownNode,
  knownNodes,
  lockAddress,
  lockDiscovery,
  portsOf,
} from '../store/discovery.ts'
import type { Engines, World } from '../world.ts'

/** So long, after it was asked for, passwords and what was found are kept for somebody to confirm it. */
const KEPT = 3_600_000

/** Searches for BMCs, and what was found becoming nodes. `provision` are the routes by which a node is told to be verified. */
export const discoveryRoutes = (world: World, engines: Engines, provision: readonly Route[]): Route[] => [
  handle(spec.createDiscovery, async (context, { body }) => {
    context.require(spec.createDiscovery.policies[0])
    const driver = body.driver ?? 'auto'
    if (seekers(world, driver).length === 0) throw nothingToSeek(world, driver)
    const addresses = ranged(body.ranges)
    const accounts = accountsOf(body.accounts)
    const uuid = newUuid()
    try {
      const row = await world.database.transaction(context, async tx => {
        await tx.once(uuid)
        const made = {
          uuid,
          driver,
          trust: body.trust ?? 'first',
          conductor_group: (body.conductor_group ?? '').toLowerCase(),
          secrets: world.kit.secrets.seal(JSON.stringify(accounts)),
          project: context.project ?? null,
          created_at: tx.at,
          expires_at: plus(tx.at, KEPT),
        } as const
        await insertDiscovery(tx, made, addresses)
        tx.emit('baremetal', {
          type: 'baremetal.discovery.created',
          object: { type: 'discovery', id: uuid },
          projects: made.project === null ? [] : [made.project],
          data: { ranges: body.ranges, driver },
        })
        tx.wake('discovery', uuid)
        return { ...made, finished_at: null }
      })
      return { status: 202, body: shown(row, [], new Map(), addresses.length), headers: at(context, uuid) }
    } catch (e) {
      if (!(e instanceof Replayed)) throw e
      return { status: 202, body: await whole(world, await existing(world, e.object)), headers: at(context, e.object) }
    }
  }),

  handle(spec.getDiscovery, async (context, { params }) => {
    context.require(spec.getDiscovery.policies[0])
    return { status: 200, body: await whole(world, await existing(world, params['discovery']!)) }
  }),

  handle(spec.deleteDiscovery, async (context, { params }) => {
    context.require(spec.deleteDiscovery.policies[0])
    const { uuid } = await existing(world, params['discovery']!)
    await forget(world, context, uuid)
    return { status: 204 }
  }),

  handle(spec.enrolDiscovered, async (context, { params, body }) => {
    for (const rule of spec.enrolDiscovered.policies) context.require(rule)
    const pattern = body.name === undefined ? undefined : badPattern(body.name)
    if (pattern !== undefined) throw errors.invalid(pattern)
    const discovery = await existing(world, params['discovery']!)
    if (discovery.secrets === null || context.at >= discovery.expires_at)
      throw errors.conflict('The passwords of this discovery are forgotten by now. Search again.')
    const rows = await addressesOf(world.database.db, discovery.uuid)
    const chosen = choose(rows, body.addresses)
    const known = await knownNodes(world.database.db, chosen.map(traceOf))
    const accounts = JSON.parse(world.kit.secrets.open(discovery.secrets)) as Account[]
    const nodes: { uuid: string; name: string | null; address: string; ports: number }[] = []
    const skipped: { address: string; why: string }[] = []
    const tried = new Map<string, string>()
    for (const [n, row] of chosen.entries()) {
      const address = shownAddress(row)
      const node = known.get(row.position)
      // What this discovery has begun to enroll it also ends.
      const begun = node && row.node === node.uuid ? await lacksPorts(world, row, node.uuid) : false
      if (node && !begun) {
        skipped.push({ address, why: already(node).message })
        continue
      }
      try {
        if (context.dryRun) {
          // Nothing of the earlier ones is there to be found; the first of its addresses is the one that counts.
          const marks = marksOf(row)
          const first = marks.map(mark => tried.get(mark)).find(other => other !== undefined)
          if (first !== undefined) throw errors.conflict(`It is the machine at ${first} too.`)
          for (const mark of marks) tried.set(mark, address)
        }
        const made = node ?? (await enrolled(world, engines, context, { row, n: n + 1, account: accounts[row.account!]!, ...body }))
        const ports = context.dryRun ? row.found!.nics.length : await complete(engines, world, context, row, made.uuid, skipped)
        if (made.provision_state === 'enroll' && !context.dryRun && body.manage !== false) await verify(provision, context, made.uuid)
        nodes.push({ uuid: made.uuid, name: made.name, address, ports })
      } catch (e) {
        if (!(e instanceof Refused)) throw e
        skipped.push({ address, why: e.message })
      }
    }
    if (!body.keep && !context.dryRun) await forget(world, context, discovery.uuid)
    return { status: 202, body: { nodes, skipped } }
  }),
]

const at = (context: Context, uuid: string) => ({ Location: `${context.wire.base}/v1/discoveries/${uuid}` })

const nothingToSeek = (world: World, driver: string): Refused => {
  const names = seekers(world, 'auto').map(({ name }) => name)
  if (driver !== 'auto' && world.drivers.get(driver) === undefined) return errors.noHost(driver)
  const can = names.length === 0 ? 'none of its drivers can' : `${names.join(' and ')} can be looked for`
  return errors.invalid(`This server cannot look for "${driver.slice(0, 80)}"; ${can}.`)
}

const ranged = (ranges: readonly string[]) => {
  try {
    return addressesIn(ranges, spec.MOST_ADDRESSES)
  } catch (e) {
    if (e instanceof BadRange) throw errors.invalid(e.message)
    throw e
  }
}

/** Never repeats what was given: it may be a password at the wrong place. */
const accountsOf = (given: readonly Record<string, unknown>[]): Account[] => {
  if (given.length === 0 || given.length > spec.MOST_ACCOUNTS)
    throw errors.invalid(`Name one to ${spec.MOST_ACCOUNTS} accounts: many BMCs lock an account after a few wrong passwords.`)
  return given.map((account, n) => {
    const { username, password, ...rest } = account
    if (typeof username !== 'string' || typeof password !== 'string' || Object.keys(rest).length > 0)
      throw errors.invalid(`Account ${n + 1} must be {"username": …, "password": …}, both texts.`)
    return { username, password }
  })
}

const existing = async (world: World, uuid: string): Promise<DiscoveryRow> => {
  const row = isUuid(uuid) ? await discoveryBy(world.database.db, uuid) : undefined
  if (!row) throw errors.missing(`Discovery ${uuid.slice(0, 100)} could not be found. It is forgotten an hour after it began.`)
  return row
}

const forget = (world: World, context: Context, uuid: string): Promise<void> =>
  world.database.transaction(context, async tx => {
    const row = await lockDiscovery(tx, uuid)
    if (!row) return
    await deleteDiscovery(tx, uuid)
    tx.emit('baremetal', {
      type: 'baremetal.discovery.deleted',
      object: { type: 'discovery', id: uuid },
      projects: row.project === null ? [] : [row.project],
      data: {},
    })
  })

/** Every way in which a node's driver info may name this address. */
const traceOf = (row: AddressRow) => {
  const { host, port } = row
  const usual = [...(port === null || port === 443 ? [host] : []), ...(port === null || port === 623 ? [host, `${host}:623`] : [])]
  const named = [shownAddress(row), ...(port === null ? [`${host}:443`] : []), ...usual]
  return {
    position: row.position,
    addresses: [...new Set(named.flatMap(name => [name, `https://${name}`, `https://${name}/redfish/v1`]))],
    macs: row.found?.nics.map(({ mac }) => mac) ?? [],
    uuid: row.found?.uuid ?? null,
    node: row.node,
  }
}

const whole = async (world: World, row: DiscoveryRow) => {
  const rows = await addressesOf(world.database.db, row.uuid)
  const known = await knownNodes(world.database.db, rows.filter(each => each.state === 'found').map(traceOf))
  return shown(row, rows, known, rows.length)
}

const shown = (
  row: DiscoveryRow,
  rows: readonly AddressRow[],
  known: Awaited<ReturnType<typeof knownNodes>>,
  addresses: number,
): spec.Discovery => ({
  uuid: row.uuid,
  state: row.finished_at === null ? 'searching' : 'done',
  driver: row.driver,
  created_at: row.created_at,
  expires_at: row.expires_at,
  progress: {
    addresses,
    done: rows.filter(({ state }) => state !== 'waiting').length,
    silent: rows.filter(({ state }) => state === 'silent').length,
  },
  found: rows.flatMap((each): Found[] => {
    if (each.state !== 'found') return []
    const node = known.get(each.position)
    return [{ address: shownAddress(each), driver: each.driver!, ...each.found!, node: node ? { uuid: node.uuid, name: node.name } : null }]
  }),
  failed: rows.flatMap((each): NotEntered[] =>
    each.state === 'failed' ? [{ address: shownAddress(each), driver: each.driver!, ...each.error! }] : [],
  ),
})

const choose = (rows: readonly AddressRow[], addresses: readonly string[] | undefined): readonly AddressRow[] => {
  const found = rows.filter(({ state }) => state === 'found')
  if (addresses === undefined) return found
  return addresses.map(address => {
    const row = found.find(each => shownAddress(each) === address.trim())
    if (!row) throw errors.invalid(`No machine was found at "${address.slice(0, 80)}".`)
    return row
  })
}

/** The same request at the newest version, with another body, for one of the many things that it makes. */
const part = (context: Context, body: unknown): Context =>
  Object.create(context, {
    wire: { value: { ...context.wire, body }, enumerable: true },
    version: { value: NEWEST, enumerable: true },
    once: { value: undefined, enumerable: true },
  }) as Context

interface Wish {
  readonly row: AddressRow
  readonly n: number
  readonly account: Account
  readonly owner?: string | null
  readonly name?: string
  readonly resource_class?: string
  readonly properties?: Record<string, unknown>
}

const enrolled = async (world: World, engines: Engines, context: Context, wish: Wish): Promise<KnownNode> => {
  const { row, account } = wish
  const is = row.found!
  const driver = world.drivers.get(row.driver!)
  if (!driver?.seek) throw errors.noHost(row.driver!)
  const name = nameBy(wish.name, { serial: is.serial, where: row, n: wish.n })
  const draft = {
    driver: row.driver,
    driver_info: driver.seek.as(row.settings!, account.username, account.password),
    properties: {
      ...(is.vendor === null ? {} : { vendor: is.vendor }),
      ...(is.model === null ? {} : { model: is.model }),
      ...(is.cpus === null ? {} : { cpus: is.cpus }),
      ...(is.memory_mb === null ? {} : { memory_mb: is.memory_mb }),
      ...wish.properties,
    },
    extra: { discovered: { address: shownAddress(row), serial: is.serial, uuid: is.uuid } },
    ...(wish.owner === undefined ? {} : { owner: wish.owner }),
    ...(wish.resource_class === undefined ? {} : { resource_class: wish.resource_class }),
  }
  const create = async (called: string) => {
    const reply = await engines.node.create(part(context, { ...draft, name: called }), async (made: Item, tx) => {
      // All of it is locked: a machine may answer at several addresses.
      await lockDiscovery(tx, row.discovery)
      const now = await lockAddress(tx, row)
      if (!now || now.node !== null) throw errors.conflict('Another request has enrolled it just now.')
      const id = String(made['uuid'])
      // The claim first: it waits for whoever makes a node of the same machine, and the look sees what came of it.
      const claimed = await claimMachine(tx, row.discovery, id, marksOf(row))
      const other = (await knownNodes(tx.db, [traceOf(row)], id)).get(row.position) ?? claimed
      if (other) throw already(other)
      await enrolledAs(tx, row, id)
    })
    const { uuid, name, provision_state } = reply.body as KnownNode
    return { uuid, name, provision_state }
  }
  try {
    return await create(name)
  } catch (e) {
    // Serial numbers need not be unique, and names must.
    if (!(e instanceof Refused) || e.type !== 'DuplicateName' || wish.name?.includes('{address}')) throw e
    return await create(nameBy(`${wish.name ?? '{serial}'}-{address}`, { serial: is.serial, where: row, n: wish.n }))
  }
}

const already = ({ name, uuid }: KnownNode): Refused => errors.conflict(`It is the node ${name ?? uuid} already.`)

/** As a process leaves it that died while it enrolled. */
const lacksPorts = async (world: World, row: AddressRow, node: string): Promise<boolean> => {
  const there = await portsOf(world.database.db, node)
  return row.found!.nics.some(({ mac }) => !there.includes(mac))
}

/** A port for each network card that has none; how many there are then. */
const complete = async (
  engines: Engines,
  world: World,
  context: Context,
  row: AddressRow,
  node: string,
  skipped: { address: string; why: string }[],
): Promise<number> => {
  let there = await portsOf(world.database.db, node)
  for (const { mac, shared_lom } of row.found!.nics) {
    if (there.includes(mac)) continue
    try {
      await engines.port.create(part(context, { node_uuid: node, address: mac, ...(shared_lom ? { extra: { shared_lom } } : {}) }))
      there = [...there, mac]
    } catch (e) {
      if (!(e instanceof Refused)) throw e
      skipped.push({ address: shownAddress(row), why: `Its network card ${mac} has no port: ${e.message}` })
    }
  }
  return there.length
}

const verify = async (provision: readonly Route[], context: Context, node: string): Promise<void> => {
  const route = provision.find(each => each.spec.name === setProvision.name)
  if (!route) throw new Error('no route tells a node what to do')
  const body = { target: 'manage' }
  await route.handle(part(context, body), { params: { node }, body, query: {}, raw: body } as never)
}

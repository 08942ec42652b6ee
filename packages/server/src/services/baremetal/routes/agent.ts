import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { continueInspection, heartbeat, lookup, postEvents } from '@esi/api/baremetal/agent-routes'
import { maskInstance, maskSecrets } from '@esi/api/baremetal/masks'
import { mac } from '@esi/api/baremetal/types'
import { Refused } from '@esi/api/dialect'
import { isObject, isUuid, Unfit } from '@esi/api/types'
import { handle, type Route } from '../../../kit/http/route.ts'
import { takeDown } from '../conductors/take-down.ts'
import { LOOKUP } from '../domain/agent.ts'
import { RuleFailure } from '../domain/inspection-rules.ts'
import { move } from '../domain/provision.ts'
import { errors } from '../errors.ts'
import { links } from '../links.ts'
import { agentToken, nodesByMac, nodeUuid } from '../store/agent.ts'
import { type Conducted, change, lockConducted } from '../store/conduct-node.ts'
import { portsFound } from '../store/conduct-ports.ts'
import { writeHistory } from '../store/history.ts'
import type { World } from '../world.ts'

const HEARTBEAT_TIMEOUT = 300
const SINCE = { agent_version: 36, agent_verify_ca: 68, agent_status: 72, agent_status_message: 72 } as const
const STATUS = ['start', 'end', 'error']
const EVENTS = ['network.bind_port', 'network.unbind_port', 'network.delete_port']

const hash = (token: string): string => createHash('sha256').update(token).digest('hex')
/** Says no more of what is there than that this is not. */
const nowhere = () => new Refused('missing', 'The requested resource could not be found.')

const macs = (given: readonly unknown[]): string[] =>
  given.flatMap(each => {
    try {
      return [mac().parse(each)]
    } catch (e) {
      if (e instanceof Unfit) return []
      throw e
    }
  })

/**
 * What a ramdisk on a machine asks and tells. It has no login: which machine it is on says its MAC addresses, and it is answered only
 * while something is done to that node. From the lookup on it has a token that only it knows.
 */
export const agentRoutes = (world: World): Route[] => [
  handle(lookup, async (context, { query }) => {
    const addresses = macs(query.addresses ?? [])
    if (addresses.length === 0 && query.node_uuid === undefined)
      throw errors.invalid("At least one of 'addresses' and 'node_uuid' parameters is required")
    const found = query.node_uuid === undefined ? await nodesByMac(world.database.db, addresses, LOOKUP) : [query.node_uuid]
    if (found.length !== 1) throw nowhere()
    const token = randomBytes(32).toString('base64url')
    const { node, fresh } = await world.database.transaction(context, async tx => {
      const now = await lockConducted(tx, found[0]!)
      if (!now || !LOOKUP.includes(now.provision_state)) throw nowhere()
      const first = (await agentToken(tx, now.uuid)) === null
      // Whoever comes first has it; it is told nobody twice.
      if (first && context.version >= 62) await change(tx, now, { agent_token: hash(token) })
      return { node: now, fresh: first }
    })
    return {
      status: 200,
      body: {
        node: {
          uuid: node.uuid,
          properties: node.properties,
          instance_info: maskInstance(node.instance_info),
          driver_internal_info: maskSecrets(node.driver_internal_info),
          links: links(context, `nodes/${node.uuid}`),
        },
        config: {
          metrics: {},
          metrics_statsd: {},
          heartbeat_timeout: HEARTBEAT_TIMEOUT,
          ...(context.version >= 62 ? { agent_token: fresh ? token : '******', agent_token_required: true } : {}),
        },
      },
    }
  }),

  handle(heartbeat, async (context, { params, body }) => {
    for (const [field, since] of Object.entries(SINCE))
      if (body[field as keyof typeof SINCE] !== undefined && context.version < since)
        throw errors.invalid(`Field "${field}" not recognised`)
    const url = body.callback_url
    if (url !== '' && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
      throw errors.invalid('An issue with the supplied "callback_url" has been detected.')
    const status = body.agent_status ?? undefined
    if (status !== undefined && !STATUS.includes(status))
      throw errors.invalid(`Agent status is invalid. Valid states are ${STATUS.join(',')}.`)
    const ident = params['node']!
    if (!body.agent_token) throw errors.invalid('Agent token is required for heartbeat processing.')
    // Whoever has no token learns nothing, not even which nodes there are.
    const wrong = () => errors.invalid('Invalid or missing agent token received.')
    const uuid = await nodeUuid(world.database.db, ident, isUuid(ident))
    if (uuid === undefined) throw wrong()
    await world.database.transaction(context, async tx => {
      const now = await lockConducted(tx, uuid)
      const expected = now && (await agentToken(tx, uuid))
      if (!now || !expected || !timingSafeEqual(Buffer.from(expected), Buffer.from(hash(body.agent_token!)))) throw wrong()
      const before = now.driver_internal_info['agent_url']
      if (typeof before === 'string' && before !== url) throw errors.invalid('Detected change in ramdisk provided "callback_url"')
      await change(tx, now, {
        driver_internal_info: {
          ...now.driver_internal_info,
          agent_url: url,
          agent_last_heartbeat: context.at,
          ...(body.agent_version ? { agent_version: body.agent_version } : {}),
          ...(body.agent_verify_ca ? { agent_verify_ca: body.agent_verify_ca } : {}),
          ...(status === undefined ? {} : { agent_status: status, agent_status_message: body.agent_status_message ?? null }),
        },
      })
      tx.wake('node', uuid)
    })
    return { status: 202 }
  }),

  handle(continueInspection, async (context, { query, raw }) => {
    const data = raw as Record<string, unknown>
    const inventory = data['inventory'] as Record<string, unknown>
    const cards = inventory['interfaces']
    if (!Array.isArray(cards) || cards.length === 0 || !cards.every(card => isObject(card) && typeof card['mac_address'] === 'string'))
      throw errors.invalid('"inventory" must have a list of "interfaces", each with its "mac_address".')
    const addresses = macs(cards.map(card => (card as Record<string, unknown>)['mac_address']))
    const found = query.node_uuid === undefined ? await nodesByMac(world.database.db, addresses, ['inspect wait']) : [query.node_uuid]
    if (found.length !== 1) throw nowhere()
    const { inventory: _, ...plugin_data } = data
    const done = async (): Promise<void> =>
      world.database.transaction(context, async tx => {
        const now = await inspected(await lockConducted(tx, found[0]!))
        const ports = await portsFound(tx, now.uuid, addresses)
        const values = await takeDown(world, tx, now, now.properties, { inventory, plugin_data })
        const { provision: _, ...wanted } = now.wanted
        await change(tx, now, { ...move('inspect wait', 'done'), ...values, wanted, last_error: null, inspection_finished_at: tx.at })
        await writeHistory(tx, now.uuid, {
          severity: 'INFO',
          type: 'inspection',
          event: `An agent told of ${addresses.length} network cards, ${ports} of them new.`,
        })
        tx.wake('node', now.uuid)
      })
    const failed = (why: string): Promise<void> =>
      world.database.transaction(context, async tx => {
        const now = await inspected(await lockConducted(tx, found[0]!))
        const { provision: _, ...wanted } = now.wanted
        const last_error = `Failed to inspect hardware. Error: ${why}`
        await change(tx, now, { ...move('inspect wait', 'fail'), wanted, last_error, inspection_finished_at: tx.at })
        tx.wake('node', now.uuid)
      })
    await done().catch(e => {
      if (e instanceof RuleFailure) return failed(e.message)
      throw e
    })
    return { status: 202, body: { uuid: found[0] } }
  }),

  handle(postEvents, async (context, { body }) => {
    context.require('baremetal:events:post')
    if (body.events.length === 0) throw errors.invalid('"events" must have at least one event.')
    for (const event of body.events) {
      const name = event['event']
      if (typeof name !== 'string' || !EVENTS.includes(name))
        throw errors.invalid(`Unknown event "${String(name).slice(0, 60)}"; there are ${EVENTS.join(', ')}`)
      for (const needed of ['port_id', 'mac_address', 'status'])
        if (typeof event[needed] !== 'string') throw errors.invalid(`'${needed}' is a required property of ${name}`)
    }
    // Nothing here waits for the network yet, as in the original.
    context.log.debug({ events: body.events.length }, 'was told of events of another service')
    return { status: 204 }
  }),
]

const inspected = async (node: Conducted | undefined): Promise<Conducted> => {
  if (node?.provision_state !== 'inspect wait') throw nowhere()
  return node
}

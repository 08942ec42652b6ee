import { setProvision } from '@esi/api/baremetal/node-routes'
import { abortSince, next, stable, verbs } from '@esi/api/baremetal/states'
import { STEP_INTERFACES, steps as stepsType } from '@esi/api/baremetal/steps'
import { isObject, Unfit } from '@esi/api/types'
import { BmcError } from '../../../drivers/bmc/driver.ts'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { atWork, byEvent, hindrance, releasing, type Standing } from '../domain/provision.ts'
import { unable } from '../domain/steps.ts'
import { deployLessee } from '../domain/tenancy.ts'
import { errors } from '../errors.ts'
import { change, lockConducted } from '../store/conduct-node.ts'
import { writeHistory } from '../store/history.ts'
import { writeIntent } from '../store/intent.ts'
import { traitsOf } from '../store/nodes.ts'
import type { World } from '../world.ts'
import { act, type InputOf, mustBeServed, mustRest, statesLocation, tell } from './act.ts'

/** What is not done in maintenance, as error texts call it. */
const RESTS: Readonly<Record<string, string>> = {
  provide: 'providing',
  clean: 'cleaning',
  service: 'service',
  rescue: 'rescuing',
  unrescue: 'unrescuing',
}

type Given = InputOf<typeof setProvision>['body']

/** `PUT …/states/provision`: the table of transitions decides; what takes time is written down for the node's conductor. */
export const provisionRoutes = (world: World, nodes: Engine, runbooks: Engine): Route[] => [
  act(world, nodes, setProvision, async (node, tx, context, { params, body }) => {
    const { target } = body
    const uuid = node['uuid'] as string
    const state = node['provision_state'] as string
    const verb = Object.hasOwn(verbs, target) ? verbs[target]! : undefined
    if (verb && verb.since > context.version) throw errors.notAcceptable()

    const who = targetOf(nodes.r, node)
    if (body.clean_steps) context.require('baremetal:node:set_provision_state:clean_steps', who)
    if (body.service_steps) context.require('baremetal:node:set_provision_state:service_steps', who)
    if (['active', 'deploy', 'rebuild'].includes(target) && node['maintenance']) throw errors.maintenance('provisioning', uuid)

    if (!verb || next(state, verb.event) === undefined) {
      // A node that somebody works on answers 409, so that clients try again; any other state is the client's mistake.
      await mustRest(tx, node, atWork)
      throw errors.stateRequested(target, uuid, state)
    }
    checkParameters(target, body, context)
    if (verb.event === 'abort' && (abortSince[state] ?? 0) > context.version) throw errors.notAcceptable()
    const standing = node as unknown as Standing
    const rests = Object.hasOwn(RESTS, verb.event) ? RESTS[verb.event] : undefined
    if (rests && node['maintenance'] && standing.release?.quarantined === undefined) throw errors.maintenance(rests, uuid)
    if (verb.event === 'abort' && state === 'service failed' && node['maintenance'])
      throw errors.conflict(
        `Can not abort service on node "${uuid}" while it is in maintenance mode. End the maintenance first, then abort the service operation.`,
      )
    if (verb.event === 'provide' && node['retired']) throw errors.retired('providing', uuid)
    if (releasing(standing)) {
      const why = hindrance(standing, target)
      if (why !== undefined) throw errors.conflict(`"${target}" cannot be done with node ${uuid} now, because ${why}.`)
    }
    if (['delete', 'rebuild'].includes(verb.event) && node['protected']) throw errors.isProtected(uuid)
    if (unable(node, verb.event) !== undefined) throw errors.unavailable(target)
    const asked = await withRunbook(world, runbooks, node, target, body, context)
    if (target === 'clean') steps('clean', asked.clean_steps)
    if (target === 'service') steps('service', asked.service_steps)
    if (['deploy', 'rebuild'].includes(verb.event)) checkSettings(world, node)
    await mustRest(tx, node, atWork)
    await mustBeServed(tx, node)
    await carryOut(tx, node, verb.event, asked)
    if (['deploy', 'rebuild'].includes(verb.event)) await handOver(world, tx, uuid, asked, context)
    return { status: 202, headers: statesLocation(context, params['node']!) }
  }),
]

/** The steps of a runbook as if they had been given, where it may be used and the node has one of its traits. */
const withRunbook = async (
  world: World,
  runbooks: Engine,
  node: Readonly<Item>,
  target: string,
  body: Given,
  context: Context,
): Promise<Given> => {
  if (body.runbook === undefined || body.runbook === null) return body
  const runbook = await runbooks.find(context, body.runbook)
  if (!runbook['public']) context.require('baremetal:runbook:use', targetOf(runbooks.r, runbook))
  const has = await traitsOf(world.database.db, String(node['uuid']))
  const wanted = context.version >= 112 ? (runbook['traits'] as string[]) : [String(runbook['name'])]
  if (wanted.length === 0)
    throw errors.invalid(`Runbook ${runbook['uuid']} has no traits configured. Add those of the nodes that it is for.`)
  if (!wanted.some(trait => has.includes(trait)))
    throw errors.invalid(
      `This runbook has not been approved for use on this node ${node['uuid']}: it has none of the traits ${wanted.join(', ').slice(0, 500)}.`,
    )
  const ordered = [...(runbook['steps'] as { order: number }[])].sort((a, b) => a.order - b.order).map(({ order: _, ...step }) => step)
  const disable = body.disable_ramdisk ?? (runbook['disable_ramdisk'] as boolean)
  return { ...body, [`${target}_steps`]: ordered, disable_ramdisk: disable }
}

/** The driver’s own check of its settings, before anything begins. */
const checkSettings = (world: World, node: Readonly<Item>): void => {
  try {
    const { driver, settings } = world.drivers.of(node)
    driver.check(settings)
  } catch (e) {
    if (e instanceof BmcError) throw errors.invalid(`Failed to validate deploy or power info for node ${node['uuid']}. Error: ${e.message}`)
    throw e
  }
}

/** What goes with a deployment: its configuration drive, and the project that has the node for as long as it lasts. */
const handOver = async (world: World, tx: Tx, uuid: string, body: Given, context: Context): Promise<void> => {
  const node = (await lockConducted(tx, uuid))!
  const lessee = deployLessee(node, world.config.automaticLessee, context.project)
  await change(tx, node, {
    clean_proof: null,
    clean_at: null,
    ...(body.configdrive === undefined || body.configdrive === null
      ? {}
      : { instance_info: { ...node.instance_info, configdrive: body.configdrive } }),
    ...(lessee === undefined ? {} : { lessee, lessee_by: 'deploy' }),
  })
}

const byPriority = (steps: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  [...steps].sort((a, b) => Number(b['priority']) - Number(a['priority'])).filter(step => Number(step['priority']) > 0)

/** The move itself: at once where it ends in a state that stays, else with a wish that the conductor carries out. */
const carryOut = async (tx: Tx, node: Readonly<Item>, event: string, body: Given): Promise<void> => {
  const uuid = node['uuid'] as string
  const from = node['provision_state'] as string
  const moved = byEvent(from, event, node['target_provision_state'] as string | null)
  const to = moved.provision_state
  await writeIntent(
    tx,
    uuid,
    // What goes on after a hold goes on with what was asked for before it.
    event === 'unhold'
      ? {}
      : {
          provision:
            stable.has(to) || event === 'abort'
              ? null
              : {
                  verb: event,
                  ...(body.clean_steps ? { clean_steps: body.clean_steps } : {}),
                  ...(body.deploy_steps ? { deploy_steps: byPriority(body.deploy_steps) } : {}),
                  ...(body.service_steps ? { service_steps: body.service_steps } : {}),
                  ...(typeof body.disable_ramdisk === 'boolean' ? { disable_ramdisk: body.disable_ramdisk } : {}),
                },
        },
    {
      ...moved,
      provision_updated_at: tx.at,
      last_error: event === 'abort' ? aborted(from) : null,
      ...(event === 'abort' ? { clean_step: null, service_step: null, deploy_step: null } : {}),
      // The fault of a service that failed ends with it.
      ...(event === 'abort' && from === 'service failed' && node['fault'] === 'service failure' ? { fault: null } : {}),
    },
  )
  tell(tx, node, 'provision_asked', { event, from, to })
  await writeHistory(tx, uuid, {
    severity: 'INFO',
    type: 'provisioning',
    event: `${event} was asked for; the node went from ${from} to ${to}`,
    state: to,
    target_provision_state: moved.target_provision_state,
  })
  tx.wake('node', uuid)
}

/** What the original says of what a client has stopped. */
const aborted = (from: string): string => {
  if (from.startsWith('inspect')) return 'Inspection was aborted by request.'
  const what = from === 'wait call-back' ? 'deploy' : from.split(' ')[0]
  return `By request, the ${what} operation was aborted`
}

/** What goes with which verb. */
const checkParameters = (target: string, body: Given, context: Context): void => {
  const given = (name: keyof Given) => body[name] !== undefined && body[name] !== null
  const deploys = ['active', 'deploy', 'rebuild'].includes(target)
  if (given('configdrive')) {
    if (!deploys) throw errors.invalid('Adding a config drive is only supported when setting provision state to active, deploy, rebuild')
    if (target === 'rebuild' && context.version < 35) throw errors.invalid('A config drive may be given with rebuild from version 1.35 on.')
    if (typeof body.configdrive !== 'string' && !isObject(body.configdrive))
      throw errors.invalid('A config drive is a text, or an object from which one is made.')
    if (typeof body.configdrive === 'object' && context.version < 56) throw errors.notAcceptable()
  }
  if (given('disable_ramdisk') && !['clean', 'service'].includes(target)) throw errors.notAcceptable()
  if (given('clean_steps') && target !== 'clean')
    throw errors.invalid('"clean_steps" is only valid when setting target provision state to clean')
  if (given('deploy_steps') && !deploys)
    throw errors.invalid('"deploy_steps" is only valid when setting target provision state to active, deploy or rebuild')
  if (given('rescue_password') && target !== 'rescue')
    throw errors.invalid('"rescue_password" is only valid when setting target provision state to rescue')
  if (target === 'rescue' && !body.rescue_password?.trim())
    throw errors.invalid('A non-empty "rescue_password" is required when setting target provision state to rescue')
  if (given('service_steps') && target !== 'service')
    throw errors.invalid('"service_steps" is only valid when setting target provision state to service')
  if (given('runbook')) {
    if (!['clean', 'service'].includes(target))
      throw errors.invalid('"runbook" is only valid when setting target provision state to clean or service')
    if (given('clean_steps') || given('service_steps'))
      throw errors.invalid(`Please provide either "${target}_steps" or a runbook, but not both.`)
  }
  if (given('disable_ramdisk') && target === 'service' && context.version < 108) throw errors.notAcceptable()
  if (given('deploy_steps')) deploySteps(body.deploy_steps!)
}

const INTERFACES: readonly string[] = STEP_INTERFACES
const DEPLOY_STEPS = stepsType('priority', true)

const deploySteps = (given: readonly Record<string, unknown>[]): void => {
  if (given.length === 0) return
  try {
    DEPLOY_STEPS.parse(given)
  } catch (e) {
    if (e instanceof Unfit) throw errors.invalid(`"deploy_steps" ${e.message}.`)
    throw e
  }
}

const steps = (kind: 'clean' | 'service', given: readonly Record<string, unknown>[] | null | undefined): void => {
  if (!given || given.length === 0) throw errors.invalid(`"${kind}_steps" is required when setting target provision state to ${kind}`)
  for (const step of given) {
    const bad = (why: string) => errors.invalid(`Invalid ${kind}_steps: ${why}`)
    if (!INTERFACES.includes(step['interface'] as string)) throw bad(`"interface" must be one of ${INTERFACES.join(', ')}`)
    if (typeof step['step'] !== 'string' || step['step'] === '') throw bad('"step" must be a text that is not empty')
    for (const key of Object.keys(step))
      if (!['interface', 'step', 'args', 'order', 'execute_on_child_nodes', 'limit_child_node_execution'].includes(key))
        throw bad(`Additional properties are not allowed ('${key.slice(0, 60)}' was unexpected)`)
    if (step['args'] !== undefined && (step['args'] === null || typeof step['args'] !== 'object' || Array.isArray(step['args'])))
      throw bad('"args" must be an object')
  }
}

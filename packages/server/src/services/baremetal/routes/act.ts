import type { RouteSpec } from '@esi/api/define'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { Context, Input, Reply, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { targetOf } from '../../../kit/resource/present.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { type Release, releasing } from '../domain/provision.ts'
import { errors } from '../errors.ts'
import { isServed } from '../store/conductors.ts'
import { conductorsOf } from '../store/nodes.ts'
import type { World } from '../world.ts'

export type InputOf<S extends RouteSpec> = Input<
  S['body'] extends NonNullable<RouteSpec['body']> ? S['body'] : {},
  S['query'] extends NonNullable<RouteSpec['query']> ? S['query'] : {}
>

export type Action<S extends RouteSpec> = (node: Item, tx: Tx, context: Context, input: InputOf<S>) => Promise<Reply>

/** A change to one node: judged on the locked row, whose tenant may have become another one since it was found. */
export const act = <const S extends RouteSpec>(world: World, nodes: Engine, spec: S, run: Action<S>): Route =>
  nodes.on(spec, (row, context, input) =>
    world.database.transaction(context, async tx => {
      const node = await nodes.locked(context, tx, String(row['uuid']))
      const rule = spec.policies?.[0]
      if (rule) context.require(rule, targetOf(nodes.r, node))
      return run(node, tx, context, input as InputOf<S>)
    }),
  )

/** A route that reads one node. */
export const look = <const S extends RouteSpec>(
  nodes: Engine,
  spec: S,
  run: (node: Item, context: Context, input: InputOf<S>) => Promise<Reply>,
): Route => nodes.on(spec, (row, context, input) => run(row, context, input as InputOf<S>))

/** Ironic's lock: while a conductor holds the node nobody else changes what it is about. */
export const mustBeFree = (node: Readonly<Item>): void => {
  if (node['reservation'] !== null) throw errors.locked(node['uuid'] as string, node['reservation'] as string)
}

/**
 * The same in states in which a conductor is at work: the original has its lock then. Its clients ask again by themselves when they
 * read 409, and give up when they read 400.
 */
export const mustRest = async (tx: Tx, node: Readonly<Item>, states: ReadonlySet<string>): Promise<void> => {
  mustBeFree(node)
  const uuid = node['uuid'] as string
  if (states.has(node['provision_state'] as string)) throw errors.locked(uuid, (await conductorsOf(tx.db, [uuid])).get(uuid) ?? 'unknown')
}

/** Somebody conducts it; otherwise nothing that is asked of it would be done. */
export const mustBeServed = async (tx: Tx, node: Readonly<Item>): Promise<void> => {
  const [group, driver] = [node['conductor_group'] as string, node['driver'] as string]
  if (!(await isServed(tx.db, group, driver))) throw errors.unserved(driver, group)
}

/** While a lease's end goes on, the machine is the conductor's; once a person is needed, it is that person's. */
export const mustNotBeReleasing = (node: Readonly<Item>): void => {
  const { release } = node as { release: Release | null }
  if (releasing({ release }) && release?.quarantined === undefined)
    throw errors.conflict(`Node ${node['uuid']} is being made ready: the end of its last lease is not over. Try again later.`)
}

/** Tells of something that was done to a node, to those who have it. */
export const tell = (tx: Tx, node: Readonly<Item>, what: string, data: Record<string, unknown>): void =>
  tx.emit('baremetal', {
    type: `baremetal.node.${what}`,
    object: { type: 'node', id: String(node['uuid']), name: node['name'] as string | null },
    projects: [...new Set([node['owner'], node['lessee']])].filter(p => typeof p === 'string') as string[],
    data,
  })

export const statesLocation = (context: Context, ident: string, tail = 'states'): Record<string, string> => ({
  Location: `${context.wire.base}/v1/nodes/${encodeURIComponent(ident)}/${tail}`,
})

/** The same request with another body; what it is asked of its caller stays. */
export const withBody = (context: Context, body: unknown): Context =>
  Object.create(context, { wire: { value: { ...context.wire, body }, enumerable: true } }) as Context

/** A route to what is nobody's own: who may see none is told so before it is looked for. */
export const judged = (route: Route): Route => ({
  ...route,
  handle: async (context, input) => {
    for (const rule of route.spec.policies ?? []) context.require(rule)
    return route.handle(context, input)
  },
})

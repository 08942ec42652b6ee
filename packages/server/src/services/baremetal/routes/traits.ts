import { addTrait, clearTraits, listTraits, removeTrait, setTraits } from '@esi/api/baremetal/node-routes'
import { trait } from '@esi/api/baremetal/types'
import { Unfit } from '@esi/api/types'
import type { Context, Route } from '../../../kit/http/route.ts'
import type { Engine } from '../../../kit/resource/engine.ts'
import { errors } from '../errors.ts'
import * as store from '../store/nodes.ts'
import type { World } from '../world.ts'
import { act, mustBeFree, statesLocation, tell } from './act.ts'

// Ironic's limit.
const MOST = 50

/** Words that say what a node is good for. */
export const traitRoutes = (world: World, nodes: Engine): Route[] => [
  nodes.on(listTraits, async row => ({ status: 200, body: { traits: row['traits'] } })),

  act(world, nodes, setTraits, async (node, tx, context, { body }) => {
    sinceTraits(context)
    mustBeFree(node)
    const traits = [...new Set(body.traits)]
    if (traits.length > MOST) throw tooMany(String(node['uuid']))
    await store.setTraits(tx, String(node['uuid']), traits, true)
    tell(tx, node, 'traits_set', { before: node['traits'], after: traits })
    return { status: 204 }
  }),

  act(world, nodes, addTrait, async (node, tx, context, { params, raw }) => {
    sinceTraits(context)
    mustBeFree(node)
    if (raw !== undefined && JSON.stringify(raw) !== '{}') throw errors.invalid('No body should be provided when adding a trait')
    const name = named(params['trait']!)
    const before = node['traits'] as string[]
    if (!before.includes(name) && before.length >= MOST) throw tooMany(String(node['uuid']))
    await store.setTraits(tx, String(node['uuid']), [name], false)
    tell(tx, node, 'traits_set', { added: name })
    return { status: 204, headers: statesLocation(context, params['node']!, `traits/${name}`) }
  }),

  act(world, nodes, clearTraits, async (node, tx) => {
    mustBeFree(node)
    await store.setTraits(tx, String(node['uuid']), [], true)
    tell(tx, node, 'traits_set', { before: node['traits'], after: [] })
    return { status: 204 }
  }),

  act(world, nodes, removeTrait, async (node, tx, _context, { params }) => {
    mustBeFree(node)
    const name = params['trait']!
    if (!(await store.removeTrait(tx, String(node['uuid']), name))) throw errors.traitMissing(String(node['uuid']), name)
    tell(tx, node, 'traits_set', { removed: name })
    return { status: 204 }
  }),
]

const sinceTraits = (context: Context): void => {
  if (context.version < 37) throw errors.noMethod()
}

const named = (text: string): string => {
  try {
    return trait().parse(text)
  } catch (e) {
    if (e instanceof Unfit) throw errors.invalid(`"trait" ${e.message}.`)
    throw e
  }
}

const tooMany = (node: string) => errors.invalid(`The number of traits is restricted to ${MOST} for node ${node}.`)

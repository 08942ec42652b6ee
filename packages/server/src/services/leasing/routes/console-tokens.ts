import { Refused } from '@esi/api/dialect'
import { tokenCreate, tokenDelete } from '@esi/api/leasing/documents'
import { plus } from '@esi/api/time'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import type { SocketRoute } from '../../../kit/http/socket-route.ts'
import { uuid } from '../../../kit/ids/ids.ts'
import { type Consoles, TOKENS_DELETED } from '../consoles.ts'
import { refused } from '../errors.ts'
import type { Thing } from '../needs.ts'
import { addToken, dropTokens, hashOf } from '../store/console-tokens.ts'
import type { World } from '../world.ts'

/** Keys to the console of a machine that the caller sees. They end by the clock, not by somebody's clearing them away. */
export const consoleRoutes = (world: World): readonly Route[] => [
  handle(tokenCreate, async (context, input) => {
    context.require('esi_leap:console_auth_token:create')
    const node = await visible(world, context, input.body.node_uuid_or_name)
    const base = consoleBase(world)
    if (base === undefined) throw refused.noConsole()
    const token = uuid()
    const ttl = input.body.token_ttl ?? Math.ceil(world.config.consoleTokenTime / 1000)
    await world.kit.database.transaction(context, async tx => {
      await addToken(tx, {
        hash: hashOf(token),
        node: node.id,
        user: context.who.user_id,
        project: context.project ?? null,
        lessee: node.lessee,
        expires: plus(tx.at, ttl * 1000),
      })
      tx.emit('leasing', {
        type: 'leasing.console_token.created',
        object: { type: 'node', id: node.id, name: node.name },
        projects: context.project === undefined ? [] : [context.project],
        data: { seconds: ttl },
      })
    })
    return { body: { node_uuid: node.id, token, access_url: withToken(base, token) } }
  }),
  handle(tokenDelete, async (context, input) => {
    context.require('esi_leap:console_auth_token:delete')
    const node = await visible(world, context, input.params['node']!)
    await world.kit.database.transaction(context, async tx => {
      await dropTokens(tx, node.id)
      // Also where none is left: one that has run out may have opened what is still open.
      tx.emit('leasing', {
        type: TOKENS_DELETED,
        object: { type: 'node', id: node.id, name: node.name },
        projects: context.project === undefined ? [] : [context.project],
      })
    })
    return { body: null }
  }),
]

/** Below the service's prefix. */
const CONSOLES = '/v1/consoles'

/** Where consoles are: at another proxy where one is named, else here, if whoever has the things lends their consoles. */
const consoleBase = (world: World): string | undefined =>
  world.config.consoleUrl ?? (world.needs.things?.console ? `${world.kit.publicUrl.replace(/^http/, 'ws')}/lease${CONSOLES}` : undefined)

/** Opens the console that a token is the key to, in the place of the original's proxy. */
export const consoleSockets = (consoles: Consoles): readonly SocketRoute[] => [
  { path: CONSOLES, open: ({ query, signal }) => consoles.open(query.get('token') ?? '', signal) },
]

const visible = async (world: World, context: Context, ident: string): Promise<Thing> => {
  const things = (await world.needs.things?.list(context.may('esi_leap:node:node_admin') ? undefined : context.who)) ?? []
  const node = things.find(t => t.id === ident) ?? things.find(t => t.name === ident)
  if (!node) throw new Refused('missing', `Node ${ident.slice(0, 255)} could not be found.`)
  return node
}

const withToken = (base: string, token: string): string => {
  const url = new URL(base)
  url.searchParams.set('token', token)
  return url.toString()
}

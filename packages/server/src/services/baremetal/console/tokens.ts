import { randomBytes } from 'node:crypto'
import { Refused } from '@esi/api/dialect'
import { plus } from '@esi/api/time'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { SocketRoute } from '../../../kit/http/socket-route.ts'
import { addToken, consoleUrlOf, type Holder, hashOf, tokenOf } from '../store/consoles.ts'
import type { World } from '../world.ts'
import type { Consoles } from './consoles.ts'
import { RELAYED } from './relay.ts'

/** Below the service's prefix. */
export const CONSOLES = '/v1/consoles'

/** Where this process has its consoles, as clients reach it. */
export const consoleBase = (world: World): string =>
  world.config.consoleUrl ?? `${world.kit.publicUrl.replace(/^http/, 'ws')}/baremetal${CONSOLES}`

/** An address that opens a node's console for a while, on a process that reaches its BMC. */
export const consoleAddress = async (
  world: World,
  tx: Tx,
  node: { readonly uuid: string; readonly group: string; readonly driver: string },
  holder: Holder,
): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  await addToken(tx, hashOf(token), node.uuid, holder, plus(tx.at, world.config.consoleTokenTime * 1000))
  const url = new URL((await consoleUrlOf(tx.db, node.group, node.driver)) ?? consoleBase(world))
  url.searchParams.set('token', token)
  return url.toString()
}

export const consoleSockets = (world: World, consoles: Consoles): readonly SocketRoute[] => [
  {
    path: CONSOLES,
    async open({ query, signal }) {
      const token = query.get('token') ?? ''
      const key = token === '' ? undefined : await tokenOf(world.database.db, hashOf(token), world.kit.clock.now())
      if (!key) throw new Refused('unauthenticated', 'The key to the console is not known, or has run out. Ask for the console again.')
      const { node, ...holder } = key
      return consoles.open(node, holder, signal, query.get(RELAYED) === 'true')
    },
  },
]

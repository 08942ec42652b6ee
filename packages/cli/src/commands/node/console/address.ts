import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import type { Dialect } from '@esi/api/dialect'
import { dialect as leasing } from '@esi/api/leasing/dialect'
import { ApiError, waitFor } from '@esi/client'
import type { Face } from '../../../command.ts'
import { callLeasing, nodes } from '../../../services.ts'

/** An address that opens a console for a while, and in whose words it refuses. */
export interface Address {
  readonly url: string
  readonly dialect: Dialect
}

interface State {
  readonly console_enabled: boolean
  /** Empty where the interface shows nothing. Ironic has others than `websocket`, like `socat`. */
  readonly console_info: { readonly type?: string; readonly url?: string } | null
}

/** Milliseconds that a console which was asked for may take to be on. */
const ON = 60_000

/**
 * Where a node's console is. The bare-metal service says it, at a WebSocket of its own; where it has none (Ironic) or does not show the
 * node, the leasing service has a proxy to it.
 */
export const addressOf = async (face: Face, node: string, enable: boolean): Promise<Address> => {
  const client = await nodes(face)
  const at = client.one(node, 'states', 'console')
  const look = async () => (await client.call('GET', at)) as State
  let state: State
  try {
    state = await look()
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 403 && error.status !== 404)) throw error
    const lent = await byLeasing(face, node).catch(() => undefined)
    if (lent === undefined) throw error
    return lent
  }
  if (!state.console_enabled) {
    if (!enable) throw new Error(`The console of ${node} is switched off. With --enable it is switched on first.`)
    await client.call('PUT', at, { enabled: true }).catch(async error => {
      throw (await without(client, node, error)) ?? error
    })
    state = await waitFor(look, now => now.console_enabled, { signal: face.signal, timeout: ON })
    face.progress(`The console of ${node} was switched on, and stays so.`)
  }
  const { type, url } = state.console_info ?? {}
  if (url === undefined) throw new Error(`The console of ${node} is on, but its console interface has nothing to connect to.`)
  if (/^wss?:/.test(url)) return { url, dialect: baremetal }
  try {
    return await byLeasing(face, node)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new Error(`The console of ${node} is at ${url} (${type}), and there is no proxy to it: ${error.message}`)
  }
}

/** A node whose console interface has none: what to do about it, where it can be seen. */
const without = async (client: Awaited<ReturnType<typeof nodes>>, node: string, error: unknown): Promise<Error | undefined> => {
  if (!(error instanceof ApiError) || error.status !== 400) return undefined
  const row = await client.show(node, ['console_interface']).catch(() => undefined)
  if (row?.console_interface !== 'no-console') return undefined
  const how = `"esi node set ${node} --console-interface redfish-serial" gives it one, or ipmitool-socat with the driver ipmi.`
  return new ApiError(400, `${node} has no console: its console interface is no-console. ${how}`, error.requestId, error.body)
}

const byLeasing = async (face: Face, node: string): Promise<Address> => {
  const { access_url: url } = await callLeasing(await face.session(), 'POST', '/v1/console_auth_tokens', { node_uuid_or_name: node })
  return { url, dialect: leasing }
}

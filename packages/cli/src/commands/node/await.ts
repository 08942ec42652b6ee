import type { node } from '@esi/api/baremetal/node'
import type { Row } from '@esi/api/define'
import { ApiError, type ResourceClient, waitFor } from '@esi/client'
import type { Face } from '../../command.ts'

type Node = Row<typeof node.fields>

/** Waits until a node is as wanted, telling each change; fails with the node's last error when it went wrong. */
export const awaitNode = async (
  face: Face,
  client: ResourceClient<typeof node.fields>,
  name: string,
  settled: (node: Node) => boolean,
  shown: 'power_state' | 'provision_state',
  // Whoever breaks something off is told of it as its last error, and meant it.
  meant = false,
  // In seconds; 0 for as long as it takes.
  atMost = 0,
): Promise<void> => {
  let told = ''
  const end = await waitFor(() => client.show(name), settled, {
    signal: face.signal,
    timeout: atMost > 0 ? atMost * 1000 : Number.POSITIVE_INFINITY,
    progress(now) {
      const text = `${name}: ${now[shown] ?? 'unknown'}${now[`target_${shown}`] ? ` -> ${now[`target_${shown}`]}` : ''}`
      if (text !== told) face.progress(text)
      told = text
    },
  })
  if (!meant && end.last_error && !String(end.last_error).startsWith('** '))
    throw new ApiError(409, `${name}: ${end.last_error}`, undefined, end)
}

import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import type { ConductorGroup } from '@esi/api/baremetal/routes'
import { ApiError, type Session } from '@esi/client'

export const groupName = (group: string): string => (group === '' ? 'the default group' : `group "${group}"`)

/** Whether somebody conducts every node. Nothing is said to who may not see that, or by a service that does not tell. */
export const conductors = async (session: Session): Promise<{ what: string; is: string; advice?: string }[]> => {
  let groups: readonly ConductorGroup[]
  try {
    const { body } = await session.call('baremetal', baremetal, { method: 'GET', path: '/v1/conductor_groups' })
    groups = (body as { conductor_groups: ConductorGroup[] }).conductor_groups
  } catch (e) {
    if (e instanceof ApiError) return []
    throw e
  }
  const lost = groups.filter(group => group.unserved_nodes > 0)
  if (lost.length === 0) return [{ what: 'conductors', is: 'every node has one' }]
  return lost.map(({ conductor_group: group, unserved_nodes: nodes, unserved_drivers: drivers }) => ({
    what: 'conductors',
    is: `none for ${nodes} node${nodes === 1 ? '' : 's'} of ${groupName(group)} (${drivers.join(', ')}): nothing that is asked of them is done`,
    advice: `Start a server whose configuration has baremetal: { groups: ['${group}'] } and these drivers, or move the nodes: esi baremetal node set --conductor-group.`,
  }))
}

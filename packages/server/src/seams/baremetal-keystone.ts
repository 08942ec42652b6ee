import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/baremetal/needs.ts'
import { keystoneClient } from './keystone/client.ts'
import { readKeystone } from './keystone/config.ts'
import { findProject } from './keystone/projects.ts'

/** The same, of a Keystone elsewhere. */
export const baremetalKeystone: SeamDef = {
  name: 'keystone',
  consumer: 'baremetal',
  need: 'projects',
  make(_door, kit, given): Projects {
    const { catalog: _, ...settings } = given as Record<string, unknown>
    const client = keystoneClient(readKeystone(settings), kit)
    return { find: ident => findProject(client, ident) }
  },
}

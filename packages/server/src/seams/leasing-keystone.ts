import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/leasing/needs.ts'
import { keystoneClient } from './keystone/client.ts'
import { readKeystone } from './keystone/config.ts'
import { remember } from './keystone/memory.ts'
import { findProject, type Project, projectById } from './keystone/projects.ts'

/** Milliseconds for which a name is believed: names may be old, rights never are. */
const NAME = 60_000

/** Leasing asks a Keystone elsewhere for projects. */
export const leasingKeystone: SeamDef = {
  name: 'keystone',
  consumer: 'leasing',
  need: 'projects',
  make(_door, kit, given): Projects {
    const { catalog: _, ...settings } = given as Record<string, unknown>
    const config = readKeystone(settings)
    const client = keystoneClient(config, kit)
    const named = remember<Project | undefined>(config.cacheSize, NAME)

    return {
      find: ident => findProject(client, ident),
      async names(ids) {
        const found = await Promise.all([...new Set(ids)].map(id => named(id, () => projectById(client, id))))
        return new Map(found.filter(project => project !== undefined).map(project => [project.id, project.name]))
      },
      async lineage(id) {
        if (!/^[\w.-]{1,64}$/.test(id)) return []
        const { status, body } = await client.get(`/v3/projects/${id}?parents_as_ids`)
        if (status !== 200 || body.project.is_domain) return []
        const line: string[] = [body.project.id]
        // Each above within the one below it; the last is the domain.
        for (let above = body.project.parents; above; ) {
          const [next] = Object.keys(above)
          if (next === undefined) break
          if (next !== body.project.domain_id) line.push(next)
          above = above[next]
        }
        return line
      },
    }
  },
}

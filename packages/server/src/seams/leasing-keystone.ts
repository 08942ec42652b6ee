import type { SeamDef } from '../kit/service.ts'
import type { Projects } from '../services/leasing/needs.ts'
import { keystoneClient } from './keystone/client.ts'
import { readKeystone } from './keystone/config.ts'
import { remember } from './keystone/memory.ts'

interface Project {
  readonly id: string
  readonly name: string
}

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

    const byId = async (id: string): Promise<Project | undefined> => {
      if (!/^[\w.-]{1,64}$/.test(id)) return undefined
      const { status, body } = await client.get(`/v3/projects/${id}`)
      return status === 200 && !body.project.is_domain ? { id: body.project.id, name: body.project.name } : undefined
    }

    return {
      async find(ident) {
        const found = await byId(ident)
        if (found) return found
        const { status, body } = await client.get(`/v3/projects?name=${encodeURIComponent(ident)}`)
        const rows: Project[] = status === 200 ? body.projects : []
        // A name that two domains have says nothing.
        return rows.length === 1 ? { id: rows[0]!.id, name: rows[0]!.name } : undefined
      },
      async names(ids) {
        const found = await Promise.all([...new Set(ids)].map(id => named(id, () => byId(id))))
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

import { Refused } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { endpointFilterRoutes as specs } from '@esi/api/identity/endpoint-group'
import { type Context, handle, type Reply, type Route } from '../../../kit/http/route.ts'
import type { Item } from '../../../kit/resource/view.ts'
import { missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import type { Keystone } from '../resources/keystone.ts'
import * as store from '../store/endpoint-filter.ts'
import { emit } from '../telling.ts'

export interface CatalogEngines {
  readonly project: Keystone
  readonly service: Keystone
  readonly endpoint: Keystone
  readonly region: Keystone
  readonly policy: Keystone
  readonly endpoint_group: Keystone
}

type Kind = 'project' | 'endpoint' | 'endpoint_group'

/** Which endpoints projects see in their catalogs. Source: Keystone's OS-EP-FILTER. */
export const endpointFilter = (house: House, engines: CatalogEngines): Route[] => {
  const { database } = house
  const { db } = database

  const there = async (what: Kind, id: string): Promise<Item> => {
    const row = await engines[what].read(db, id)
    if (!row) throw missing(what === 'endpoint_group' ? 'Endpoint Group' : what, id)
    return row
  }

  const many = async (context: Context, what: Kind, ids: readonly string[]): Promise<Reply> => {
    const engine = engines[what]
    const rows = (await Promise.all(ids.map(id => engine.read(db, id)))).filter(row => row !== undefined)
    return { body: dialect.many(engine.r, engine.present(context, rows), context.wire, undefined) }
  }

  const none = (what: 'endpoint' | 'endpoint_group', id: string, project: string): Refused =>
    new Refused('missing', `${what === 'endpoint' ? 'Endpoint' : 'Endpoint Group'} ${id} not found in project ${project}`)

  const pair = async (params: Readonly<Record<string, string>>, what: 'endpoint' | 'endpoint_group') => {
    const [id, project] = [params[what]!, params['project']!]
    await there(what, id)
    await there('project', project)
    return { id, project }
  }

  const add = async (context: Context, params: Readonly<Record<string, string>>, what: 'endpoint' | 'endpoint_group'): Promise<Reply> => {
    const { id, project } = await pair(params, what)
    await database.transaction(context, async tx => {
      if (!(await store.linkProject(tx.db, what, id, project)))
        throw new Refused('conflict', `Conflict occurred attempting to store project_${what} - Duplicate entry.`)
      emit(tx, `project_${what}.created`, { type: what, id }, [project], { project })
    })
    return {}
  }

  const remove = async (context: Context, { id, project }: { id: string; project: string }, what: 'endpoint' | 'endpoint_group') => {
    await database.transaction(context, async tx => {
      if (!(await store.unlinkProject(tx.db, what, id, project))) throw none(what, id, project)
      emit(tx, `project_${what}.deleted`, { type: what, id }, [project], { project })
    })
    return {}
  }

  return [
    handle(specs.add, async (context, input) => {
      context.require('identity:add_endpoint_to_project')
      return add(context, input.params, 'endpoint')
    }),
    handle(specs.check, async (context, input) => {
      context.require('identity:check_endpoint_in_project')
      const { id, project } = await pair(input.params, 'endpoint')
      if (!(await store.isLinked(db, 'endpoint', id, project))) throw none('endpoint', id, project)
      return {}
    }),
    handle(specs.remove, async (context, input) => {
      context.require('identity:remove_endpoint_from_project')
      return remove(context, { id: input.params['endpoint']!, project: input.params['project']! }, 'endpoint')
    }),
    handle(specs.ofProject, async (context, input) => {
      context.require('identity:list_endpoints_for_project')
      await there('project', input.params['project']!)
      return many(context, 'endpoint', await store.endpointsOfProject(db, input.params['project']!))
    }),
    handle(specs.ofEndpoint, async (context, input) => {
      context.require('identity:list_projects_for_endpoint')
      await there('endpoint', input.params['endpoint']!)
      return many(context, 'project', await store.projectsOfEndpoint(db, input.params['endpoint']!))
    }),
    handle(specs.groupsOfProject, async (context, input) => {
      context.require('identity:list_endpoint_groups_for_project')
      await there('project', input.params['project']!)
      return many(context, 'endpoint_group', await store.groupsOfProject(db, input.params['project']!))
    }),
    handle(specs.groupEndpoints, async (context, input) => {
      context.require('identity:list_endpoints_associated_with_endpoint_group')
      await there('endpoint_group', input.params['endpoint_group']!)
      return many(context, 'endpoint', await store.endpointsOfGroup(db, input.params['endpoint_group']!))
    }),
    handle(specs.groupProjects, async (context, input) => {
      context.require('identity:list_projects_associated_with_endpoint_group')
      await there('endpoint_group', input.params['endpoint_group']!)
      return many(context, 'project', await store.projectsOfGroup(db, input.params['endpoint_group']!))
    }),
    handle(specs.addGroup, async (context, input) => {
      context.require('identity:add_endpoint_group_to_project')
      return add(context, input.params, 'endpoint_group')
    }),
    handle(specs.checkGroup, async (context, input) => {
      context.require('identity:get_endpoint_group_in_project')
      const { id, project } = await pair(input.params, 'endpoint_group')
      if (!(await store.isLinked(db, 'endpoint_group', id, project))) throw none('endpoint_group', id, project)
      const self = `${context.wire.base}${context.wire.path}`
      return { body: { project_endpoint_group: { endpoint_group_id: id, project_id: project, links: { self } } } }
    }),
    handle(specs.removeGroup, async (context, input) => {
      context.require('identity:remove_endpoint_group_from_project')
      return remove(context, await pair(input.params, 'endpoint_group'), 'endpoint_group')
    }),
  ]
}

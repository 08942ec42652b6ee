import { assignmentRoute } from '@esi/api/identity/grants'
import { type Context, handle, type Route } from '../../../kit/http/route.ts'
import { invalid, missing } from '../errors.ts'
import type { House } from '../resources/house.ts'
import { type Assignment, listAssignments } from '../store/assignments.ts'
import { findProject } from '../store/subjects.ts'
import { listLinks } from './links.ts'

/** A key alone is a yes, and so is every value but 0. */
const yes = (context: Context, key: string): boolean => context.wire.query.has(key) && context.wire.query.get(key) !== '0'

/** `GET /v3/role_assignments` with its filters. */
export const assignments = (house: House): Route[] => [
  handle(assignmentRoute, async context => {
    const { db } = house.database
    const { query } = context.wire
    const given = (key: string): string | undefined => query.get(key) || undefined
    const project = given('scope.project.id')
    const domain = given('scope.domain.id')
    const system = query.get('scope.system') === 'all'
    const subtree = yes(context, 'include_subtree')
    const own = context.who.domain_id
    if (subtree) {
      const place = project === undefined ? undefined : await findProject(db, { id: project })
      context.require('identity:list_role_assignments_for_tree', place ? { target: { domain_id: place.domain?.id ?? place.id } } : {})
      if (project === undefined) throw invalid('scope.project.id must be specified if include_subtree is also specified')
      if (!place) throw missing('project', project)
    } else context.require('identity:list_role_assignments', own === undefined ? {} : { target: { domain_id: own } })

    if (domain !== undefined && project !== undefined) throw invalid('Specify a domain or project, not both')
    if (domain !== undefined && system) throw invalid('Specify system or domain, not both')
    if (project !== undefined && system) throw invalid('Specify system or project, not both')
    if (given('user.id') !== undefined && given('group.id') !== undefined) throw invalid('Specify a user or group, not both')
    const effective = yes(context, 'effective')
    const inherited = query.has('scope.OS-INHERIT:inherited_to') ? query.get('scope.OS-INHERIT:inherited_to') === 'projects' : undefined
    if (effective && given('group.id') !== undefined)
      throw invalid('Combining effective and group filter will always result in an empty list.')
    if (effective && inherited && domain !== undefined)
      throw invalid('Combining effective, domain and inherited filters will always result in an empty list.')

    const rows = await listAssignments(db, {
      role: given('role.id'),
      user: given('user.id'),
      group: given('group.id'),
      system,
      domain,
      project,
      subtree,
      inherited,
      effective,
      within: own,
    })
    const names = yes(context, 'include_names')
    return {
      body: {
        role_assignments: rows.map(row => shown(row, names, `${context.wire.base}/v3`)),
        links: listLinks(context),
      },
    }
  }),
]

const shown = (a: Assignment, names: boolean, base: string): Record<string, unknown> => {
  const place = { id: a.target_id, ...(names ? { name: a.target_name } : {}) }
  const scope: Record<string, unknown> =
    a.scope === 'system'
      ? { system: { all: true } }
      : a.scope === 'domain'
        ? { domain: place }
        : { project: { ...place, ...(names ? { domain: a.target_domain } : {}) } }
  if (a.inherited) scope['OS-INHERIT:inherited_to'] = 'projects'
  const actor = { id: a.user_id ?? a.group_id, ...(names ? { name: a.actor_name, domain: a.actor_domain } : {}) }
  return {
    links: links(a, base),
    scope,
    [a.user_id === null ? 'group' : 'user']: actor,
    role: { id: a.role_id, ...(names ? { name: a.role_name, ...(a.role_domain ? { domain: a.role_domain } : {}) } : {}) },
  }
}

/** Where the assignment that this is, or comes from, can be changed. */
const links = (a: Assignment, base: string): Record<string, string> => {
  const at = a.via_target ?? a.target_id
  const kind = a.via_scope ?? a.scope
  const place = kind === 'system' ? '/system' : `/${kind}s/${at}`
  const group = a.via_group ?? a.group_id
  const actor = group === null ? `/users/${a.user_id}` : `/groups/${group}`
  const path = `${place}${actor}/roles/${a.via_role ?? a.role_id}`
  return {
    assignment: `${base}${a.inherited ? `/OS-INHERIT${path}/inherited_to_projects` : path}`,
    ...(a.via_group === null ? {} : { membership: `${base}/groups/${a.via_group}/users/${a.user_id}` }),
    ...(a.via_role === null ? {} : { prior_role: `${base}/prior_role/${a.role_id}/implies/${a.via_role}` }),
  }
}

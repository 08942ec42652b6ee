import type { RouteSpec } from '../define.ts'

const all = '/v3/projects/:project/tags'
const one = `${all}/:tag`

/** The tags of a project. */
export const tagRoutes = {
  list: { name: 'project.tags', method: 'GET', path: all, policies: ['identity:list_project_tags'], status: 200 },
  replace: { name: 'project.tags.replace', method: 'PUT', path: all, policies: ['identity:update_project_tags'], status: 200 },
  clear: { name: 'project.tags.clear', method: 'DELETE', path: all, policies: ['identity:delete_project_tags'], status: 204 },
  check: { name: 'project.tag', method: 'GET', path: one, policies: ['identity:get_project_tag'], status: 204 },
  add: { name: 'project.tag.add', method: 'PUT', path: one, policies: ['identity:create_project_tag'], status: 201 },
  remove: { name: 'project.tag.remove', method: 'DELETE', path: one, policies: ['identity:delete_project_tag'], status: 204 },
} as const satisfies Record<string, RouteSpec>

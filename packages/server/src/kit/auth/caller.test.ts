import { expect, it } from 'vitest'
import { type Caller, credentials } from './caller.ts'

const user = { id: 'u1', name: 'ann', domain: 'd1' }
const of = (more: Partial<Caller>) => credentials({ user, roles: ['reader'], ...more })
const known = { user_id: 'u1', user_domain_id: 'd1', roles: ['reader'] }

it('a token is for a project, a domain, the system, or nothing, and rules know which', () => {
  expect(of({ project: { id: 'p1', name: 'lab', domain: 'd2' } })).toEqual({
    ...known,
    project_id: 'p1',
    project_name: 'lab',
    project_domain_id: 'd2',
    scope: 'project',
  })
  expect(of({ domain: 'd3' })).toEqual({ ...known, domain_id: 'd3', scope: 'domain' })
  expect(of({ system: true })).toEqual({ ...known, system_scope: 'all', scope: 'system' })
  expect(of({ system: false })).toEqual({ ...known, scope: 'none' })
  expect(of({})).toEqual({ ...known, scope: 'none' })
})

it('what a token is not for has no attribute that a rule could find equal to nothing', () => {
  for (const name of ['project_id', 'domain_id', 'system_scope']) expect(Object.hasOwn(of({}), name)).toBe(false)
})

import { type RouteSpec, resource, ro, rw } from '../define.ts'
import { string } from '../types.ts'
import { id } from './types.ts'

/** A policy document that is kept for others; nothing here is judged by it. */
export const policy = resource({
  service: 'identity',
  name: 'policy',
  plural: 'policies',
  path: '/v3/policies',
  id: 'id',
  fields: {
    id: ro(id()),
    blob: rw(string(65_535), { required: true }),
    /** Its MIME type. */
    type: rw(string(255), { required: true, filter: true }),
  },
  policy: {
    list: 'identity:list_policies',
    show: 'identity:get_policy',
    create: 'identity:create_policy',
    update: 'identity:update_policy',
    delete: 'identity:delete_policy',
  },
  relations: {},
  additional: true,
  columns: { list: ['id', 'type'] },
})

export type AssociationDeed = 'add' | 'check' | 'remove'

export interface AssociationRoute {
  readonly spec: RouteSpec
  readonly deed: AssociationDeed
  /** What the policy is for, by the path's parameters. */
  readonly to: readonly ('endpoint' | 'service' | 'region')[]
}

const METHODS = { add: 'PUT', check: 'GET', remove: 'DELETE' } as const
const VERBS = { add: 'create', check: 'check', remove: 'delete' } as const
const PLACES = [
  { name: 'endpoint', path: 'endpoints/:endpoint', to: ['endpoint'] },
  { name: 'service', path: 'services/:service', to: ['service'] },
  { name: 'region_and_service', path: 'services/:service/regions/:region', to: ['service', 'region'] },
] as const

/** A policy for an endpoint, for a service, or for a service in a region and those below it. */
export const associationRoutes: readonly AssociationRoute[] = PLACES.flatMap(place =>
  (['add', 'check', 'remove'] as const).map(deed => ({
    deed,
    to: place.to,
    spec: {
      name: `policy.${place.name}.${deed}`,
      method: METHODS[deed],
      path: `/v3/policies/:policy/OS-ENDPOINT-POLICY/${place.path}`,
      policies: [`identity:${VERBS[deed]}_policy_association_for_${place.name}`],
      status: 204,
    },
  })),
)

export const policyRoutes = {
  endpoints: {
    name: 'policy.endpoints',
    method: 'GET',
    path: '/v3/policies/:policy/OS-ENDPOINT-POLICY/endpoints',
    policies: ['identity:list_endpoints_for_policy'],
    status: 200,
  },
  ofEndpoint: {
    name: 'endpoint.policy',
    method: 'GET',
    path: '/v3/endpoints/:endpoint/OS-ENDPOINT-POLICY/policy',
    policies: ['identity:get_policy_for_endpoint'],
    status: 200,
  },
} as const satisfies Record<string, RouteSpec>

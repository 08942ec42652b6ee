import type { Route } from '../../../kit/http/route.ts'
import { endpointResource, putRegion, regionResource, serviceResource } from '../resources/catalog.ts'
import { consumerResource } from '../resources/consumers.ts'
import { credentialResource } from '../resources/credentials.ts'
import { domainResource } from '../resources/domains.ts'
import { groupResource } from '../resources/groups.ts'
import { tellingEnds } from '../resources/holdings.ts'
import type { House } from '../resources/house.ts'
import { endpointGroupResource, policyResource } from '../resources/policies.ts'
import { projectResource, showProject } from '../resources/projects.ts'
import { roleResource } from '../resources/roles.ts'
import { userResource } from '../resources/users.ts'
import { applicationCredentials } from './application-credentials.ts'
import { assignments } from './assignments.ts'
import { domainConfig } from './domain-config.ts'
import { ec2 } from './ec2.ts'
import { endpointFilter } from './endpoint-filter.ts'
import { federatedLogin } from './federated-login.ts'
import { federation } from './federation.ts'
import { grants } from './grants.ts'
import { implied } from './implied.ts'
import { limits } from './limits.ts'
import { members } from './members.ts'
import { oauth1 } from './oauth1.ts'
import { oauth2 } from './oauth2.ts'
import { policyAssociations } from './policies.ts'
import { tags } from './tags.ts'
import { tokens } from './tokens.ts'
import { trusts } from './trusts.ts'
import { versions } from './versions.ts'

/** Every route of the service. */
export const routes = (house: House): Route[] => {
  const projects = projectResource(house)
  const domains = domainResource(house)
  const users = userResource(house)
  const groups = groupResource(house)
  const roles = roleResource(house)
  const catalog = {
    project: projects,
    service: serviceResource(house),
    endpoint: endpointResource(house),
    region: regionResource(house),
    policy: policyResource(house),
    endpoint_group: endpointGroupResource(house),
  }
  const engines = { projects, domains, users, groups, roles }
  const ending = (route: Route): Route => (/\.(update|delete)$/.test(route.spec.name) ? tellingEnds(house, route) : route)
  const all: Route[] = [
    ...tokens(house),
    ...projects.routes.map(route => (route.spec.name === 'project.show' ? showProject(house, projects) : ending(route))),
    ...tags(house, projects),
    ...domainConfig(house),
    ...domains.routes.map(ending),
    ...users.routes,
    ...groups.routes,
    ...members(house, engines),
    ...roles.routes,
    ...implied(house, engines),
    ...grants(house, engines),
    ...assignments(house),
    ...applicationCredentials(house),
    ...trusts(house, engines),
    ...credentialResource(house).routes,
    ...ec2(house),
    ...oauth1(house, engines),
    ...oauth2(house),
    ...catalog.service.routes,
    ...catalog.endpoint.routes,
    ...catalog.region.routes,
    putRegion(catalog.region),
    ...catalog.policy.routes,
    ...policyAssociations(house, catalog),
    ...catalog.endpoint_group.routes,
    ...endpointFilter(house, catalog),
    ...consumerResource(house).routes,
    ...limits(house, catalog),
    ...federation(house),
    ...federatedLogin(house),
  ]
  return [...versions(all), ...all]
}

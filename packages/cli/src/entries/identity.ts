import type { Entry } from '../command.ts'
import { entry, plainEntries } from './entry.ts'

const cruds = () => import('../commands/identity/cruds.ts')
const catalogs = () => import('../commands/identity/catalog-cruds.ts')
const federated = () => import('../commands/identity/federation-cruds.ts')
const shown = () => import('../commands/identity/catalog.ts')
const protocols = () => import('../commands/identity/protocol.ts')
const ec2 = () => import('../commands/identity/ec2.ts')
const programs = () => import('../commands/identity/application-credential.ts')
const accessRules = () => import('../commands/identity/access-rule.ts')
const ending = () => import('../commands/identity/ending.ts')
const roles = () => import('../commands/identity/roles.ts')
const token = () => import('../commands/identity/token.ts')
const login = () => import('../commands/login.ts')
const people = () => import('../commands/identity/people.ts')
const members = () => import('../commands/identity/members.ts')

/** The commands of `openstack` for users and what they may. */
export const identityEntries: readonly Entry[] = [
  entry('login', 'log in; at an identity provider once for the commands that follow', async () => (await login()).login),
  entry('logout', 'end the login at an identity provider', async () => (await login()).logout),
  entry('token issue', 'log in and show the token', async () => (await token()).issue),
  entry('token revoke', 'make a token worthless', async () => (await token()).revoke),
  entry('catalog list', 'list the services and where they are', async () => (await token()).catalog),
  entry('catalog show', 'show where a service is', async () => (await shown()).showCatalog),
  ...plainEntries('project', 'a project', 'projects', async () => (await cruds()).project, ['create', 'unset']),
  entry('project list', 'list projects', async () => (await people()).listProjects('list projects')),
  entry('project show', 'show a project', async () => (await people()).showProject('show a project')),
  entry('project set', 'change a project', async () => (await people()).setProject('change a project')),
  entry('project delete', 'delete projects', async () => (await ending()).deleteEnding((await cruds()).project, 'delete projects')),
  ...plainEntries('user', 'a user', 'users', async () => (await cruds()).user, ['show', 'create', 'set', 'unset', 'delete']),
  entry('user list', 'list users', async () => (await people()).listUsers('list users')),
  entry('user password set', 'change your own password', async () => (await members()).setPassword),
  ...plainEntries('group', 'a group', 'groups', async () => (await cruds()).group, ['show', 'create', 'set', 'unset', 'delete']),
  entry('group list', 'list groups', async () => (await people()).listGroups('list groups')),
  entry('group add user', 'put users into a group', async () => (await members()).addUser),
  entry('group remove user', 'take users out of a group', async () => (await members()).removeUser),
  entry('group contains user', 'say whether a user is in a group', async () => (await members()).containsUser),
  ...plainEntries('domain', 'a domain', 'domains', async () => (await cruds()).domain, ['list', 'show', 'create', 'unset']),
  entry('domain set', 'change a domain', async () => (await ending()).setEnding((await cruds()).domain, 'change a domain')),
  entry('domain delete', 'delete domains', async () => (await ending()).deleteEnding((await cruds()).domain, 'delete domains')),
  ...plainEntries('role', 'a role', 'roles', async () => (await cruds()).role, ['show', 'create', 'set', 'unset', 'delete']),
  entry('role list', 'list roles', async () => (await people()).listRoles('list roles')),
  entry('role add', 'give a role to a user or group', async () => (await roles()).add),
  entry('role remove', 'take a role from a user or group', async () => (await roles()).remove),
  entry('role assignment list', 'list who has which role where', async () => (await roles()).assignments),
  entry('implied role list', 'list which roles come with which', async () => (await roles()).listImplied),
  entry('implied role create', 'let one role come with another', async () => (await roles()).imply),
  entry('implied role delete', 'let one role come with another no more', async () => (await roles()).implyNoMore),
  ...plainEntries('service', 'a service', 'services', async () => (await catalogs()).service),
  ...plainEntries('endpoint', 'an endpoint', 'endpoints', async () => (await catalogs()).endpoint, [
    'show',
    'create',
    'set',
    'unset',
    'delete',
  ]),
  entry('endpoint list', 'list endpoints', async () => (await shown()).listEndpoints('list endpoints')),
  entry('endpoint add project', 'put an endpoint into the catalog of a project', async () => (await shown()).addProject),
  entry('endpoint remove project', 'take an endpoint out of the catalog of a project', async () => (await shown()).removeProject),
  ...plainEntries('region', 'a region', 'regions', async () => (await catalogs()).region),
  ...plainEntries('credential', 'a credential', 'credentials', async () => (await federated()).credential),
  ...plainEntries('consumer', 'a consumer', 'consumers', async () => (await federated()).consumer),
  ...plainEntries('endpoint group', 'an endpoint group', 'endpoint groups', async () => (await catalogs()).endpointGroup, [
    'show',
    'create',
    'set',
    'unset',
    'delete',
  ]),
  entry('endpoint group list', 'list endpoint groups', async () => (await shown()).listGroups('list endpoint groups')),
  entry(
    'endpoint group add project',
    'put a group of endpoints into the catalog of a project',
    async () => (await shown()).addGroupProject,
  ),
  entry(
    'endpoint group remove project',
    'take a group of endpoints out of the catalog of a project',
    async () => (await shown()).removeGroupProject,
  ),
  entry('federation protocol list', 'list how an identity provider is read', async () => (await protocols()).list),
  entry('federation protocol show', 'show how an identity provider is read', async () => (await protocols()).show),
  entry('federation protocol create', 'let people in by an identity provider', async () => (await protocols()).create),
  entry('federation protocol set', 'change by what mapping an identity provider is read', async () => (await protocols()).set),
  entry('federation protocol delete', 'let nobody in by these protocols of an identity provider', async () => (await protocols()).remove),
  entry('federation domain list', 'list the domains that you may log in to', async () => (await shown()).federationDomains),
  entry('federation project list', 'list the projects that you may log in to', async () => (await shown()).federationProjects),
  entry('ec2 credentials list', 'list keys for programs that sign as with EC2', async () => (await ec2()).list),
  entry('ec2 credentials show', 'show keys for programs that sign as with EC2', async () => (await ec2()).show),
  entry('ec2 credentials create', 'make keys for programs that sign as with EC2', async () => (await ec2()).create),
  entry('ec2 credentials delete', 'end keys for programs that sign as with EC2', async () => (await ec2()).remove),
  ...plainEntries('identity provider', 'an identity provider', 'identity providers', async () => (await federated()).identityProvider),
  ...plainEntries('service provider', 'a service provider', 'service providers', async () => (await federated()).serviceProvider),
  ...plainEntries('mapping', 'a mapping', 'mappings', async () => (await federated()).mapping),
  ...plainEntries('registered limit', 'a registered limit', 'registered limits', async () => (await catalogs()).registeredLimit),
  ...plainEntries('limit', 'a limit', 'limits', async () => (await catalogs()).limit),
  ...plainEntries(
    'identity policy',
    'a policy kept for another service',
    'policies kept for other services',
    async () => (await catalogs()).policy,
  ),
  ...plainEntries('trust', 'a trust', 'trusts', async () => (await federated()).trust, ['list', 'show', 'create', 'delete']),
  entry('application credential list', 'list application credentials', async () => (await programs()).list),
  entry('application credential show', 'show a login for a program', async () => (await programs()).show),
  entry('application credential create', 'make a login for a program', async () => (await programs()).create),
  entry('application credential delete', 'end logins for programs', async () => (await programs()).remove),
  entry('access rule list', 'list what programs of yours may ask', async () => (await accessRules()).list),
  entry('access rule show', 'show something that programs of yours may ask', async () => (await accessRules()).show),
  entry('access rule delete', 'delete what no program of yours may ask any more', async () => (await accessRules()).remove),
]

import type { Entry } from '../command.ts'
import type { Crud } from '../crud.ts'
import { entry, plainEntries } from './entry.ts'

const cruds = () => import('../commands/identity/cruds.ts')
const ending = () => import('../commands/identity/ending.ts')
const roles = () => import('../commands/identity/roles.ts')
const token = () => import('../commands/identity/token.ts')
const login = () => import('../commands/login.ts')
const members = () => import('../commands/identity/members.ts')

/** Things whose end is also the end of leases. */
const endingEntries = (prefix: string, one: string, many: string, load: () => Promise<Crud>): Entry[] => [
  ...plainEntries(prefix, one, many, load, ['list', 'show', 'create', 'unset']),
  entry(`${prefix} set`, `change ${one}`, async () => (await ending()).setEnding(await load(), `change ${one}`)),
  entry(`${prefix} delete`, `delete ${many}`, async () => (await ending()).deleteEnding(await load(), `delete ${many}`)),
]

/** The commands of `openstack` for users and what they may. */
export const identityEntries: readonly Entry[] = [
  entry('login', 'log in; at an identity provider once for the commands that follow', async () => (await login()).login),
  entry('logout', 'end the login at an identity provider', async () => (await login()).logout),
  entry('token issue', 'log in and show the token', async () => (await token()).issue),
  entry('token revoke', 'make a token worthless', async () => (await token()).revoke),
  entry('catalog list', 'list the services and where they are', async () => (await token()).catalog),
  ...endingEntries('project', 'a project', 'projects', async () => (await cruds()).project),
  ...plainEntries('user', 'a user', 'users', async () => (await cruds()).user),
  entry('user password set', 'change your own password', async () => (await members()).setPassword),
  ...plainEntries('group', 'a group', 'groups', async () => (await cruds()).group),
  entry('group add user', 'put users into a group', async () => (await members()).addUser),
  entry('group remove user', 'take users out of a group', async () => (await members()).removeUser),
  ...endingEntries('domain', 'a domain', 'domains', async () => (await cruds()).domain),
  ...plainEntries('role', 'a role', 'roles', async () => (await cruds()).role),
  entry('role add', 'give a role to a user or group', async () => (await roles()).add),
  entry('role remove', 'take a role from a user or group', async () => (await roles()).remove),
  entry('role assignment list', 'list who has which role where', async () => (await roles()).assignments),
  ...plainEntries('service', 'a service', 'services', async () => (await cruds()).service),
  ...plainEntries('endpoint', 'an endpoint', 'endpoints', async () => (await cruds()).endpoint),
  ...plainEntries('region', 'a region', 'regions', async () => (await cruds()).region),
  ...plainEntries('credential', 'a credential', 'credentials', async () => (await cruds()).credential),
  ...plainEntries('consumer', 'a consumer', 'consumers', async () => (await cruds()).consumer),
  ...plainEntries('endpoint group', 'an endpoint group', 'endpoint groups', async () => (await cruds()).endpointGroup),
  ...plainEntries('identity provider', 'an identity provider', 'identity providers', async () => (await cruds()).identityProvider),
  ...plainEntries('service provider', 'a service provider', 'service providers', async () => (await cruds()).serviceProvider),
  ...plainEntries('mapping', 'a mapping', 'mappings', async () => (await cruds()).mapping),
  ...plainEntries('registered limit', 'a registered limit', 'registered limits', async () => (await cruds()).registeredLimit),
  ...plainEntries('limit', 'a limit', 'limits', async () => (await cruds()).limit),
  ...plainEntries(
    'identity policy',
    'a policy kept for another service',
    'policies kept for other services',
    async () => (await cruds()).policy,
  ),
  ...plainEntries('trust', 'a trust', 'trusts', async () => (await cruds()).trust, ['list', 'show', 'create', 'delete']),
  entry(
    'application credential list',
    'list your application credentials',
    async () => (await import('../commands/identity/application-credential.ts')).list,
  ),
  entry(
    'application credential create',
    'make a login for a program',
    async () => (await import('../commands/identity/application-credential.ts')).create,
  ),
  entry(
    'application credential delete',
    'end logins for programs',
    async () => (await import('../commands/identity/application-credential.ts')).remove,
  ),
]

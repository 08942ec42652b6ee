import { dialect } from '@esi/api/identity/dialect'
import { domain } from '@esi/api/identity/domain'
import { group } from '@esi/api/identity/group'
import { project } from '@esi/api/identity/project'
import { role } from '@esi/api/identity/role'
import { user } from '@esi/api/identity/user'
import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'
import { listOf } from '../../show.ts'

const who: Readonly<Record<string, Option>> = {
  user: { doc: 'the user, by id or name', values: ['user'] },
  group: { doc: 'the group, by id or name', values: ['group'] },
  project: { doc: 'in this project', values: ['project'] },
  domain: { doc: 'in this domain', values: ['domain'] },
  system: { doc: 'in the whole system' },
}

const idOf = async (face: Face, table: object, ident: string): Promise<string> =>
  String((await (await identityClient(anyResource(table))(face)).find(ident))['id'])

/** `/v3/projects/P/users/U/roles/R`, from names. */
const grantPath = async (face: Face, given: Given): Promise<string> => {
  const one = (a: string | undefined, b: string | undefined, what: string) => {
    if ((a === undefined) === (b === undefined)) throw new UsageError(`Exactly one of ${what} is needed.`)
  }
  one(given.one('user'), given.one('group'), '--user and --group')
  const places = [given.one('project'), given.one('domain'), given.has('system') ? 'all' : undefined].filter(p => p !== undefined)
  if (places.length !== 1) throw new UsageError('Exactly one of --project, --domain and --system is needed.')
  const subject =
    given.one('user') !== undefined
      ? `users/${await idOf(face, user, given.one('user')!)}`
      : `groups/${await idOf(face, group, given.one('group')!)}`
  const place =
    given.one('project') !== undefined
      ? `projects/${await idOf(face, project, given.one('project')!)}`
      : given.one('domain') !== undefined
        ? `domains/${await idOf(face, domain, given.one('domain')!)}`
        : 'system'
  return `/v3/${place}/${subject}/roles/${await idOf(face, role, given.arg('role'))}`
}

const grant = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [{ name: 'role', doc: 'the role, by id or name' }],
  options: who,
  async run(face, given) {
    await (await face.session()).call('identity', dialect, { method, path: await grantPath(face, given) })
    return undefined
  },
})

export const add = grant('PUT', 'give a role to a user or group')
export const remove = grant('DELETE', 'take a role from a user or group')

export const assignments: Command = {
  brief: 'list who has which role where',
  options: {
    ...who,
    role: { doc: 'only this role', values: ['role'] },
    effective: { doc: 'with what roles imply and groups give' },
    names: { doc: 'names instead of ids' },
  },
  prints: 'list',
  async run(face, given) {
    const query = new URLSearchParams()
    const filters = [
      ['user', user, 'user.id'],
      ['group', group, 'group.id'],
      ['project', project, 'scope.project.id'],
      ['domain', domain, 'scope.domain.id'],
      ['role', role, 'role.id'],
    ] as const
    for (const [option, table, parameter] of filters) {
      const ident = given.one(option)
      if (ident !== undefined) query.set(parameter, await idOf(face, table, ident))
    }
    if (given.has('system')) query.set('scope.system', 'all')
    if (given.has('effective')) query.set('effective', 'true')
    if (given.has('names')) query.set('include_names', 'true')
    const body = (await (await face.session()).call('identity', dialect, { method: 'GET', path: '/v3/role_assignments', query })).body as {
      role_assignments: any[]
    }
    const shown = (thing: { id: string; name?: string } | undefined) =>
      thing === undefined ? '' : given.has('names') ? (thing.name ?? thing.id) : thing.id
    const columns = ['Role', 'User', 'Group', 'Project', 'Domain', 'System', 'Inherited'].map(
      title => [title, title.toLowerCase()] as const,
    )
    return listOf(
      columns,
      body.role_assignments.map(a => ({
        role: shown(a.role),
        user: shown(a.user),
        group: shown(a.group),
        project: shown(a.scope.project),
        domain: shown(a.scope.domain),
        system: a.scope.system ? 'all' : '',
        inherited: a.scope['OS-INHERIT:inherited_to'] !== undefined,
      })),
    )
  },
}

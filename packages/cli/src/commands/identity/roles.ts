import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { callIdentity } from '../../services.ts'
import { listOf } from '../../show.ts'
import { type Named, toDomain, toGroup, toProject, toRoleId, toUser } from './refers.ts'

const inDomain = (whose: string): Option => ({ doc: `the domain of --${whose}, by id or name`, values: ['domain'] })

const who: Readonly<Record<string, Option>> = {
  user: { doc: 'the user, by id or name', values: ['user'] },
  'user-domain': inDomain('user'),
  group: { doc: 'the group, by id or name', values: ['group'] },
  'group-domain': inDomain('group'),
  project: { doc: 'in this project', values: ['project'] },
  'project-domain': inDomain('project'),
  domain: { doc: 'in this domain', values: ['domain'] },
  system: { doc: 'in the whole system', maybe: { name: 'all', fits: word => word === 'all' } },
  inherited: { doc: 'in the projects of that domain, or below that project' },
}

/** `/v3/projects/P/users/U/roles/R`, from names. */
const grantPath = async (face: Face, given: Given): Promise<string> => {
  const [user, group, project, domain] = ['user', 'group', 'project', 'domain'].map(option => given.one(option))
  if ((user === undefined) === (group === undefined)) throw new UsageError('Exactly one of --user and --group is needed.')
  if ([project, domain, given.has('system') ? 'all' : undefined].filter(place => place !== undefined).length !== 1)
    throw new UsageError('Exactly one of --project, --domain and --system is needed.')
  if (given.has('inherited') && given.has('system')) throw new UsageError('--inherited is for --project and --domain.')
  const subject =
    user !== undefined
      ? `users/${await toUser(face, user, given.one('user-domain'))}`
      : `groups/${await toGroup(face, group!, given.one('group-domain'))}`
  const place =
    project !== undefined
      ? `projects/${await toProject(face, project, given.one('project-domain'))}`
      : domain !== undefined
        ? `domains/${await toDomain(face, domain)}`
        : 'system'
  const role = await toRoleId(face, given.arg('role'), given.one('role-domain'))
  return given.has('inherited')
    ? `/v3/OS-INHERIT/${place}/${subject}/roles/${role}/inherited_to_projects`
    : `/v3/${place}/${subject}/roles/${role}`
}

const grant = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [{ name: 'role', doc: 'the role, by id or name' }],
  options: { ...who, 'role-domain': { doc: 'the domain of the role, by id or name', values: ['domain'] } },
  async run(face, given) {
    await callIdentity(face, method, await grantPath(face, given))
    return undefined
  },
})

export const add = grant('PUT', 'give a role to a user or group')
export const remove = grant('DELETE', 'take a role from a user or group')

const FILTERS: readonly (readonly [option: string, find: Named, parameter: string])[] = [
  ['user', toUser, 'user.id'],
  ['group', toGroup, 'group.id'],
  ['project', toProject, 'scope.project.id'],
  ['domain', toDomain, 'scope.domain.id'],
  ['role', toRoleId, 'role.id'],
]

export const assignments: Command = {
  brief: 'list who has which role where',
  options: {
    ...who,
    inherited: { doc: 'only those that are inherited by projects below' },
    role: { doc: 'only this role', values: ['role'] },
    'role-domain': inDomain('role'),
    effective: { doc: 'with what roles imply and groups give' },
    names: { doc: 'names instead of ids, like name@domain' },
    'auth-user': { doc: 'only yours' },
    'auth-project': { doc: 'only in the project of your login' },
  },
  prints: 'list',
  async run(face, given) {
    const query = new URLSearchParams()
    for (const [option, find, parameter] of FILTERS) {
      const ident = given.one(option)
      if (ident !== undefined) query.set(parameter, await find(face, ident, given.one(`${option}-domain`)))
    }
    for (const [auth, option] of [
      ['auth-user', 'user'],
      ['auth-project', 'project'],
    ] as const)
      if (given.has(auth) && given.has(option)) throw new UsageError(`--${auth} and --${option} do not go together.`)
    const token = given.has('auth-user') || given.has('auth-project') ? await (await face.session()).token() : undefined
    if (token && given.has('auth-user')) query.set('user.id', token.user.id)
    if (token && given.has('auth-project')) {
      if (!token.project) throw new UsageError('--auth-project: your login is for no project.')
      query.set('scope.project.id', token.project.id)
    }
    if (given.has('system')) query.set('scope.system', 'all')
    if (given.has('effective')) query.set('effective', 'true')
    if (given.has('names')) query.set('include_names', 'true')
    if (given.has('inherited')) query.set('scope.OS-INHERIT:inherited_to', 'projects')
    const { role_assignments: all } = await callIdentity(face, 'GET', '/v3/role_assignments', { query })
    const columns = ['Role', 'User', 'Group', 'Project', 'Domain', 'System', 'Inherited'].map(
      title => [title, title.toLowerCase()] as const,
    )
    return listOf(
      columns,
      all.map((a: any) => ({
        role: shown(a.role, given),
        user: shown(a.user, given),
        group: shown(a.group, given),
        project: shown(a.scope.project, given),
        domain: shown(a.scope.domain, given),
        system: a.scope.system ? 'all' : '',
        inherited: a.scope['OS-INHERIT:inherited_to'] !== undefined,
      })),
    )
  },
}

type Thing = { readonly id: string; readonly name?: string; readonly domain?: { readonly name: string } | null }

/** As the original's client: a name is unique within its domain alone. */
const shown = (thing: Thing | undefined, given: Given): string => {
  if (thing === undefined) return ''
  if (!given.has('names') || thing.name === undefined) return thing.id
  return thing.domain ? `${thing.name}@${thing.domain.name}` : thing.name
}

const implied: Readonly<Record<string, Option>> = {
  'implied-role': { doc: 'the role that comes with it, by id or name', values: ['role'], required: true },
}

const implying = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [{ name: 'role', doc: 'the role, by id or name' }],
  options: implied,
  ...(method === 'PUT' ? { prints: 'one' as const } : {}),
  async run(face, given) {
    const [prior, other] = [await toRoleId(face, given.arg('role')), await toRoleId(face, given.one('implied-role')!)]
    await callIdentity(face, method, `/v3/roles/${prior}/implies/${other}`)
    return method === 'PUT' ? { fields: [['implies', other] as const, ['prior_role', prior] as const] } : undefined
  },
})

export const imply = implying('PUT', 'let one role come with another')
export const implyNoMore = implying('DELETE', 'let one role come with another no more')

export const listImplied: Command = {
  brief: 'list which roles come with which',
  prints: 'list',
  async run(face) {
    const { role_inferences: all } = await callIdentity(face, 'GET', '/v3/role_inferences')
    return listOf(
      [
        ['Prior Role ID', 'prior'],
        ['Prior Role Name', 'prior_name'],
        ['Implied Role ID', 'implied'],
        ['Implied Role Name', 'implied_name'],
      ],
      all.flatMap((each: any) =>
        each.implies.map((other: any) => ({
          prior: each.prior_role.id,
          prior_name: each.prior_role.name,
          implied: other.id,
          implied_name: other.name,
        })),
      ),
    )
  },
}

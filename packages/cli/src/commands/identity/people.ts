import { ApiError } from '@esi/client'
import { type Command, type Face, type Given, type Option, type Output, UsageError } from '../../command.ts'
import { type Crud, identified, listCommand, showCommand } from '../../crud.ts'
import { callIdentity } from '../../services.ts'
import { oneOf } from '../../show.ts'
import { Among } from './among.ts'
import { group, project, role, user } from './cruds.ts'
import { setEnding } from './ending.ts'
import { toDomain, toGroup, toProject, toUser } from './refers.ts'

/** What the table of users, groups and projects does not say: who is in what, and what is above and below. */

const ask = (face: Face, path: string, query?: Record<string, string>): Promise<any> =>
  callIdentity(face, 'GET', path, query ? { query: new URLSearchParams(query) } : {})

/** A list that some option answers from elsewhere than the plain one. */
const withOthers = (
  c: Crud,
  brief: string,
  options: Readonly<Record<string, Option>>,
  elsewhere: (face: Face, given: Given) => Promise<readonly object[] | undefined>,
): Command => {
  const plain = listCommand(c, brief)
  return {
    ...plain,
    options: { ...plain.options, ...options },
    async run(face, given): Promise<Output | undefined> {
      const rows = await elsewhere(face, given)
      if (rows === undefined) return plain.run(face, given)
      const client = async () => new Among(await face.session(), c.resource, rows as readonly Record<string, unknown>[])
      return listCommand({ ...c, client }, brief).run(face, given)
    },
  }
}

const domain = (whose: string): Option => ({ doc: `the domain of --${whose}, by id or name`, values: ['domain'] })

/** Options that say how a list is shown, not what is in it. */
const SHOWN = ['long', 'fields', 'sort', 'limit', 'marker']
const MINE = '/v3/auth/projects'

export const listProjects = (brief: string): Command => {
  const all = withOthers(
    project,
    brief,
    { user: { doc: 'only those in which this user has a role, by name in --domain if that is said', values: ['user'] } },
    async (face, given) => {
      const who = given.one('user')
      return who === undefined
        ? undefined
        : (await ask(face, `/v3/users/${await toUser(face, who, given.one('domain'))}/projects`)).projects
    },
  )
  const filters = Object.keys(all.options!).filter(option => !SHOWN.includes(option))
  const mine = async (face: Face, given: Given) => {
    const { projects } = await ask(face, MINE)
    return listCommand({ ...project, client: async () => new Among(await face.session(), project.resource, projects, 'all') }, brief).run(
      face,
      given,
    )
  }
  return {
    ...all,
    doc: 'Who may not list all projects is shown those that they may log in to.',
    options: { ...all.options, 'my-projects': { doc: 'only those that you may log in to, whatever other filters say' } },
    async run(face, given) {
      if (given.has('my-projects')) return mine(face, given)
      try {
        return await all.run(face, given)
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 403 || filters.some(option => given.has(option))) throw error
        return mine(face, given)
      }
    },
  }
}

export const listUsers = (brief: string): Command =>
  withOthers(
    user,
    brief,
    {
      group: { doc: 'only those in this group, by name in --domain if that is said', values: ['group'] },
      project: { doc: 'only those who have a role in this project, by name in --domain if that is said', values: ['project'] },
    },
    async (face, given) => {
      const [crew, place, domain] = [given.one('group'), given.one('project'), given.one('domain')]
      if (crew !== undefined && place !== undefined) throw new UsageError('--group and --project do not go together.')
      if (crew !== undefined) return (await ask(face, `/v3/groups/${await toGroup(face, crew, domain)}/users`)).users
      if (place === undefined) return undefined
      const scope = await toProject(face, place, domain)
      const { role_assignments: all } = await ask(face, '/v3/role_assignments', { 'scope.project.id': scope })
      const ids = new Set<string>(all.flatMap((a: any) => (a.user ? [a.user.id] : [])))
      return Promise.all([...ids].map(async id => (await ask(face, `/v3/users/${id}`)).user))
    },
  )

/** Roles of a domain with the name of it. */
export const listRoles = (brief: string): Command => {
  const plain = listCommand(role, brief)
  return {
    ...plain,
    async run(face, given) {
      const place = given.one('domain')
      const out = await plain.run(face, given)
      if (place === undefined || given.has('long') || given.has('fields') || !out || !('rows' in out)) return out
      const { name } = (await ask(face, `/v3/domains/${await toDomain(face, place)}`)).domain
      return { columns: [...out.columns, 'Domain'], names: [...out.names!, 'domain'], rows: out.rows.map(row => [...row, name]) }
    },
  }
}

export const listGroups = (brief: string): Command =>
  withOthers(
    group,
    brief,
    { user: { doc: 'only those that this user is in', values: ['user'] }, 'user-domain': domain('user') },
    async (face, given) => {
      const who = given.one('user')
      return who === undefined
        ? undefined
        : (await ask(face, `/v3/users/${await toUser(face, who, given.one('user-domain'))}/groups`)).groups
    },
  )

export const showProject = (brief: string): Command => {
  const plain = showCommand(project, brief)
  return {
    ...plain,
    options: {
      ...plain.options,
      parents: { doc: 'with the identifiers of what it is below' },
      children: { doc: 'with the identifiers of what is below it' },
    },
    async run(face, given) {
      if (!given.has('parents') && !given.has('children')) return plain.run(face, given)
      const id = await identified(project, face, await project.client(face), given, given.arg('project'))
      const query = {
        ...(given.has('parents') ? { parents_as_ids: '' } : {}),
        ...(given.has('children') ? { subtree_as_ids: '' } : {}),
      }
      const { links, ...row } = (await ask(face, `/v3/projects/${id}`, query)).project
      return oneOf(Object.keys(row).sort(), row)
    },
  }
}

export const setProject = (brief: string): Command =>
  setEnding(project, brief, {
    options: {
      'clear-tags': { doc: 'take all tags away; with --tag, all others' },
      'remove-tag': { doc: 'take this tag away', values: ['tag'], repeat: true },
    },
    async changes(given, now) {
      const gone = given.all('remove-tag')
      if (!given.has('clear-tags') && gone.length === 0 && !given.has('tag')) return []
      const before = given.has('clear-tags') ? [] : ((await now())['tags'] as string[])
      return [{ field: 'tags', value: [...new Set([...before.filter(tag => !gone.includes(tag)), ...given.all('tag')])] }]
    },
  })

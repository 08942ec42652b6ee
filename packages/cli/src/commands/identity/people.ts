import { dialect } from '@esi/api/identity/dialect'
import { type Command, type Face, type Given, type Option, type Output, UsageError } from '../../command.ts'
import { type Crud, identified, listCommand, showCommand } from '../../crud.ts'
import { listOf, oneOf } from '../../show.ts'
import { group, project, user } from './cruds.ts'
import { setEnding } from './ending.ts'
import { toGroup, toProject, toUser } from './refers.ts'

/** What the table of users, groups and projects does not say: who is in what, and what is above and below. */

const ask = async (face: Face, path: string, query?: Record<string, string>): Promise<any> =>
  (
    await (
      await face.session()
    ).call('identity', dialect, {
      method: 'GET',
      path,
      ...(query ? { query: new URLSearchParams(query) } : {}),
    })
  ).body

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
      const { list, long = [] } = c.resource.columns
      const fields = given.has('long') ? [...list, ...long] : list
      const title = (field: string) => (field === 'id' ? 'ID' : field[0]!.toUpperCase() + field.slice(1).replaceAll('_', ' '))
      return listOf(
        fields.map(field => [title(field), field] as const),
        rows,
      )
    },
  }
}

const domain = (whose: string): Option => ({ doc: `the domain of --${whose}, by id or name`, values: ['domain'] })

export const listProjects = (brief: string): Command =>
  withOthers(
    project,
    brief,
    {
      'my-projects': { doc: 'only those that you may log in to' },
      user: { doc: 'only those in which this user has a role', values: ['user'] },
    },
    async (face, given) => {
      if (given.has('my-projects')) return (await ask(face, '/v3/auth/projects')).projects
      const who = given.one('user')
      return who === undefined ? undefined : (await ask(face, `/v3/users/${await toUser(face, who)}/projects`)).projects
    },
  )

export const listUsers = (brief: string): Command =>
  withOthers(
    user,
    brief,
    {
      group: { doc: 'only those in this group', values: ['group'] },
      project: { doc: 'only those who have a role in this project', values: ['project'] },
    },
    async (face, given) => {
      const [crew, place] = [given.one('group'), given.one('project')]
      if (crew !== undefined && place !== undefined) throw new UsageError('--group and --project do not go together.')
      if (crew !== undefined) return (await ask(face, `/v3/groups/${await toGroup(face, crew)}/users`)).users
      if (place === undefined) return undefined
      const { role_assignments: all } = await ask(face, '/v3/role_assignments', { 'scope.project.id': await toProject(face, place) })
      const ids = new Set<string>(all.flatMap((a: any) => (a.user ? [a.user.id] : [])))
      return Promise.all([...ids].map(async id => (await ask(face, `/v3/users/${id}`)).user))
    },
  )

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

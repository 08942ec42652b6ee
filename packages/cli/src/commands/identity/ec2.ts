import { dialect } from '@esi/api/identity/dialect'
import type { Command, Face, Given, Option } from '../../command.ts'
import { each } from '../../each.ts'
import { listOf, oneOf } from '../../show.ts'
import { toProject, toUser } from './refers.ts'

/** Keys for programs that sign requests as EC2's do. */

const whose: Record<string, Option> = {
  user: { doc: 'whose they are, by id or name; yours if left out', values: ['user'] },
  'user-domain': { doc: 'the domain of --user, by id or name', values: ['domain'] },
}
const key = { name: 'access-key', doc: 'the access key' }

const call = async (face: Face, given: Given, method: string, access?: string, body?: unknown): Promise<any> => {
  const session = await face.session()
  const name = given.one('user')
  const user = name === undefined ? (await session.token()).user.id : await toUser(face, name, given.one('user-domain'))
  const path = `/v3/users/${encodeURIComponent(String(user))}/credentials/OS-EC2${access === undefined ? '' : `/${encodeURIComponent(access)}`}`
  return (await session.call('identity', dialect, { method, path, ...(body === undefined ? {} : { body }) })).body
}

const shown = ({ credential: { access, secret, tenant_id, user_id, trust_id } }: any) =>
  oneOf(['access', 'project_id', 'secret', 'trust_id', 'user_id'], { access, project_id: tenant_id, secret, trust_id, user_id })

export const create: Command = {
  brief: 'make keys for programs that sign as with EC2',
  options: {
    ...whose,
    project: { doc: 'in which project, by id or name; the one of your login if left out', values: ['project'] },
    'project-domain': { doc: 'the domain of --project, by id or name', values: ['domain'] },
  },
  prints: 'one',
  async run(face, given) {
    const name = given.one('project')
    const project =
      name === undefined ? (await (await face.session()).token()).project?.id : await toProject(face, name, given.one('project-domain'))
    return shown(await call(face, given, 'POST', undefined, { tenant_id: project }))
  },
}

export const list: Command = {
  brief: 'list keys for programs that sign as with EC2',
  options: whose,
  prints: 'list',
  async run(face, given) {
    const { credentials } = await call(face, given, 'GET')
    return listOf(
      [
        ['Access', 'access'],
        ['Secret', 'secret'],
        ['Project ID', 'tenant_id'],
        ['User ID', 'user_id'],
      ],
      credentials,
    )
  },
}

export const show: Command = {
  brief: 'show keys for programs that sign as with EC2',
  args: [key],
  options: whose,
  prints: 'one',
  run: async (face, given) => shown(await call(face, given, 'GET', given.arg('access-key'))),
}

export const remove: Command = {
  brief: 'end keys for programs that sign as with EC2',
  args: [{ ...key, many: true }],
  options: whose,
  changes: true,
  async run(face, given) {
    const say = { done: (name: string) => `Deleted access key ${name}`, failed: (name: string) => `Failed to delete access key ${name}` }
    return each(given.args('access-key'), say, async name => void (await call(face, given, 'DELETE', name)))
  },
}

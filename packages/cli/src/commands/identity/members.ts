import { dialect } from '@esi/api/identity/dialect'
import { ApiError } from '@esi/client'
import type { Argument, Command, Face, Given, Option } from '../../command.ts'
import { each } from '../../each.ts'
import { fileText } from '../../structured.ts'
import { toGroup, toUser } from './refers.ts'

const domains: Readonly<Record<string, Option>> = {
  'group-domain': { doc: 'the domain of the group, by id or name', values: ['domain'] },
  'user-domain': { doc: 'the domain of the users, by id or name', values: ['domain'] },
}
const args = (many: boolean): Argument[] => [
  { name: 'group', doc: 'the group, by id or name' },
  { name: 'user', doc: 'the user, by id or name', ...(many ? { many: true } : {}) },
]

const ask = async (face: Face, given: Given, method: string, group: string, user: string): Promise<void> => {
  const id = await toUser(face, user, given.one('user-domain'))
  await (await face.session()).call('identity', dialect, { method, path: `/v3/groups/${group}/users/${id}` })
}

/** One after the other, also where one is refused. */
const membership = (method: 'PUT' | 'DELETE', brief: string, became: string): Command => ({
  brief,
  args: args(true),
  options: domains,
  async run(face, given) {
    const group = given.arg('group')
    const id = await toGroup(face, group, given.one('group-domain'))
    const say = {
      done: (user: string) => `${user} ${became} group ${group}`,
      failed: (user: string) => `${user} not ${became} group ${group}`,
    }
    const { failed } = (await each(given.args('user'), say, user => ask(face, given, method, id, user))) as { failed?: string }
    return failed === undefined ? undefined : { text: '', failed }
  },
})

export const addUser = membership('PUT', 'put users into a group', 'added to')
export const removeUser = membership('DELETE', 'take users out of a group', 'removed from')

export const containsUser: Command = {
  brief: 'say whether a user is in a group',
  args: args(false),
  options: domains,
  async run(face, given) {
    const [group, user] = [given.arg('group'), given.arg('user')]
    const id = await toGroup(face, group, given.one('group-domain'))
    try {
      await ask(face, given, 'HEAD', id, user)
      return { text: `${user} in group ${group}` }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      return { text: `${user} not in group ${group}` }
    }
  },
}

export const setPassword: Command = {
  brief: 'change your own password',
  options: {
    'original-password-file': { doc: 'the file that holds the present password', values: ['file'], required: true },
    'password-file': { doc: 'the file that holds the new one; - for standard input', values: ['file'], required: true },
  },
  async run(face, given) {
    const session = await face.session()
    const { user: me } = await session.token()
    const secret = (option: string) => fileText(given.one(option)!, `--${option}`)
    const body = { user: { original_password: secret('original-password-file'), password: secret('password-file') } }
    await session.call('identity', dialect, { method: 'POST', path: `/v3/users/${me.id}/password`, body })
    return undefined
  },
}

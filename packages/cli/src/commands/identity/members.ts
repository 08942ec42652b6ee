import { readFileSync } from 'node:fs'
import { dialect } from '@esi/api/identity/dialect'
import { group } from '@esi/api/identity/group'
import { user } from '@esi/api/identity/user'
import type { Command, Face } from '../../command.ts'
import { anyResource } from '../../entries/entry.ts'
import { identityClient } from '../../services.ts'

const idOf = async (face: Face, table: object, ident: string): Promise<string> =>
  String((await (await identityClient(anyResource(table))(face)).find(ident))['id'])

const membership = (method: 'PUT' | 'DELETE', brief: string): Command => ({
  brief,
  args: [
    { name: 'group', doc: 'the group, by id or name' },
    { name: 'user', doc: 'the user, by id or name', many: true },
  ],
  async run(face, given) {
    const id = await idOf(face, group, given.arg('group'))
    for (const name of given.args('user'))
      await (await face.session()).call('identity', dialect, { method, path: `/v3/groups/${id}/users/${await idOf(face, user, name)}` })
    return undefined
  },
})

export const addUser = membership('PUT', 'put users into a group')
export const removeUser = membership('DELETE', 'take users out of a group')

const secretOf = (file: string): string => readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '')

export const setPassword: Command = {
  brief: 'change your own password',
  options: {
    'original-password-file': { doc: 'the file that holds the present password', values: ['file'], required: true },
    'password-file': { doc: 'the file that holds the new one; - for standard input', values: ['file'], required: true },
  },
  async run(face, given) {
    const session = await face.session()
    const { user: me } = await session.token()
    const body = {
      user: { original_password: secretOf(given.one('original-password-file')!), password: secretOf(given.one('password-file')!) },
    }
    await session.call('identity', dialect, { method: 'POST', path: `/v3/users/${me.id}/password`, body })
    return undefined
  },
}

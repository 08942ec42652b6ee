import { dialect } from '@esi/api/identity/dialect'
import type { Command, Face, Given } from '../../command.ts'
import { each } from '../../each.ts'
import { listOf, oneOf } from '../../show.ts'
import { toUser } from './refers.ts'

/** What programs may ask, apart from the logins that have it. */

const call = async (face: Face, given: Given, method: string, id?: string): Promise<any> => {
  const session = await face.session()
  const name = given.one('user')
  const user = name === undefined ? (await session.token()).user.id : await toUser(face, name, given.one('user-domain'))
  const path = `/v3/users/${encodeURIComponent(user)}/access_rules${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
  return (await session.call('identity', dialect, { method, path })).body
}

const rule = { name: 'access-rule', doc: 'the access rule, by id' }

export const list: Command = {
  brief: 'list what programs of yours may ask',
  options: {
    user: { doc: 'whose they are, by id or name; yours if left out', values: ['user'] },
    'user-domain': { doc: 'the domain of --user, by id or name', values: ['domain'] },
  },
  prints: 'list',
  async run(face, given) {
    const { access_rules: all } = await call(face, given, 'GET')
    return listOf(
      [
        ['ID', 'id'],
        ['Service', 'service'],
        ['Method', 'method'],
        ['Path', 'path'],
      ],
      all,
    )
  },
}

export const show: Command = {
  brief: 'show something that programs of yours may ask',
  args: [rule],
  prints: 'one',
  async run(face, given) {
    const { access_rule: row } = await call(face, given, 'GET', given.arg('access-rule'))
    return oneOf(['id', 'method', 'path', 'service'], row)
  },
}

export const remove: Command = {
  brief: 'delete what no program of yours may ask any more',
  args: [{ ...rule, many: true }],
  changes: true,
  async run(face, given) {
    const say = { done: (id: string) => `Deleted access rule ${id}`, failed: (id: string) => `Failed to delete access rule ${id}` }
    return each(given.args('access-rule'), say, async id => void (await call(face, given, 'DELETE', id)))
  },
}

import { dialect } from '@esi/api/identity/dialect'
import { ApiError } from '@esi/client'
import { type Command, type Face, type Given, type Option, UsageError } from '../../command.ts'
import { each } from '../../each.ts'
import { listOf, oneOf } from '../../show.ts'
import { fileText, structured } from '../../structured.ts'
import { present } from '../../values.ts'
import { toUser } from './refers.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly roles?: readonly { readonly name: string }[]
}

const whose: Readonly<Record<string, Option>> = {
  user: { doc: 'whose they are, by id or name; yours if left out', values: ['user'] },
  'user-domain': { doc: 'the domain of --user, by id or name', values: ['domain'] },
}

const call = async (face: Face, given: Given, method: string, id?: string, body?: unknown): Promise<any> => {
  const session = await face.session()
  const name = given.one('user')
  const user = name === undefined ? (await session.token()).user.id : await toUser(face, name, given.one('user-domain'))
  const path = `/v3/users/${encodeURIComponent(user)}/application_credentials${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
  return (await session.call('identity', dialect, { method, path, ...(body === undefined ? {} : { body }) })).body
}

const found = async (face: Face, given: Given, ident: string): Promise<Row> => {
  const all: readonly Row[] = (await call(face, given, 'GET')).application_credentials
  const row = all.find(each => each.id === ident) ?? all.find(each => each.name === ident)
  if (!row) {
    const who = given.one('user')
    const said = who === undefined ? 'You have' : `The user "${who}" has`
    throw new ApiError(404, `${said} no application credential "${ident}".`, undefined, undefined)
  }
  return row
}

const shown = (row: Row) =>
  oneOf(
    Object.keys(row)
      .filter(key => key !== 'links')
      .sort(),
    { ...row, roles: row.roles?.map(role => role.name).join(' ') },
  )

const credential = { name: 'credential', doc: 'the credential, by id or name' }

export const list: Command = {
  brief: 'list application credentials',
  options: whose,
  prints: 'list',
  async run(face, given) {
    const { application_credentials: all } = await call(face, given, 'GET')
    return listOf(
      [
        ['ID', 'id'],
        ['Name', 'name'],
        ['Project ID', 'project_id'],
        ['Description', 'description'],
        ['Expires At', 'expires_at'],
      ],
      all,
    )
  },
}

export const show: Command = {
  brief: 'show a login for a program',
  args: [credential],
  options: whose,
  prints: 'one',
  run: async (face, given) => shown(await found(face, given, given.arg('credential'))),
}

export const create: Command = {
  brief: 'make a login for a program',
  doc: 'Makes a login with some of your roles in this project. Its secret is shown now, and never again.',
  args: [{ name: 'name', doc: 'what it is to be called' }],
  options: {
    description: { doc: 'what it is for', values: ['text'] },
    role: { doc: 'a role it has; all of yours if left out', values: ['role'], repeat: true },
    expiration: { doc: 'when it ends; without a zone it is UTC', values: ['time'] },
    'secret-file': { doc: 'the file that holds the secret, - for standard input; one is made if left out', values: ['file'] },
    unrestricted: { doc: 'it may make further ones, and trusts' },
    restricted: { doc: 'it may make none, as without either' },
    'access-rules': {
      doc: 'all that it may ask: a list of path, method and service, or of ids, as JSON, in a file, or - for standard input',
      values: ['json'],
    },
  },
  prints: 'one',
  async run(face, given) {
    if (given.has('unrestricted') && given.has('restricted')) throw new UsageError('--unrestricted and --restricted do not go together.')
    const roles = given.all('role').map(role => (/^[0-9a-f]{32}$/.test(role) ? { id: role } : { name: role }))
    const [secret, rules] = [given.one('secret-file'), given.one('access-rules')]
    const draft = present({
      name: given.arg('name'),
      description: given.one('description'),
      expires_at: given.one('expiration'),
      secret: secret === undefined ? undefined : fileText(secret, '--secret-file'),
      unrestricted: given.has('unrestricted') ? true : given.has('restricted') ? false : undefined,
      roles: roles.length > 0 ? roles : undefined,
      access_rules: rules === undefined ? undefined : structured(rules, '--access-rules'),
    })
    return shown((await call(face, given, 'POST', undefined, { application_credential: draft })).application_credential)
  },
}

export const remove: Command = {
  brief: 'end logins for programs',
  args: [{ ...credential, many: true }],
  options: whose,
  async run(face, given) {
    const say = {
      done: (ident: string) => `Deleted application credential ${ident}`,
      failed: (ident: string) => `Failed to delete application credential ${ident}`,
    }
    const { failed } = (await each(given.args('credential'), say, async ident =>
      call(face, given, 'DELETE', (await found(face, given, ident)).id),
    )) as { failed?: string }
    return failed === undefined ? undefined : { text: '', failed }
  },
}

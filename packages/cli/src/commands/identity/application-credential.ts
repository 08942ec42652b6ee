import { applicationCredential } from '@esi/api/identity/application-credential'
import { dialect } from '@esi/api/identity/dialect'
import type { Session } from '@esi/client'
import { type Command, UsageError } from '../../command.ts'
import { listOf, oneOf } from '../../show.ts'
import { present } from '../../values.ts'

const at = async (session: Session): Promise<string> => `/v3/users/${(await session.token()).user.id}/application_credentials`

export const list: Command = {
  brief: 'list your application credentials',
  prints: 'list',
  async run(face) {
    const session = await face.session()
    const { body } = await session.call('identity', dialect, { method: 'GET', path: await at(session) })
    const { list: columns } = applicationCredential.columns
    return listOf(
      columns.map(c => [c, c] as const),
      (body as { application_credentials: object[] }).application_credentials,
    )
  },
}

export const create: Command = {
  brief: 'make a login for a program',
  doc: 'Makes a login with some of your roles in this project. Its secret is shown now, and never again.',
  args: [{ name: 'name', doc: 'what it is to be called' }],
  options: {
    description: { doc: 'what it is for', values: ['text'] },
    role: { doc: 'a role it has; all of yours if left out', values: ['role'], repeat: true },
    expiration: { doc: 'when it ends; without a zone it is UTC', values: ['time'] },
    unrestricted: { doc: 'it may make further ones' },
  },
  prints: 'one',
  async run(face, given) {
    const session = await face.session()
    const roles = given.all('role').map(name => ({ name }))
    const draft = present({
      name: given.arg('name'),
      description: given.one('description'),
      expires_at: given.one('expiration'),
      unrestricted: given.has('unrestricted') ? true : undefined,
      roles: roles.length > 0 ? roles : undefined,
    })
    const { body } = await session.call('identity', dialect, {
      method: 'POST',
      path: await at(session),
      body: { application_credential: draft },
    })
    const made = (body as { application_credential: object }).application_credential
    return oneOf(
      Object.keys(made)
        .filter(key => key !== 'links')
        .sort(),
      made,
    )
  },
}

export const remove: Command = {
  brief: 'end logins for programs',
  args: [{ name: 'credential', doc: 'the credential, by id or name', many: true }],
  async run(face, given) {
    const session = await face.session()
    const path = await at(session)
    const { body } = await session.call('identity', dialect, { method: 'GET', path })
    const all = (body as { application_credentials: { id: string; name: string }[] }).application_credentials
    for (const ident of given.args('credential')) {
      const found = all.find(each => each.id === ident || each.name === ident)
      if (!found) throw new UsageError(`You have no application credential "${ident}".`)
      await session.call('identity', dialect, { method: 'DELETE', path: `${path}/${found.id}` })
    }
    return undefined
  },
}

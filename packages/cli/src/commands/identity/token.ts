import { dialect } from '@esi/api/identity/dialect'
import type { Command } from '../../command.ts'
import { listOf, oneOf } from '../../show.ts'

export const issue: Command = {
  brief: 'log in and show the token',
  prints: 'one',
  async run(face) {
    const token = await (await face.session()).token()
    return oneOf(['expires', 'id', 'project_id', 'user_id', 'roles'], {
      expires: token.expires,
      id: token.text,
      project_id: token.project?.id ?? null,
      user_id: token.user.id,
      roles: token.roles.map(role => role.name).join(', '),
    })
  },
}

export const revoke: Command = {
  brief: 'make a token worthless',
  args: [{ name: 'token', doc: 'the token' }],
  async run(face, given) {
    await (await face.session()).call('identity', dialect, {
      method: 'DELETE',
      path: '/v3/auth/tokens',
      headers: { 'X-Subject-Token': given.arg('token') },
    })
    return undefined
  },
}

export const catalog: Command = {
  brief: 'list the services and where they are',
  prints: 'list',
  async run(face) {
    const { catalog: services } = await (await face.session()).token()
    const columns = [
      ['Name', 'name'],
      ['Type', 'type'],
      ['Endpoints', 'endpoints'],
    ] as const
    return listOf(
      columns,
      services.map(s => ({ ...s, endpoints: s.endpoints.map(e => `${e.region ?? '-'} ${e.interface}: ${e.url}`).join('\n') })),
    )
  },
}

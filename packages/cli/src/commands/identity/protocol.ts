import { type Command, type Face, type Option, UsageError } from '../../command.ts'
import { each } from '../../each.ts'
import { callIdentity } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'
import { present } from '../../values.ts'

const of: Option = { doc: 'the identity provider', values: ['identity-provider'], required: true }
const protocol = { name: 'federation-protocol', doc: 'the protocol, like openid' }

const call = async (face: Face, method: string, provider: string, name: string | undefined, body?: unknown): Promise<any> => {
  const path = ['/v3/OS-FEDERATION/identity_providers', encodeURIComponent(provider), 'protocols']
  if (name !== undefined) path.push(encodeURIComponent(name))
  return callIdentity(face, method, path.join('/'), body === undefined ? {} : { body: { protocol: body } })
}

const shown = (provider: string, { protocol: row }: any) =>
  oneOf(['id', 'identity_provider', 'mapping', 'remote_id_attribute'], {
    id: row.id,
    identity_provider: provider,
    mapping: row.mapping_id,
    remote_id_attribute: row.remote_id_attribute ?? null,
  })

const attribute: Option = { doc: 'the claim that names the provider itself, if it is not the usual one', values: ['claim'] }

export const create: Command = {
  brief: 'let people in by an identity provider',
  args: [protocol],
  options: {
    'identity-provider': of,
    mapping: { doc: 'the mapping that makes users of what it says', values: ['mapping'], required: true },
    'remote-id-attribute': attribute,
  },
  prints: 'one',
  async run(face, given) {
    const provider = given.one('identity-provider')!
    const body = present({ mapping_id: given.one('mapping'), remote_id_attribute: given.one('remote-id-attribute') })
    return shown(provider, await call(face, 'PUT', provider, given.arg('federation-protocol'), body))
  },
}

export const set: Command = {
  brief: 'change by what mapping an identity provider is read',
  args: [protocol],
  options: {
    'identity-provider': of,
    mapping: { doc: 'the mapping that makes users of what it says', values: ['mapping'] },
    'remote-id-attribute': attribute,
  },
  prints: 'one',
  async run(face, given) {
    const provider = given.one('identity-provider')!
    const body = present({ mapping_id: given.one('mapping'), remote_id_attribute: given.one('remote-id-attribute') })
    if (Object.keys(body).length === 0) throw new UsageError('Nothing to change: say what with options (--help lists them).')
    return shown(provider, await call(face, 'PATCH', provider, given.arg('federation-protocol'), body))
  },
}

export const show: Command = {
  brief: 'show how an identity provider is read',
  args: [protocol],
  options: { 'identity-provider': of },
  prints: 'one',
  async run(face, given) {
    const provider = given.one('identity-provider')!
    return shown(provider, await call(face, 'GET', provider, given.arg('federation-protocol')))
  },
}

export const list: Command = {
  brief: 'list how an identity provider is read',
  options: { 'identity-provider': of },
  prints: 'list',
  async run(face, given) {
    const { protocols } = await call(face, 'GET', given.one('identity-provider')!, undefined)
    return listOf(
      [
        ['id', 'id'],
        ['mapping', 'mapping_id'],
      ],
      protocols,
    )
  },
}

export const remove: Command = {
  brief: 'let nobody in by these protocols of an identity provider',
  args: [{ ...protocol, many: true }],
  options: { 'identity-provider': of },
  changes: true,
  async run(face, given) {
    const provider = given.one('identity-provider')!
    const say = { done: (name: string) => `Deleted protocol ${name}`, failed: (name: string) => `Failed to delete protocol ${name}` }
    return each(given.args('federation-protocol'), say, async name => void (await call(face, 'DELETE', provider, name)))
  },
}

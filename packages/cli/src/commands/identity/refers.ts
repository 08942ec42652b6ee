import { domain } from '@esi/api/identity/domain'
import { endpoint } from '@esi/api/identity/endpoint'
import { group } from '@esi/api/identity/group'
import { project } from '@esi/api/identity/project'
import { role } from '@esi/api/identity/role'
import { service } from '@esi/api/identity/service'
import { user } from '@esi/api/identity/user'
import { ApiError } from '@esi/client'
import { type Face, UsageError } from '../../command.ts'
import { anyResource } from '../../entries/entry.ts'
import type { Refer } from '../../refers.ts'
import { identityClient } from '../../services.ts'

/** By identifier, or by name in a domain if one is said. Who may not look has given an identifier, and the service says whether it is one. */
const to =
  (table: object): Refer =>
  async (face, text, said) => {
    try {
      if (said !== undefined) return await within(face, table, text, String(await to(domain)(face, said)))
      return String((await (await identityClient(anyResource(table))(face)).find(text))['id'])
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return text
      throw error
    }
  }

const within = async (face: Face, table: object, name: string, domainId: string): Promise<string> => {
  const client = await identityClient(anyResource(table))(face)
  const [found] = await client.list({ filters: { name, domain_id: domainId } })
  if (found) return String(found['id'])
  const there = await client.show(name).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  })
  if (there?.['domain_id'] === domainId) return String(there['id'])
  throw new ApiError(404, `There is no ${client.resource.name} "${name}" in that domain.`, undefined, undefined)
}

/** What commands ask for by name. */
export type Named = (face: Face, text: string, domain?: string) => Promise<string>
const named = (table: object): Named => to(table) as Named

export const toProject = named(project)
export const toDomain = named(domain)
export const toUser = named(user)
export const toGroup = named(group)
export const toRoleId = named(role)
/** As the API has it in a list of roles. */
export const toRole: Refer = async (face, text) => ({ id: await to(role)(face, text) })
export const toEndpoint = named(endpoint)

/** A service by identifier or name, or by its type, if only one has it. */
export const toService: Refer = async (face, text) => {
  try {
    return await to(service)(face, text)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    const found = await (await identityClient(anyResource(service))(face)).list({ filters: { type: text } })
    if (found.length > 1) throw new UsageError(`${found.length} services are of the type "${text}": use the identifier of one.`)
    if (!found[0]) throw error
    return String(found[0]['id'])
  }
}

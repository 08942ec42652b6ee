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

/** What commands ask for by name. */
export type Named = (face: Face, text: string, domain?: string) => Promise<string>

/** By identifier, or by name in a domain if one is said. Who may not look has given an identifier, and the service says whether it is one. */
const to =
  (table: object): Named =>
  async (face, text, said) => {
    try {
      if (said !== undefined) return await within(face, table, text, await to(domain)(face, said))
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

export const toProject = to(project)
export const toDomain = to(domain)
export const toUser = to(user)
export const toGroup = to(group)
export const toRoleId = to(role)
/** As the API has it in a list of roles. */
export const toRole: Refer = async (face, text) => ({ id: await to(role)(face, text) })
export const toEndpoint = to(endpoint)

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

import type { keystoneClient } from './client.ts'

export interface Project {
  readonly id: string
  readonly name: string
}

type Client = Pick<ReturnType<typeof keystoneClient>, 'get'>

export const projectById = async (client: Client, id: string): Promise<Project | undefined> => {
  if (!/^[\w.-]{1,64}$/.test(id)) return undefined
  const { status, body } = await client.get(`/v3/projects/${id}`)
  return status === 200 && !body.project.is_domain ? { id: body.project.id, name: body.project.name } : undefined
}

/** By identifier or name. */
export const findProject = async (client: Client, ident: string): Promise<Project | undefined> => {
  const found = await projectById(client, ident)
  if (found) return found
  const { status, body } = await client.get(`/v3/projects?name=${encodeURIComponent(ident)}`)
  const rows: Project[] = status === 200 ? body.projects : []
  // A name that two domains have says nothing.
  return rows.length === 1 ? { id: rows[0]!.id, name: rows[0]!.name } : undefined
}

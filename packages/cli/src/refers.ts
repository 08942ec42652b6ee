import type { Change } from '@esi/api/dialect'
import { dialect } from '@esi/api/identity/dialect'
import { isUuid } from '@esi/api/types'
import { ApiError } from '@esi/client'
import { type Face, UsageError } from './command.ts'
import { nodes, portgroups } from './services.ts'

/** From what a person calls a thing to what the API calls it; a name may be one of a domain, which is called by its id or name. */
export type Refer = (face: Face, text: string, domain?: string) => Promise<unknown>

export const toNode: Refer = async (face, text) => (isUuid(text) ? text : String((await (await nodes(face)).find(text)).uuid))

export const toPortgroup: Refer = async (face, text) => (isUuid(text) ? text : String((await (await portgroups(face)).find(text)).uuid))

/**
 * A project by name. Owners are any text to the bare-metal service, and one that is no project's identifier is nobody's: that is said.
 * Who may not look projects up has given an identifier, or says what they say.
 */
export const toProject: Refer = async (face, text) => {
  if (text === '' || isUuid(text) || /^[0-9a-f]{32}$/i.test(text)) return text
  let projects: readonly { readonly id: string; readonly name: string }[]
  try {
    const session = await face.session()
    const ask = async (path: string, query: Record<string, string>) =>
      (await session.call('identity', dialect, { method: 'GET', path, query: new URLSearchParams(query) })).body as any
    const byId = await ask(`/v3/projects/${encodeURIComponent(text)}`, {}).catch(() => undefined)
    if (byId !== undefined) return text
    projects = (await ask('/v3/projects', { name: text })).projects
  } catch (error) {
    if (error instanceof ApiError) return text
    throw error
  }
  if (projects.length > 1) throw new UsageError(`${projects.length} projects are called "${text}": use the identifier of one.`)
  if (projects.length === 0) face.warn(`There is no project "${text}": whatever belongs to it is nobody's.`)
  return projects[0]?.id ?? text
}

type Table = { readonly refers?: Readonly<Record<string, Refer>>; readonly domains?: Readonly<Record<string, string>> }

/** In which domain the names are that options give. */
type Said = { one(option: string): string | undefined }

/** A draft, with what its fields refer to as the API calls it. */
export const referred = async <T extends Readonly<Record<string, unknown>>>(
  { refers = {}, domains = {} }: Table,
  face: Face,
  draft: T,
  said?: Said,
): Promise<T> => {
  const out: Record<string, unknown> = { ...draft }
  for (const [field, refer] of Object.entries(refers)) {
    const value = out[field]
    const option = domains[field]
    const domain = option === undefined ? undefined : said?.one(option)
    if (typeof value === 'string') out[field] = await refer(face, value, domain)
    else if (Array.isArray(value)) out[field] = await Promise.all(value.map(each => (typeof each === 'string' ? refer(face, each) : each)))
  }
  return out as T
}

/** The same for changes. */
export const referredChanges = (table: Table, face: Face, changes: readonly Change[], said?: Said): Promise<Change[]> =>
  Promise.all(
    changes.map(async change => {
      const refer = table.refers?.[change.field]
      const option = table.domains?.[change.field]
      const domain = option === undefined ? undefined : said?.one(option)
      return refer && typeof change.value === 'string' ? { ...change, value: await refer(face, change.value, domain) } : change
    }),
  )

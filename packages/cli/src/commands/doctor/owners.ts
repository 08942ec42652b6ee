import { dialect as baremetal } from '@esi/api/baremetal/dialect'
import { dialect as identity } from '@esi/api/identity/dialect'
import { ApiError, type Session } from '@esi/client'

/** Nodes that are named; of more only the number is told. */
const NAMED = 5

interface Node {
  readonly uuid: string
  readonly name: string | null
  readonly owner: string | null
}

/** Whether the projects that nodes belong to are there. Nothing is said to who may not see that. */
export const owners = async (session: Session): Promise<{ what: string; is: string; advice?: string }[]> => {
  const byOwner = Map.groupBy(
    (await nodesOf(session)).filter(node => node.owner !== null),
    node => node.owner!,
  )
  const standing = [...byOwner.keys()].map(async owner => [owner, await isThere(session, owner)] as const)
  const asked = new Map(await Promise.all(standing))
  if (![...asked.values()].some(there => there !== undefined)) return []
  const lost = [...byOwner].filter(([owner]) => asked.get(owner) === false)
  if (lost.length === 0) return [{ what: 'owners', is: "every node's project is there" }]
  return lost.map(([owner, nodes]) => ({
    what: 'owners',
    is: `${nodes.length} node${nodes.length === 1 ? '' : 's'} of project ${owner}, which is deleted: ${named(nodes)}`,
    advice: 'Nobody but an administrator can do anything with them. Give each to another project: esi node transfer NODE --to PROJECT.',
  }))
}

const nodesOf = async (session: Session): Promise<Node[]> => {
  const all: Node[] = []
  let marker: string | undefined
  do {
    const query = new URLSearchParams({ fields: 'uuid,name,owner', limit: '1000', ...(marker === undefined ? {} : { marker }) })
    const { body } = await session.call('baremetal', baremetal, { method: 'GET', path: '/v1/nodes', query })
    const page = body as { nodes: Node[]; next?: string }
    all.push(...page.nodes)
    marker = page.next === undefined ? undefined : page.nodes.at(-1)?.uuid
  } while (marker !== undefined)
  return all
}

/** Undefined where that is told only to others. */
const isThere = async (session: Session, project: string): Promise<boolean | undefined> => {
  try {
    await session.call('identity', identity, { method: 'GET', path: `/v3/projects/${encodeURIComponent(project)}` })
    return true
  } catch (e) {
    if (!(e instanceof ApiError)) throw e
    return e.status === 404 ? false : undefined
  }
}

const named = (nodes: readonly Node[]): string => {
  const some = nodes.slice(0, NAMED).map(({ name, uuid }) => name ?? uuid)
  return `${some.join(', ')}${nodes.length > NAMED ? ` and ${nodes.length - NAMED} more` : ''}`
}

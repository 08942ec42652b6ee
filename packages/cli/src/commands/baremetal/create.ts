import { chassis } from '@esi/api/baremetal/chassis'
import { node } from '@esi/api/baremetal/node'
import { port } from '@esi/api/baremetal/port'
import { portgroup } from '@esi/api/baremetal/portgroup'
import type { AnyResource } from '@esi/api/define'
import { isObject } from '@esi/api/types'
import { ApiError } from '@esi/client'
import { type Command, type Face, UsageError } from '../../command.ts'
import { anyResource } from '../../entries/entry.ts'
import { explain } from '../../errors.ts'
import { baremetalClient } from '../../services.ts'
import { fileText } from '../../structured.ts'

type Draft = Record<string, unknown>

/** What is made in the midst of another thing: under which key it stands there, and which of its fields names that thing. */
interface Kind {
  readonly noun: string
  readonly resource: AnyResource
  readonly below: readonly { readonly key: string; readonly kind: Kind }[]
  readonly holder?: string
}

const ports: Kind = { noun: 'port', resource: anyResource(port), below: [] }
const groups: Kind = {
  noun: 'port group',
  resource: anyResource(portgroup),
  below: [{ key: 'ports', kind: { ...ports, holder: 'portgroup_uuid' } }],
  holder: 'node_uuid',
}
const machines: Kind = {
  noun: 'node',
  resource: anyResource(node),
  below: [
    { key: 'portgroups', kind: groups },
    { key: 'ports', kind: { ...ports, holder: 'node_uuid' } },
  ],
  holder: 'chassis_uuid',
}
const boxes: Kind = { noun: 'chassis', resource: anyResource(chassis), below: [{ key: 'nodes', kind: machines }] }
const TOP: Readonly<Record<string, Kind>> = { chassis: boxes, nodes: machines }

export const createFromFiles: Command = {
  brief: 'create chassis, nodes, port groups and ports that files describe',
  doc: 'A file has "chassis" and "nodes", each a list. A chassis may have "nodes", a node "ports" and "portgroups", and a port group "ports" within it. What is refused is left out with all within it, everything else is made, and the exit status is 1.',
  args: [{ name: 'file', doc: 'a file of JSON or YAML, or - for standard input', many: true }],
  async run(face, given) {
    const files = await Promise.all(given.args('file').map(read))
    const [made, failed]: string[][] = [[], []]
    for (const content of files)
      for (const [key, kind] of Object.entries(TOP))
        for (const draft of listIn(content, key)) await make(face, kind, draft, {}, { made: made!, failed: failed! })
    return { text: made!.join('\n'), ...(failed!.length > 0 ? { failed: failed!.join('\n') } : {}) }
  },
}

/** Everything is read and looked at before anything is made. */
const read = async (file: string): Promise<Draft> => {
  const { parse } = await import('yaml')
  let content: unknown
  try {
    content = parse(fileText(file, file))
  } catch (e) {
    if (e instanceof UsageError) throw e
    throw new UsageError(`${file} is neither JSON nor YAML: ${(e as Error).message}`)
  }
  if (!isObject(content)) throw new UsageError(`${file} must have "chassis" or "nodes" in it.`)
  const unknown = Object.keys(content).find(key => !TOP[key])
  if (unknown !== undefined) throw new UsageError(`${file} has "${unknown}"; it may have "chassis" and "nodes".`)
  const look = (within: string, draft: Draft, key: string, kind: Kind): void => {
    const list = listIn(draft, key)
    if (!Array.isArray(list)) throw new UsageError(`${file}: ${within}${key} must be a list.`)
    for (const [i, each] of list.entries()) {
      const at = `${within}${key}[${i}]`
      if (!isObject(each)) throw new UsageError(`${file}: ${at} must be an object.`)
      for (const { key: deeper, kind: its } of kind.below) look(`${at}.`, each, deeper, its)
    }
  }
  for (const [key, kind] of Object.entries(TOP)) look('', content, key, kind)
  return content
}

const listIn = (draft: Draft, key: string): Draft[] => (draft[key] ?? []) as Draft[]

const make = async (
  face: Face,
  kind: Kind,
  given: Draft,
  holders: Draft,
  said: { readonly made: string[]; readonly failed: string[] },
): Promise<void> => {
  const { below, noun, resource } = kind
  const named = `${noun} ${String(given['name'] ?? given['address'] ?? given['uuid'] ?? given['description'] ?? 'without a name')}`
  const other = Object.entries(holders).find(([field, holder]) => given[field] !== undefined && given[field] !== holder)
  if (other) return void said.failed.push(`Failed to create ${named}: its ${other[0]} is another one than what it stands in.`)
  // Traits are set on a node once it is there; nothing else has any.
  const apart = [...below.map(({ key }) => key), 'traits']
  const draft = Object.fromEntries(Object.entries({ ...given, ...holders }).filter(([key]) => !apart.includes(key)))
  const client = await baremetalClient(resource)(face)
  let uuid: string
  try {
    uuid = String((await client.create(draft))['uuid'])
    said.made.push(`Created ${named}${given['uuid'] === uuid ? '' : ` (${uuid})`}`)
    if (given['traits'] !== undefined) await client.call('PUT', client.one(uuid, 'traits'), { traits: given['traits'] })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401) throw error
    return void said.failed.push(`Failed to create ${named}: ${explain(error, false).text}`)
  }
  for (const { key, kind: its } of below)
    for (const each of listIn(given, key)) {
      // A port in a port group names both.
      const mine = its.noun === 'port' && noun === 'port group' ? { node_uuid: holders['node_uuid'] } : {}
      await make(face, its, each, { ...mine, [its.holder!]: uuid }, said)
    }
}

import { writeFileSync } from 'node:fs'
import type { ResourceClient } from '@esi/client'
import type { Argument, Command, Given, Option } from '../../command.ts'
import { nodes } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'

/*
 * What stands below a node in the API and is asked or told in one call: a line each in entries/node.ts, with the path, the words
 * that go into it and the body.
 */

type Client = ResourceClient<any>
type Ask = (client: Client, given: Given, node?: string) => string

type Columns = readonly (readonly [title: string, field: string])[]

interface Told {
  readonly brief: string
  readonly doc?: string
  readonly args?: readonly Argument[]
  /** It may be done to several nodes. */
  readonly several?: boolean
  readonly options?: Readonly<Record<string, Option>>
}

const NODE: Argument = { name: 'node', doc: 'the node, by UUID or name' }

/** The path below the node; a word in braces is one of the command's arguments. */
const below =
  (path: string): Ask =>
  (client, given, node = given.arg('node')) =>
    client.one(node, ...path.split('/').map(part => (part.startsWith('{') ? given.arg(part.slice(1, -1)) : part)))

/** A list: the rows under `key` of the answer, or the answer itself by name where there is none. */
export const listing = (
  told: Told,
  path: string,
  key: string | undefined,
  columns: Columns | ((given: Given) => Columns),
  query: (given: Given) => Record<string, string> = () => ({}),
): Command => ({
  ...told,
  args: [NODE, ...(told.args ?? [])],
  prints: 'list',
  async run(face, given) {
    const client = await nodes(face)
    const body = (await client.call('GET', below(path)(client, given), undefined, new URLSearchParams(query(given)))) as any
    const rows = key === undefined ? Object.entries(body).map(([name, row]) => ({ name, ...(row as object) })) : body[key]
    return listOf(
      typeof columns === 'function' ? columns(given) : columns,
      (rows as unknown[]).map(row => (row !== null && typeof row === 'object' ? row : { value: row })),
    )
  },
})

/** One thing. `of`: the part of the answer that it is. */
export const showing = (told: Told, path: string, of: (body: any, given: Given) => object = body => body): Command => ({
  ...told,
  args: [NODE, ...(told.args ?? [])],
  prints: 'one',
  async run(face, given) {
    const client = await nodes(face)
    const row = of(await client.call('GET', below(path)(client, given)), given)
    return oneOf(Object.keys(row), row)
  },
})

/** What is there, as JSON: printed, or written to a file. */
export const saving = (told: Told, path: string): Command => ({
  ...told,
  args: [NODE],
  options: { file: { doc: 'write it to this file instead of printing it', values: ['file'] } },
  async run(face, given) {
    const client = await nodes(face)
    const text = JSON.stringify(await client.call('GET', below(path)(client, given)), null, 2)
    const file = given.one('file')
    if (file === undefined) return { text }
    writeFileSync(file, `${text}\n`)
    return undefined
  },
})

/** Something that is done, to one node or to several. */
export const acting = (
  { several, ...told }: Told,
  method: string,
  path: string,
  body?: (given: Given) => unknown,
  query: (given: Given) => Record<string, string> = () => ({}),
): Command => ({
  ...told,
  args: [several ? { ...NODE, doc: 'the nodes, by UUID or name', many: true } : NODE, ...(told.args ?? [])],
  async run(face, given) {
    const content = body?.(given)
    const client = await nodes(face)
    for (const node of given.args('node'))
      await client.call(method, below(path)(client, given, node), content, new URLSearchParams(query(given)))
    return undefined
  },
})

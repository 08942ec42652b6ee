import type { ResourceClient } from '@esi/client'
import type { Argument, Command, Given, Option } from '../../command.ts'
import { nodes } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'

/*
 * What stands below a node in the API and is asked or told in one call: a line each in entries/node.ts, with the path, the words
 * that go into it and the body.
 */

type Client = ResourceClient<any>
type Ask = (client: Client, given: Given) => string

interface Told {
  readonly brief: string
  readonly doc?: string
  readonly args?: readonly Argument[]
  readonly options?: Readonly<Record<string, Option>>
}

const NODE: Argument = { name: 'node', doc: 'the node, by UUID or name' }

/** The path below the node; a word in braces is one of the command's arguments. */
const below =
  (path: string): Ask =>
  (client, given) =>
    client.one(given.arg('node'), ...path.split('/').map(part => (part.startsWith('{') ? given.arg(part.slice(1, -1)) : part)))

/** A list: the rows under `key` of the answer, or the answer itself by name where there is none. */
export const listing = (
  told: Told,
  path: string,
  key: string | undefined,
  columns: readonly (readonly [title: string, field: string])[],
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
      columns,
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

/** Something that is done. */
export const acting = (
  told: Told,
  method: string,
  path: string,
  body?: (given: Given) => unknown,
  query: (given: Given) => Record<string, string> = () => ({}),
): Command => ({
  ...told,
  args: [NODE, ...(told.args ?? [])],
  async run(face, given) {
    const client = await nodes(face)
    await client.call(method, below(path)(client, given), body?.(given), new URLSearchParams(query(given)))
    return undefined
  },
})

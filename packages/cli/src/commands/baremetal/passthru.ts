import type { Command, Output } from '../../command.ts'
import { pairOf } from '../../crud-fields.ts'
import { nodes } from '../../services.ts'
import { oneOf } from '../../show.ts'

const METHODS = ['POST', 'PUT', 'GET', 'DELETE', 'PATCH']
const BODIES = ['POST', 'PUT', 'PATCH']

/** A call that only the maker of a node's hardware, or of a driver, has; what it answers is printed as it is. */
export const calling = (what: 'node' | 'driver', brief: string): Command => ({
  brief,
  doc: `"passthru list" says which there are.`,
  args: [
    { name: what, doc: what === 'node' ? 'the node, by UUID or name' : 'the driver, by name' },
    { name: 'method', doc: 'the name of the call' },
  ],
  options: {
    arg: {
      doc: 'what is told with it; several are added up. Also a file of JSON, or - for standard input',
      values: ['key=value'],
      repeat: true,
    },
    'http-method': { doc: 'how it is called; POST if left out', values: ['method'], choices: METHODS },
  },
  prints: 'one',
  async run(face, given): Promise<Output | undefined> {
    const method = given.one('http-method') ?? 'POST'
    const args = Object.assign({}, ...given.all('arg').map(text => pairOf(text, '--arg')))
    const path = `/v1/${what}s/${encodeURIComponent(given.arg(what))}/vendor_passthru/${encodeURIComponent(given.arg('method'))}`
    const answer = await (await nodes(face)).call(method, path, BODIES.includes(method) ? args : undefined)
    if (answer === undefined || answer === null || answer === '') return undefined
    if (typeof answer !== 'object' || Array.isArray(answer)) return { text: JSON.stringify(answer) }
    return oneOf(Object.keys(answer), answer)
  },
})

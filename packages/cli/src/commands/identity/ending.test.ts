import { expect, test } from 'vitest'
import { type Face, Given } from '../../command.ts'
import { project } from './cruds.ts'
import { deleteEnding, setEnding } from './ending.ts'

const ENDS = {
  leases: [{ uuid: 'l-1', project_id: 'p-1', resource: 'dell1', end_time: '2030-01-02T03:04:05.000000Z' }],
  offers: [{ uuid: 'o-1', project_id: 'p-1', resource: 'dell2', end_time: '2030-01-02T03:04:05.000000Z' }],
  within: 2,
  granted: 1,
}

/** A command against a service that answers with that; gives what it asked and what it said. */
const ran = async (verb: 'delete' | 'set', options: Record<string, string[]>, { dryRun = false, body = undefined as unknown } = {}) => {
  const asked: unknown[] = []
  const client = {
    find: async (name: string) => ({ id: `id-of-${name}` }),
    one: (id: string) => `/v3/projects/${id}`,
    call: async (method: string, path: string, _body: unknown, query: URLSearchParams) => {
      asked.push([method, path, query.toString()])
      return body
    },
    change: async (id: string, changes: unknown, query: URLSearchParams) => {
      asked.push(['PATCH', id, changes, query.toString()])
      return body
    },
  }
  const command = (verb === 'delete' ? deleteEnding : setEnding)({ ...project, client: async () => client as never }, 'a brief')
  const given = new Given(new Map([['project', ['one']]]), new Map(Object.entries(options).map(([name, values]) => [name, [values]])))
  const out = await command.run({ dryRun } as Face, given)
  return { asked, text: (out as { text: string } | undefined)?.text }
}

test('nothing is ended that was not said', async () => {
  expect(await ran('delete', {})).toEqual({ asked: [['DELETE', '/v3/projects/id-of-one', '']], text: 'Deleted project one' })
  expect((await ran('set', { disable: [] })).asked).toEqual([['PATCH', 'id-of-one', [{ field: 'enabled', value: false }], '']])
  expect((await ran('set', { disable: [], description: ['x'] })).asked).toEqual([
    [
      'PATCH',
      'id-of-one',
      expect.arrayContaining([
        { field: 'enabled', value: false },
        { field: 'description', value: 'x' },
      ]),
      '',
    ],
  ])
})

test('what would end is listed', async () => {
  const { asked, text } = await ran('delete', { 'end-leases': [] }, { dryRun: true, body: { ends: ENDS } })
  expect(asked).toEqual([['DELETE', '/v3/projects/id-of-one', 'end_leases=true&dry_run=true']])
  expect(text).toBe(
    [
      'Would delete project one',
      '  would end: lease l-1 of dell1, project p-1, instead of at 2030-01-02T03:04Z',
      '  would end: offer o-1 of dell2, project p-1, instead of at 2030-01-02T03:04Z',
      '  would end: 2 leases of other projects within these',
      '  would stay until their end: 1 leases that other projects have from these offers',
    ].join('\n'),
  )
  const nothing = { leases: [], offers: [], within: 0, granted: 0 }
  expect((await ran('set', { disable: [], 'end-leases': [] }, { dryRun: true, body: { ends: nothing } })).text).toMatch(/nothing would end/)
})

test('what makes no sense is a sentence, and asks for nothing', async () => {
  await expect(ran('set', { 'end-leases': [], enable: [] })).rejects.toThrow(/--end-leases is for --disable/)
  await expect(ran('set', { enable: [], disable: [] })).rejects.toThrow(/do not go together/)
  await expect(ran('set', {})).rejects.toThrow(/Nothing to change/)
})

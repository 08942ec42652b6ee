import { randomUUID } from 'node:crypto'
import type { Dialect } from '@esi/api/dialect'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Log } from '../../log/log.ts'
import { personas } from '../../testing/personas.ts'
import { type Answer, type Served, serve } from '../../testing/serve.ts'
import { silent } from '../../testing/silent-log.ts'
import type { Setup } from '../engine.ts'
import { type ToyDoor, thing, toyService } from './toy.ts'

export type Row = Record<string, unknown>

export const OWNER = personas.owner.project!.id
export const LESSEE = personas.lessee.project!.id
export const STRANGER = personas.stranger.project!.id

/** The toy through HTTP in one dialect, empty before each test. Whatever is logged as an error fails the test after it. */
export const useToy = (dialect: Dialect, more: Partial<Setup> = {}) => {
  let served: Served<ToyDoor>
  const errors: unknown[] = []
  const log: Log = { ...silent, error: (fields, message) => void errors.push([message, fields]), child: () => log }
  beforeAll(async () => {
    served = await serve({ def: toyService(dialect, more), log })
  })
  afterAll(() => served.close())
  beforeEach(async () => {
    await served.connections.pool.query('truncate toy.thing, kit.event, kit.idempotency')
    errors.length = 0
  })

  const toy = {
    errors,
    get served() {
      return served
    },
    /** At the newest version, unless a header says another. */
    call: (persona: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
      served.request(persona, method, path, body, { ...dialect.ask(dialect.newest), ...headers }),
    create: async (persona: string, draft: Row, headers?: Record<string, string>): Promise<Answer> =>
      toy.call(persona, 'POST', thing.path, dialect.client.create(thing, draft), headers),
    made: async (persona: string, draft: Row): Promise<Row> => {
      const answer = await toy.create(persona, draft)
      if (answer.status !== dialect.status.created) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
      return toy.item(answer)
    },
    change: (
      persona: string,
      id: unknown,
      set: Row,
      remove: readonly string[] = [],
      headers: Record<string, string> = {},
    ): Promise<Answer> => {
      const changes = [
        ...Object.entries(set).map(([field, value]) => ({ field, value })),
        ...remove.map(field => ({ field, value: null, remove: true })),
      ]
      return toy.call(persona, dialect.updateMethod, `${thing.path}/${id}`, dialect.client.update(thing, changes).body, headers)
    },
    show: (persona: string, id: unknown, headers?: Record<string, string>): Promise<Answer> =>
      toy.call(persona, 'GET', `${thing.path}/${id}`, undefined, headers),
    item: (answer: Answer): Row => dialect.client.item(thing, answer.body),
    items: (answer: Answer): Row[] => dialect.client.items(thing, answer.body).items,
    message: (answer: Answer): string | undefined => dialect.client.message(answer.body),
    /** The status of a refusal in this dialect. */
    status: (refused: ReturnType<Dialect['denied']>): number => dialect.error(refused, 0).status,
    /** Rows as they are in the database, without asking anybody. */
    async insert(rows: readonly Row[]): Promise<Row[]> {
      const whole = rows.map(row => ({ id: randomUUID(), created_at: '2027-01-01T00:00:00.000000Z', ...row }))
      await served.connections.pool.query(
        `insert into toy.thing select (jsonb_populate_record(null::toy.thing,
           '{"kind":"a","info":{},"locked":false,"state":"ready","gone":false,"rest":{}}'::jsonb || e)).* from jsonb_array_elements($1::jsonb) e`,
        [JSON.stringify(whole)],
      )
      return whole
    },
    stored: async (id: unknown): Promise<Row> =>
      (await served.connections.pool.query('select * from toy.thing where id = $1', [id])).rows[0],
    events: async (): Promise<Row[]> =>
      (await served.connections.pool.query('select type, object_id, object_name, projects, data, origin from kit.event order by id')).rows,
    /** Every page of a list, from the first on by its links. */
    async pages(persona: string, path: string): Promise<Row[][]> {
      const pages: Row[][] = []
      for (let next: string | undefined = path; next !== undefined; ) {
        const answer: Answer = await toy.call(persona, 'GET', next)
        if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
        const page = dialect.client.items(thing, answer.body)
        pages.push(page.items)
        next = page.next?.replace(/^.*?\/toy(?=\/v1)/, '')
        if (pages.length > 200) throw new Error('pages without end')
      }
      return pages
    },
  }
  return toy
}

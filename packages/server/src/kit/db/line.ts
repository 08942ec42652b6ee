import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type RawBuilder,
} from 'kysely'
import type pg from 'pg'

interface Unsent {
  readonly text: string
  readonly values: readonly unknown[]
  readonly settle: (result: Promise<QueryResult<any>>) => void
}

const adapter = new PostgresAdapter()
const compiler = new PostgresQueryCompiler()

/**
 * One transaction's way to its connection. What nobody waits for goes along with the next question, in one write, and the server is
 * not asked again before it has answered all of it: sending is half of what a short statement costs us. Answers come in the order
 * of the questions; what failed is told as the failure of everything behind it.
 */
export class Line {
  readonly db: Kysely<any>
  readonly #client: pg.PoolClient
  #unsent: Unsent[] = []
  #sent = false
  #open = true

  constructor(client: pg.PoolClient) {
    this.#client = client
    const connection = {
      executeQuery: (query: CompiledQuery) => this.#ask(query.sql, query.parameters),
      streamQuery: () => {
        throw new Error('Nothing is streamed within a transaction.')
      },
    } as unknown as DatabaseConnection
    this.db = new Kysely<any>({
      dialect: {
        createAdapter: () => adapter,
        createQueryCompiler: () => compiler,
        createIntrospector: db => new PostgresIntrospector(db),
        createDriver: () => ({
          init: async () => {},
          acquireConnection: async () => connection,
          beginTransaction: nested,
          commitTransaction: nested,
          rollbackTransaction: nested,
          releaseConnection: async () => {},
          destroy: async () => {},
        }),
      },
    })
  }

  /** Whether anything was sent at all. */
  get sent(): boolean {
    return this.#sent
  }

  /** Goes along with whatever is asked next; to await the answer is to ask for it. */
  later<T>(statement: RawBuilder<T>): PromiseLike<QueryResult<T>> {
    const { sql, parameters } = statement.compile(this.db)
    return this.laterText(sql, parameters)
  }

  laterText(text: string, values: readonly unknown[] = [], told?: (result: QueryResult<any>) => void): PromiseLike<QueryResult<any>> {
    const answer = this.#line(text, values)
    if (told) answer.then(told, () => {})
    return {
      // biome-ignore lint/suspicious/noThenProperty: whoever awaits it would wait for ever if it were not sent then
      then: (done, failed) => {
        Promise.all(this.#send()).catch(() => {})
        return answer.then(done, failed)
      },
    }
  }

  /** Sends all that is waiting and waits for it. */
  async flush(): Promise<void> {
    await Promise.all(this.#send())
  }

  /** The connection is given to somebody else: what is not awaited cannot slip into their transaction. */
  close(): void {
    this.#open = false
    this.#unsent = []
  }

  #line(text: string, values: readonly unknown[]): Promise<QueryResult<any>> {
    const answer = new Promise<QueryResult<any>>(settle => this.#unsent.push({ text, values, settle }))
    answer.catch(() => {})
    return answer
  }

  async #ask(text: string, values: readonly unknown[]): Promise<QueryResult<any>> {
    if (!this.#open) throw new Error('The transaction is over; something in it was not awaited.')
    const answer = this.#line(text, values)
    await Promise.all(this.#send())
    return answer
  }

  #send(): Promise<QueryResult<any>>[] {
    const unsent = this.#unsent
    if (unsent.length === 0) return []
    this.#unsent = []
    this.#sent = true
    // Each statement writes for itself; together they are one write.
    const { stream } = (this.#client as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection
    stream.cork()
    try {
      return unsent.map(({ text, values, settle }) => {
        const answer = this.#client.query(text, values as unknown[]).then(shaped)
        settle(answer)
        return answer
      })
    } finally {
      stream.uncork()
    }
  }
}

const shaped = ({ command, rowCount, rows }: pg.QueryResult): QueryResult<any> =>
  command === 'COMMIT' || command === 'ROLLBACK'
    ? { rows: [{ command }] }
    : {
        rows: rows ?? [],
        ...(['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}),
      }

const nested = async (): Promise<void> => {
  throw new Error('A transaction is under way; it has no other within it.')
}

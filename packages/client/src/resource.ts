import type { AnyResource, Fields, Resource, Row, Version } from '@esi/api/define'
import type { Change, Dialect } from '@esi/api/dialect'
import { ApiError } from './api-error.ts'
import type { Session } from './session.ts'

export interface ListOptions {
  readonly filters?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly fields?: readonly string[]
  readonly sort?: { readonly field: string; readonly dir?: 'asc' | 'desc' }
  /** All fields instead of the short form, where there is one. */
  readonly detail?: boolean
  /** Rows a request; the rest follows by itself. */
  readonly pageSize?: number
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly idempotencyKey?: string
}

/** A declared resource as a client uses it, typed by its table: the same for every service, because each has a dialect. */
export class ResourceClient<F extends Fields = Fields> {
  readonly #session: Session
  readonly #type: string
  readonly #dialect: Dialect
  readonly #version: Version
  readonly resource: AnyResource

  constructor(session: Session, type: string, resource: Resource<F>, dialect: Dialect, version: Version = dialect.newest) {
    this.#session = session
    this.#type = type
    this.resource = resource as unknown as AnyResource
    this.#dialect = dialect
    this.#version = version
  }

  /** Every row, page after page. */
  async *each(options: ListOptions = {}): AsyncGenerator<Row<F>> {
    const query = new URLSearchParams()
    for (const [key, value] of Object.entries(options.filters ?? {}))
      for (const each of value === undefined ? [] : [value].flat()) query.append(key, each as string)
    if (options.fields) query.set('fields', options.fields.join(','))
    if (options.sort) {
      query.set('sort_key', options.sort.field)
      query.set('sort_dir', options.sort.dir ?? 'asc')
    }
    if (options.pageSize) query.set('limit', String(options.pageSize))
    const path = `${this.resource.path}${options.detail && this.resource.detail ? '/detail' : ''}`
    let next: URLSearchParams | undefined = query
    while (next) {
      const { body } = await this.#call('GET', path, { query: next })
      const page = this.#dialect.client.items(this.resource, body)
      yield* page.items as Row<F>[]
      next = page.next ? new URL(page.next, 'http://here').searchParams : undefined
    }
  }

  async list(options: ListOptions = {}): Promise<Row<F>[]> {
    const rows: Row<F>[] = []
    for await (const row of this.each(options)) rows.push(row)
    return rows
  }

  async show(ident: string, fields?: readonly string[]): Promise<Row<F>> {
    const query = new URLSearchParams(fields ? { fields: fields.join(',') } : {})
    return this.#item((await this.#call('GET', this.#one(ident), { query })).body)
  }

  /** By identifier; where the service does not look names up itself, by name in the list. */
  async find(ident: string): Promise<Row<F>> {
    try {
      return await this.show(ident)
    } catch (e) {
      const named = this.resource.alias ?? (this.resource.fields['name']?.filter ? 'name' : undefined)
      if (!(e instanceof ApiError) || named === undefined || (e.status !== 404 && e.status !== 403)) throw e
      const rows = await this.list({ filters: { [named]: ident } }).catch(() => [])
      if (rows.length > 1)
        throw new ApiError(409, `More than one ${this.resource.name} is called "${ident}": use the id.`, undefined, undefined)
      if (rows.length === 0) throw e
      return rows[0]!
    }
  }

  async create(draft: Partial<Row<F>>, options: WriteOptions = {}): Promise<Row<F>> {
    const body = this.#dialect.client.create(this.resource, draft as Record<string, unknown>)
    return this.#item((await this.#call('POST', this.resource.path, { body, ...this.#options(options) })).body)
  }

  async update(ident: string, changes: readonly Change[], options: WriteOptions = {}): Promise<Row<F>> {
    return this.#item(await this.change(ident, changes, this.#options(options).query))
  }

  /** The same with a query of one's own; gives the whole reply, which may tell more than the row. */
  async change(ident: string, changes: readonly Change[], query?: URLSearchParams): Promise<unknown> {
    const { body, type } = this.#dialect.client.update(this.resource, changes)
    const more = { body, ...(type ? { type } : {}), ...(query ? { query } : {}) }
    return (await this.#call(this.#dialect.updateMethod, this.#one(ident), more)).body
  }

  async delete(ident: string, options: WriteOptions = {}): Promise<void> {
    await this.#call('DELETE', this.#one(ident), this.#options(options))
  }

  /** A route below a row, or any other of this service. */
  async call(method: string, path: string, body?: unknown, query?: URLSearchParams): Promise<unknown> {
    return (await this.#call(method, path, { ...(body === undefined ? {} : { body }), ...(query ? { query } : {}) })).body
  }

  one(ident: string, ...more: string[]): string {
    return [this.#one(ident), ...more.map(encodeURIComponent)].join('/')
  }

  #one(ident: string): string {
    return `${this.resource.path}/${encodeURIComponent(ident)}`
  }

  #options(options: WriteOptions): { query?: URLSearchParams; headers?: Record<string, string> } {
    return {
      ...(options.dryRun ? { query: new URLSearchParams({ dry_run: 'true' }) } : {}),
      ...(options.idempotencyKey ? { headers: { 'Idempotency-Key': options.idempotencyKey } } : {}),
    }
  }

  #call(method: string, path: string, more: { query?: URLSearchParams; body?: unknown; type?: string; headers?: Record<string, string> }) {
    return this.#session.call(this.#type, this.#dialect, {
      method,
      path,
      ...more,
      headers: { ...this.#dialect.ask(this.#version), ...more.headers },
    })
  }

  #item(body: unknown): Row<F> {
    return this.#dialect.client.item(this.resource, body) as Row<F>
  }
}

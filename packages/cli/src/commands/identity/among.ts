import type { AnyResource, Resource } from '@esi/api/define'
import { dialect } from '@esi/api/identity/dialect'
import { type ListOptions, ResourceClient, type Session } from '@esi/client'
import { UsageError } from '../../command.ts'
import { text } from '../../output.ts'

type Row = Readonly<Record<string, unknown>>

const tagsOf = (row: Row): readonly string[] => (row['tags'] as readonly string[] | undefined) ?? []

/** As the service reads them, by their names in a query. */
const TAGS: Readonly<Record<string, (tags: readonly string[], wanted: readonly string[]) => boolean>> = {
  tags: (tags, wanted) => wanted.every(tag => tags.includes(tag)),
  'tags-any': (tags, wanted) => wanted.some(tag => tags.includes(tag)),
  'not-tags': (tags, wanted) => !wanted.every(tag => tags.includes(tag)),
  'not-tags-any': (tags, wanted) => !wanted.some(tag => tags.includes(tag)),
}

/** A list that was got elsewhere, like the groups of a user: narrowed and sorted here, because such lists take no filters. */
export class Among extends ResourceClient<any> {
  readonly #rows: readonly Row[]

  readonly #shows: 'fitting' | 'all'

  /** `all` shows the whole list, whatever filters say. */
  constructor(session: Session, resource: AnyResource, rows: readonly Row[], shows: 'fitting' | 'all' = 'fitting') {
    super(session, 'identity', resource as unknown as Resource, dialect)
    this.#rows = rows
    this.#shows = shows
  }

  override async *each(options: ListOptions = {}): AsyncGenerator<any> {
    const { marker, ...filters } = options.filters ?? {}
    const wanted = Object.entries(this.#shows === 'all' ? {} : filters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    )
    for (const [name] of wanted)
      if (!(name in TAGS) && !(name in this.resource.fields) && name !== 'is_domain')
        throw new UsageError(`--${name.replaceAll('_', '-')} is for the list of all alone.`)
    const rows = this.#rows.filter(row => wanted.every(([name, value]) => fits(row, name, value)))
    const { field, dir } = options.sort ?? {}
    const sorted = field === undefined ? rows : rows.toSorted((a, b) => order(a[field], b[field]) * (dir === 'desc' ? -1 : 1))
    const at = marker === undefined ? -1 : sorted.findIndex(row => row[this.resource.id] === String(marker))
    if (marker !== undefined && at < 0) throw new UsageError(`--marker: "${marker}" is not in this list.`)
    yield* sorted.slice(at + 1)
  }
}

const fits = (row: Row, name: string, value: string): boolean =>
  TAGS[name]?.(tagsOf(row), value.split(',')) ?? String(row[name] ?? '') === value

const order = (a: unknown, b: unknown): number => {
  const [one, other] = [text(a), text(b)]
  return one === other ? 0 : one < other ? -1 : 1
}

import { type Command, type Given, type Option, UsageError } from '../../command.ts'
import { chosenFields, fieldsOption } from '../../crud-fields.ts'
import { limitOf, sortKeys } from '../../crud-list.ts'
import { nodes } from '../../services.ts'
import { listOf, oneOf } from '../../show.ts'

/* Drivers and conductors: nobody makes them, they are there while a server runs. */

interface Kind {
  readonly noun: string
  readonly path: string
  /** Of the list in the answer. */
  readonly key: string
  /** Titles of the original's client, by field. */
  readonly titles: Readonly<Record<string, string>>
  readonly brief: readonly string[]
  /** How a value is shown. */
  show(value: unknown): unknown
  readonly options: Readonly<Record<string, Option>>
  query(given: Given): Record<string, string | undefined>
  /** Where the server does not sort. */
  readonly sortBy?: string
}

const INTERFACES = 'bios boot console deploy firmware inspect management network power raid rescue storage vendor'.split(' ')
const word = (kind: string): string => (['bios', 'raid'].includes(kind) ? kind.toUpperCase() : kind[0]!.toUpperCase() + kind.slice(1))

const DRIVERS: Kind = {
  noun: 'driver',
  path: '/v1/drivers',
  key: 'drivers',
  titles: {
    name: 'Supported driver(s)',
    type: 'Type',
    hosts: 'Active host(s)',
    ...Object.fromEntries(INTERFACES.map(kind => [`default_${kind}_interface`, `Default ${word(kind)} Interface`])),
    ...Object.fromEntries(INTERFACES.map(kind => [`enabled_${kind}_interfaces`, `Enabled ${word(kind)} Interfaces`])),
  },
  brief: ['name', 'hosts'],
  show: value => (Array.isArray(value) ? value.join(', ') : value),
  options: { type: { doc: 'only of this type; all are dynamic now', values: ['type'], choices: ['classic', 'dynamic'] } },
  query: given => ({ type: given.one('type') }),
  sortBy: 'name',
}

const SORTS = ['hostname', 'conductor_group', 'created_at', 'updated_at']
const CONDUCTORS: Kind = {
  noun: 'conductor',
  path: '/v1/conductors',
  key: 'conductors',
  titles: {
    hostname: 'Hostname',
    conductor_group: 'Conductor Group',
    alive: 'Alive',
    drivers: 'Drivers',
    created_at: 'Created At',
    updated_at: 'Updated At',
  },
  brief: ['hostname', 'conductor_group', 'alive'],
  show: value => value,
  options: {
    sort: { doc: `sort by this field, like hostname:desc: ${SORTS.join(', ')}`, values: ['field'] },
    limit: { doc: 'at most so many; 0 for all', values: ['count'] },
    marker: { doc: 'only what comes after the one with this name', values: ['hostname'] },
  },
  query(given) {
    const [key, ...more] = sortKeys(given, SORTS)
    if (more.length > 0) throw new UsageError('--sort: conductors are sorted by one field only.')
    return { sort_key: key?.field, sort_dir: key?.dir, marker: given.one('marker') }
  },
}

const listed = (kind: Kind, brief: string): Command => ({
  brief,
  options: { long: { doc: 'more columns' }, fields: fieldsOption(), ...kind.options },
  prints: 'list',
  async run(face, given) {
    const all = Object.keys(kind.titles)
    const wanted = chosenFields(given, all)
    if (wanted && given.has('long')) throw new UsageError('--long and --fields do not go together.')
    const limit = limitOf(given) || Number.POSITIVE_INFINITY
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(kind.query(given))) if (value !== undefined) query.set(name, value)
    if (wanted) query.set('fields', wanted.join(','))
    if (given.has('long')) query.set('detail', 'true')
    const client = await nodes(face)
    const rows: Record<string, unknown>[] = []
    for (let next: URLSearchParams | undefined = query; next && rows.length < limit; ) {
      const body = (await client.call('GET', kind.path, undefined, next)) as Record<string, unknown>
      rows.push(...(body[kind.key] as Record<string, unknown>[]))
      next = typeof body['next'] === 'string' ? new URL(body['next'], 'http://here').searchParams : undefined
    }
    const by = kind.sortBy
    if (by !== undefined) rows.sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1))
    const shown = wanted ?? (given.has('long') ? all : kind.brief)
    return listOf(
      shown.map(field => [kind.titles[field]!, field] as const),
      rows.slice(0, limit).map(row => Object.fromEntries(shown.map(field => [field, kind.show(row[field])]))),
    )
  },
})

const shown = (kind: Kind, brief: string): Command => ({
  brief,
  args: [{ name: kind.noun, doc: `the ${kind.noun}, by name` }],
  options: { fields: fieldsOption(Object.keys(kind.titles)) },
  prints: 'one',
  async run(face, given) {
    const wanted = chosenFields(given, Object.keys(kind.titles))
    const query = new URLSearchParams(wanted ? { fields: wanted.join(',') } : {})
    const path = `${kind.path}/${encodeURIComponent(given.arg(kind.noun))}`
    const row = (await (await nodes(face)).call('GET', path, undefined, query)) as object
    const fields = wanted ?? Object.keys(row).filter(key => key in kind.titles)
    return oneOf(fields.toSorted(), Object.fromEntries(Object.entries(row).map(([key, value]) => [key, kind.show(value)])))
  },
})

export const drivers = listed(DRIVERS, 'list the drivers and where they run')
export const driver = shown(DRIVERS, 'show a driver')
export const conductors = listed(CONDUCTORS, 'list the conductors')
export const conductor = shown(CONDUCTORS, 'show a conductor')

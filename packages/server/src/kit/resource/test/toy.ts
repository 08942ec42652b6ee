import { type AnyResource, once, resource, ro, rw } from '@esi/api/define'
import { type Dialect, type FilterOp, Refused, STATUS } from '@esi/api/dialect'
import { chosenFields, pageSize } from '@esi/api/page'
import { whole } from '@esi/api/time'
import { bool, int, isObject, list, object, oneOf, string, time, uuid } from '@esi/api/types'
import { sql } from 'kysely'
import { breaks, UNIQUE } from '../../db/errors.ts'
import { type ServiceDef, service } from '../../service.ts'
import type { Behaviour } from '../behaviour.ts'
import { Engine, type Setup } from '../engine.ts'
import { tableStore } from '../table.ts'
import type { Store } from '../view.ts'

const n = { nullable: true, default: null } as const

/** Something with an owner and a holder, and one field of every kind that there is. */
export const thing = resource({
  service: 'toy',
  name: 'thing',
  plural: 'things',
  path: '/v1/things',
  id: 'id',
  alias: 'name',
  detail: true,
  relations: { owner: 'owner', holder: 'holder' },
  tenant: 'owner',
  policy: {
    list: 'toy:list',
    listAll: 'toy:list_all',
    show: 'toy:get',
    create: 'toy:create',
    update: 'toy:update',
    delete: 'toy:delete',
  },
  fields: {
    id: once(uuid(), { sort: true }),
    name: rw(string(), { ...n, filter: true, sort: true }),
    kind: rw(oneOf('a', 'b', 'c'), { default: 'a', filter: true, sort: true }),
    size: rw(int(0, 1000), { ...n, filter: true, sort: true }),
    note: rw(string(), { ...n, filter: true, sort: true }),
    due: rw(time(), { ...n, filter: true, sort: true }),
    info: rw(object(), { default: {}, read: { policy: 'toy:inside', hidden: { mask: ['password'] } } }),
    cause: rw(string(), { ...n, filter: true, sort: true, read: { policy: 'toy:inside', hidden: { as: '** hidden **' } } }),
    parts: rw(list(), { ...n, read: { policy: 'toy:inside', hidden: 'absent' } }),
    code: rw(string(), {
      ...n,
      read: { policy: 'toy:inside', hidden: { by: (v: unknown): unknown => (v === null ? null : String(v).length) } },
    }),
    secret: rw(string(), { ...n, secret: true, read: { policy: 'toy:nobody', hidden: { as: '******' } } }),
    locked: rw(bool(), { default: false, filter: true, write: { policy: 'toy:lock', when: (v: unknown): boolean => v === true } }),
    tag: rw(string(), { ...n, write: { policy: 'toy:tag' } }),
    late: rw(string(), { ...n, since: 5, filter: 7, sort: true }),
    state: ro(string(), {
      filter: true,
      wire: (v: unknown, version: number): unknown => (v === 'ready' && version < 6 && version > 0 ? 'idle' : v),
    }),
    owner: rw(string(), { ...n, filter: true, write: { policy: 'toy:give' } }),
    holder: rw(string(), { ...n, filter: true, write: { policy: 'toy:hold' } }),
    created_at: ro(time(), { sort: true }),
    updated_at: ro(time(), { nullable: true, sort: true }),
    refs: ro(list(), { computed: true }),
  },
  brief: ['id', 'name', 'state', 'cause', 'refs'],
  always: ['refs'],
  queries: { bigger: { type: int(), doc: 'Of more than that size.' }, soon: { type: bool(), since: 8 } },
  columns: { list: ['id', 'name'] },
})

const columns = [
  'id',
  'name',
  'kind',
  'size',
  'note',
  'due',
  'info',
  'cause',
  'parts',
  'code',
  'secret',
  'locked',
  'tag',
  'late',
  'state',
  'owner',
  'holder',
] as const

export const store: Store = tableStore(
  {
    name: 'toy.thing',
    id: 'id',
    columns,
    json: ['info', 'parts'],
    times: true,
    refuse: e => (breaks(e, UNIQUE, 'thing_name') ? new Refused('conflict', 'The name is taken.') : undefined),
  },
  {
    from: sql`toy.thing t`,
    columns: Object.fromEntries([...columns, 'created_at', 'updated_at'].map(name => [name, sql.ref(`t.${name}`)])),
    inner: { weight: sql`coalesce(t.size, 0) * 2` },
    written: { refs: of => sql`'["/' || ${of('id')} || '",' || ${of('weight')} || ']'` },
    visible: who => sql`t.owner = ${who.project_id ?? null} or t.holder = ${who.project_id ?? null}`,
    always: sql`not t.gone`,
    queries: { bigger: (size: number) => sql`t.size > ${size}` },
  },
)

export const policies = [
  ['toy:list', 'role:reader'],
  ['toy:list_all', 'role:admin'],
  ['toy:get', 'role:admin or (role:reader and (project_id:%(thing.owner)s or project_id:%(thing.holder)s))'],
  ['toy:create', 'role:admin or (role:member and project_id:%(thing.owner)s)'],
  ['toy:update', 'role:admin or (role:member and project_id:%(thing.owner)s)'],
  ['toy:delete', 'role:admin or (role:member and project_id:%(thing.owner)s)'],
  ['toy:inside', 'role:admin or project_id:%(owner)s'],
  ['toy:nobody', '!'],
  ['toy:lock', 'role:admin'],
  ['toy:tag', 'role:admin or project_id:%(thing.owner)s or project_id:%(thing.holder)s'],
  ['toy:give', 'role:admin'],
  ['toy:hold', 'role:admin or (role:member and project_id:%(thing.owner)s)'],
].map(([name, rule]) => ({ name: name!, rule: rule!, doc: '' }))

const behaviour: Behaviour = {
  compute(rows) {
    for (const row of rows) row['refs'] = [`/${row['id']}`, row['weight']]
  },
}

export type ToyDoor = { readonly engine: Engine }

/** The toy as a service that speaks any dialect. */
export const toyService = (dialect: Dialect, more: Partial<Setup> = {}): ServiceDef<object, object, ToyDoor> =>
  service({
    name: 'toy',
    prefix: '/toy',
    title: 'Toys',
    dialect,
    catalog: [],
    policies,
    migrations: new URL('./migrations/', import.meta.url),
    needs: {},
    config: () => ({}),
    start(kit) {
      const engine = new Engine({ resource: thing as unknown as AnyResource, dialect, database: kit.database, store, behaviour, ...more })
      return { routes: engine.routes, conductors: [], door: { engine } }
    },
  })

const OPS = ['eq', 'in', 'ne', 'contains', 'startswith', 'endswith', 'gte', 'gt', 'lte', 'lt']

/** A dialect that has everything that engines can do: versions, every operator, several sort keys, pages backwards. */
export const toyDialect: Dialect = {
  service: 'toy',
  newest: 9,
  time: whole,
  updateMethod: 'PUT',
  status: { created: 201, deleted: 204 },
  version: request => Number(request.headers['x-toy-version'] ?? 9),
  ask: version => ({ 'X-Toy-Version': String(version) }),
  headers: () => ({}),
  listQuery(request, r) {
    const { query } = request
    const fields = chosenFields(query)
    const others = ['fields', 'limit', 'marker', 'sort', 'reverse', 'brief', ...Object.keys(r.queries ?? {})]
    return {
      ...(fields ? { fields } : {}),
      brief: query.has('brief'),
      filters: [...query]
        .filter(([key]) => !others.includes(key))
        .map(([key, value]) => {
          const [field = '', op = 'eq'] = key.split('__')
          if (!OPS.includes(op)) throw new Refused('invalid', `no operator ${op}`)
          return { field, op: op as FilterOp, values: op === 'in' ? value.split(',') : [value] }
        }),
      sort: (query.get('sort') ?? '')
        .split(',')
        .filter(Boolean)
        .map(part => ({ field: part.split(':')[0]!, dir: part.endsWith(':desc') ? ('desc' as const) : ('asc' as const) })),
      limit: pageSize(query, 1000),
      ...(query.has('marker') ? { marker: query.get('marker')! } : {}),
      ...(query.has('reverse') ? { reverse: true } : {}),
    }
  },
  many: (r, items, _request, next) => ({ count: items.length, [r.plural]: items, next: next ?? null }),
  one: (r, item) => ({ [r.name]: item }),
  created: request => {
    if (!isObject(request.body)) throw new Refused('invalid', 'no object')
    return request.body
  },
  changes: request => {
    const { set = {}, remove = [] } = request.body as { set?: Record<string, unknown>; remove?: string[] }
    return [
      ...Object.entries(set).map(([field, value]) => ({ field, value })),
      ...remove.map(field => ({ field, value: null, remove: true })),
    ]
  },
  error: refused => ({ status: STATUS[refused.kind], body: { said: refused.message } }),
  missing: (r, ident) => new Refused('missing', `no ${r.name} ${ident}`),
  foreign: (r, ident) => toyDialect.missing(r, ident),
  denied: rule => new Refused('forbidden', `denied: ${rule}`),
  client: {
    create: (_r, draft) => draft,
    update: (_r, changes) => ({
      body: {
        set: Object.fromEntries(changes.filter(c => !c.remove).map(c => [c.field, c.value])),
        remove: changes.filter(c => c.remove).map(c => c.field),
      },
    }),
    items: (r, body) => {
      const whole = body as Record<string, never>
      return { items: whole[r.plural]!, ...(whole['next'] ? { next: whole['next'] } : {}) }
    },
    item: (r, body) => (body as Record<string, Record<string, unknown>>)[r.name]!,
    message: body => (body as { said?: string }).said,
  },
}

import { type RawBuilder, sql } from 'kysely'
import type { Credentials } from '../../../kit/auth/caller.ts'
import { tableStore } from '../../../kit/resource/table.ts'
import type { Store, View } from '../../../kit/resource/view.ts'
import { refuse } from '../errors.ts'
import { col, extra } from './columns.ts'

/** Whoever may not see everybody's sees what is in the domain that the token is for. */
const inDomain =
  (column: RawBuilder<unknown>) =>
  (who: Credentials): RawBuilder<unknown> =>
    who.domain_id === undefined ? sql`false` : sql`${column} = ${who.domain_id}`

const NAMES = [{ field: 'name', dir: 'asc' as const }]

const has = (tags: readonly string[]) => sql`p.tags @> ${tags}::text[]`
const hasAny = (tags: readonly string[]) => sql`p.tags && ${tags}::text[]`

const projectColumns = col('p', 'id', 'name', 'description', 'enabled', 'tags', 'options')

const projectView: View = {
  from: sql`identity.project p`,
  columns: { ...projectColumns, ...col('p', 'domain_id', 'parent_id', 'is_domain') },
  inner: extra('p'),
  visible: inDomain(sql`p.domain_id`),
  queries: {
    is_domain: (value: boolean) => sql`p.is_domain = ${value}`,
    tags: has,
    'tags-any': hasAny,
    'not-tags': (tags: readonly string[]) => sql`not (${has(tags)})`,
    'not-tags-any': (tags: readonly string[]) => sql`not (${hasAny(tags)})`,
  },
  order: NAMES,
}

export const projects: Store = tableStore(
  {
    name: 'identity.project',
    id: 'id',
    columns: ['id', 'name', 'domain_id', 'parent_id', 'is_domain', 'description', 'enabled', 'tags', 'options'],
    json: ['options'],
    extra: 'extra',
    times: true,
    refuse,
  },
  projectView,
)

export const domains: Store = tableStore(
  {
    name: 'identity.project',
    id: 'id',
    columns: ['id', 'name', 'is_domain', 'description', 'enabled', 'tags', 'options'],
    json: ['options'],
    extra: 'extra',
    times: true,
    refuse,
  },
  {
    from: sql`identity.project p`,
    columns: projectColumns,
    inner: extra('p'),
    visible: inDomain(sql`p.id`),
    always: sql`p.is_domain`,
    order: NAMES,
  },
)

const OPERATORS: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=', neq: '<>' }

export const users: Store = tableStore(
  {
    name: 'identity.user',
    id: 'id',
    columns: [
      'id',
      'name',
      'domain_id',
      'enabled',
      'default_project_id',
      'password_hash',
      'password_at',
      'password_expires_at',
      'failed_logins',
      'failed_at',
      'active_at',
      'options',
    ],
    json: ['options'],
    extra: 'extra',
    other: ['password', 'federated'],
    times: true,
    refuse,
  },
  {
    from: sql`identity.user u`,
    columns: col('u', 'id', 'name', 'domain_id', 'enabled', 'default_project_id', 'password_expires_at', 'options'),
    inner: extra('u'),
    visible: inDomain(sql`u.domain_id`),
    queries: {
      password_expires_at: ({ operator, at }: { operator: string; at: string }) =>
        sql`u.password_expires_at ${sql.raw(OPERATORS[operator] ?? '=')} ${at}`,
      // Together, in `knownAs`: they are about one and the same of several.
      idp_id: () => sql`true`,
      protocol_id: () => sql`true`,
      unique_id: () => sql`true`,
    },
    order: NAMES,
  },
)

export const groups: Store = tableStore(
  { name: 'identity.group', id: 'id', columns: ['id', 'name', 'domain_id', 'description'], extra: 'extra', times: true, refuse },
  {
    from: sql`identity.group g`,
    columns: col('g', 'id', 'name', 'domain_id', 'description'),
    inner: extra('g'),
    visible: inDomain(sql`g.domain_id`),
    order: NAMES,
  },
)

export const roles: Store = tableStore(
  {
    name: 'identity.role',
    id: 'id',
    columns: ['id', 'name', 'domain_id', 'description', 'options'],
    json: ['options'],
    extra: 'extra',
    times: true,
    refuse,
  },
  {
    from: sql`identity.role r`,
    columns: col('r', 'id', 'name', 'domain_id', 'description', 'options'),
    inner: extra('r'),
    // A domain's manager sees the roles that everybody has; which he may give is another matter.
    visible: who => (who.domain_id === undefined ? sql`false` : sql`r.domain_id is null`),
    queries: { domain_id: (id: string) => sql`r.domain_id = ${id}` },
    order: NAMES,
  },
)

const everybody = () => sql`true`

export const services: Store = tableStore(
  { name: 'identity.service', id: 'id', columns: ['id', 'type', 'name', 'description', 'enabled'], extra: 'extra', refuse },
  {
    from: sql`identity.service s`,
    columns: col('s', 'id', 'type', 'name', 'description', 'enabled'),
    inner: extra('s'),
    visible: everybody,
    order: [{ field: 'type', dir: 'asc' }],
  },
)

export const endpoints: Store = tableStore(
  {
    name: 'identity.endpoint',
    id: 'id',
    columns: ['id', 'interface', 'region_id', 'service_id', 'url', 'enabled'],
    extra: 'extra',
    other: ['region'],
    refuse,
  },
  {
    from: sql`identity.endpoint e`,
    columns: col('e', 'id', 'interface', 'region_id', 'service_id', 'url', 'enabled'),
    inner: extra('e'),
    visible: everybody,
  },
)

export const regions: Store = tableStore(
  { name: 'identity.region', id: 'id', columns: ['id', 'description', 'parent_region_id'], extra: 'extra', refuse },
  {
    from: sql`identity.region r`,
    columns: col('r', 'id', 'description', 'parent_region_id'),
    inner: extra('r'),
    visible: everybody,
  },
)

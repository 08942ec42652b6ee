import { dialect } from '@esi/api/baremetal/dialect'
import { node } from '@esi/api/baremetal/node'
import { type AnyResource, route } from '@esi/api/define'
import { sql } from 'kysely'
import { credentials } from '../../packages/server/src/kit/auth/caller.ts'
import { createDatabase } from '../../packages/server/src/kit/db/database.ts'
import { connect } from '../../packages/server/src/kit/db/pool.ts'
import { handle } from '../../packages/server/src/kit/http/route.ts'
import { createServer } from '../../packages/server/src/kit/http/server.ts'
import type { Log } from '../../packages/server/src/kit/log/log.ts'
import { createPolicy } from '../../packages/server/src/kit/policy/policy.ts'
import { Engine } from '../../packages/server/src/kit/resource/engine.ts'
import { Json } from '../../packages/server/src/kit/resource/json.ts'
import { targetOf } from '../../packages/server/src/kit/resource/present.ts'
import { tableStore } from '../../packages/server/src/kit/resource/table.ts'
import { policies } from '../../packages/server/src/services/baremetal/policies.ts'

const resource = node as unknown as AnyResource

/** The fields of a node that are columns. */
export const columns = Object.entries(resource.fields)
  .filter(([, field]) => !field.computed)
  .map(([name]) => name)

export const columnType = (name: string): string => {
  const type = resource.fields[name]!.type.name
  if (name === 'traits') return 'text[]'
  return { uuid: 'uuid', boolean: 'boolean', object: 'jsonb', array: 'jsonb', time: 'timestamptz', integer: 'int' }[type] ?? 'text'
}

const caller = (project: string, roles: readonly string[]) => ({
  user: { id: 'u', name: 'u', domain: 'default' },
  project: { id: project, name: project, domain: 'default' },
  roles,
})
const callers = {
  admin: caller('admin', ['admin', 'manager', 'member', 'reader']),
  tenant: caller('project-0', ['member', 'reader']),
}

/** The engine with nodes in a plain table, and the bare query beside it. */
export const serveMachines = async (url: string, log: Log): Promise<{ port: number; policy: string; close(): Promise<void> }> => {
  const connections = connect({ url, name: 'bench', log, size: 16 })
  const database = createDatabase({ connections, writeWork: () => undefined })
  const link = (base: string, path: string) => [
    { href: `${base}/v1/${path}`, rel: 'self' },
    { href: `${base}/${path}`, rel: 'bookmark' },
  ]
  const engine = new Engine({
    resource,
    dialect,
    database,
    store: tableStore(
      { name: 'bench.machine', id: 'uuid', columns },
      {
        from: sql`bench.machine n`,
        columns: Object.fromEntries(columns.map(name => [name, sql.ref(`n.${name}`)])),
        visible: who => sql`n.owner = ${who.project_id ?? ''} or n.lessee = ${who.project_id ?? ''}`,
      },
    ),
    behaviour: {
      compute(rows, context, fields) {
        for (const row of rows) {
          const path = `nodes/${row['uuid']}`
          row['links'] = link(context.wire.base, path)
          for (const list of ['ports', 'states', 'portgroups', 'volume'])
            if (fields.includes(list)) row[list] = link(context.wire.base, `${path}/${list}`)
          row['conductor'] = null
          row['allocation_uuid'] = null
        }
      },
    },
  })
  const policy = createPolicy({ defaults: policies, log })
  const bare = `select coalesce(json_agg(t), '[]')::text as text from (select ${columns.map(c => `n."${c}"`).join(', ')}
    from bench.machine n order by n.created_at, n.uuid limit 1000) t`
  const { rows } = await connections.pool.query('select uuid from bench.machine order by created_at limit 1')
  const show = engine.routes.find(r => r.spec.name === 'node.show')!
  const app = await createServer({
    services: [
      {
        name: 'm',
        prefix: '/m',
        dialect,
        policy,
        routes: [
          handle(route({ name: 'nothing', method: 'GET', path: '/v1/nothing', status: 200 }), async () => ({ body: {} })),
          ...engine.routes,
          handle(route({ name: 'first', method: 'GET', path: '/v1/nodes/first', status: 200 }), (c, i) =>
            show.handle(c, { ...i, params: { node: String(rows[0].uuid) } } as never),
          ),
        ],
      },
      {
        name: 'bare',
        prefix: '/bare',
        dialect,
        policy,
        routes: [
          handle(route({ name: 'bare', method: 'GET', path: '/', open: true, status: 200 }), async () => ({
            body: new Json((await connections.pool.query(bare)).rows[0].text),
          })),
        ],
      },
    ],
    authenticator: { authenticate: async token => callers[token as 'admin'] },
    clock: { now: () => '2027-01-01T00:00:00.000000Z' } as never,
    log,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    port: (app.server.address() as { port: number }).port,
    policy: policyCost(policy),
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
      await connections.end()
    },
  }
}

/** What asking a rule costs, for rules that read the target and for one that does not. */
const policyCost = (policy: ReturnType<typeof createPolicy>): string => {
  const target = targetOf(resource, { owner: 'project-0', lessee: 'project-5' })
  const lines = ['baremetal:node:get', 'baremetal:node:update', 'baremetal:node:list_all'].map(rule => {
    const who = credentials(callers.tenant)
    for (let i = 0; i < 20_000; i++) policy.may(rule, target, who)
    const before = performance.now()
    for (let i = 0; i < 200_000; i++) policy.may(rule, target, who)
    return `${rule}: ${(((performance.now() - before) / 200_000) * 1000).toFixed(2)} µs`
  })
  return `asking a rule: ${lines.join(', ')}`
}

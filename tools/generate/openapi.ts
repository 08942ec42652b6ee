import { Kysely, PostgresDialect } from 'kysely'
import { served } from '../../packages/server/src/kit/served.ts'
import type { Kit } from '../../packages/server/src/kit/service.ts'
import { services } from '../../packages/server/src/services.ts'

/** Stands for what only a running site has: whoever uses it while routes are declared is told. */
const absent = (what: string): any =>
  new Proxy(() => {}, {
    get: (_, name) => (typeof name === 'symbol' ? undefined : absent(`${what}.${name}`)),
    apply: () => {
      throw new Error(`${what} was used while the routes were declared`)
    },
  })

const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

/** docs/openapi/<service>.json: what each service says of itself under /openapi.json. */
export const openapis = async (): Promise<Readonly<Record<string, string>>> => {
  const kit: Kit = {
    clock: absent('the clock'),
    database: { db: new Kysely({ dialect: new PostgresDialect({ pool: absent('the database') }) }), transaction: absent('a transaction') },
    feed: absent('the feed'),
    secrets: absent('a secret'),
    log,
    publicUrl: 'http://localhost',
    state: '/nonexistent',
    signal: new AbortController().signal,
  }
  const files: Record<string, string> = {}
  for (const def of services) {
    const needs = Object.fromEntries(Object.keys(def.needs).map(need => [need, absent(need)]))
    const { routes } = served(def, def.start(kit, def.config({}), needs), { log })
    const document = await routes.find(route => route.spec.name === 'openapi')!.handle(undefined as never, undefined as never)
    files[`docs/openapi/${def.name}.json`] = `${JSON.stringify(document.body, null, 1)}\n`
  }
  return files
}

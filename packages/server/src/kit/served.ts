import { policyDefaults, policyRoutes } from './http/policy-routes.ts'
import { handle, type Route } from './http/route.ts'
import type { Served } from './http/setup.ts'
import type { Log } from './log/log.ts'
import { openapi } from './openapi/openapi.ts'
import { createPolicy, type LivePolicy } from './policy/policy.ts'
import type { Running, ServiceDef } from './service.ts'

export interface ServedOptions {
  readonly log: Log
  /** The operator's rules for all services; followed from `policy.watch` on. */
  readonly policyFile?: string
  /** Names of rules in that file that are other services'. */
  readonly elsewhere?: (name: string) => boolean
}

/** A service as it is served: its own routes, and those that every service has. */
export const served = (def: ServiceDef, up: Running, options: ServedOptions): Served & { readonly policy: LivePolicy } => {
  const { policyFile, elsewhere } = options
  const defaults = [...def.policies, ...policyDefaults]
  const policy = createPolicy({
    defaults,
    log: options.log,
    ...(policyFile ? { file: policyFile, ...(elsewhere ? { elsewhere } : {}) } : {}),
  })
  const document: Route = handle(
    { name: 'openapi', method: 'GET', path: '/openapi.json', open: true, status: 200, doc: 'This document.' },
    async () => ({ body: openapi({ name: def.name, title: def.title, prefix: def.prefix, dialect: def.dialect, routes }) }),
  )
  const routes = [...up.routes, ...policyRoutes(policy, new Set(defaults.map(d => d.name)), elsewhere), document]
  return {
    name: def.name,
    prefix: def.prefix,
    dialect: def.dialect,
    routes,
    policy,
    ...(up.sockets ? { sockets: up.sockets } : {}),
    ...(def.notFound ? { notFound: def.notFound } : {}),
    ...(def.meant ? { meant: def.meant } : {}),
  }
}

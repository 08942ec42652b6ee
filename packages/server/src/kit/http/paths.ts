import type { Route } from './route.ts'
import type { Served } from './setup.ts'

/** The service whose prefix a path has; the first one for paths outside of all. */
export const nearest = (services: readonly Served[], path: string): Served =>
  services.find(s => s.prefix !== '' && (path === s.prefix || path.startsWith(`${s.prefix}/`))) ?? services[0]!

/** The methods that a path has, in words of the `Allow` header; none if there is no such path. */
export const allowed = (routes: readonly Route[]): ((path: string) => readonly string[]) => {
  const patterns = routes.map(({ spec }) => ({ method: spec.method, pattern: pattern(spec.path) }))
  return path => {
    const methods = new Set<string>(patterns.filter(p => p.pattern.test(path)).map(p => p.method))
    if (methods.has('GET')) methods.add('HEAD')
    return [...methods].sort()
  }
}

const pattern = (path: string): RegExp => {
  const steps = path.replace(/\/$/, '').replace(/[.+?^${}()|[\]\\]/g, c => `\\${c}`)
  return new RegExp(`^${steps.replaceAll('*', '.*').replace(/:[A-Za-z_]+/g, '[^/]+')}/?$`)
}

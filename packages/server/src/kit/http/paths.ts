import type { Route } from './route.ts'
import type { Served } from './setup.ts'
import { target } from './wire.ts'

/** The service whose prefix a path has; the first one for paths outside of all. */
export const nearest = (services: readonly Served[], path: string): Served =>
  services.find(s => s.prefix !== '' && (path === s.prefix || path.startsWith(`${s.prefix}/`))) ?? services[0]!

/** The URL that is meant, where a service knows other forms of its paths. */
export const rewritten = (services: readonly Served[], url: string): string => {
  if (services.every(s => !s.meant)) return url
  const { path } = target(url)
  const served = services.find(s => s.meant && path.startsWith(`${s.prefix}/`))
  const given = served && path.slice(served.prefix.length)
  const meant = given && served.meant!(given)
  if (meant === undefined || meant === given) return url
  const end = url.search(/[?#]/)
  return `${served!.prefix}${meant}${end < 0 ? '' : url.slice(end)}`
}

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

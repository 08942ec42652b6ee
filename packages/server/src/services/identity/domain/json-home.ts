import { experimental, extensionParameters, parameterNames, relations } from '@esi/api/identity/json-home'

const BASE = 'https://docs.openstack.org/api/openstack-identity/3'

const relation = (extension: string, kind: 'rel' | 'param', name: string): string =>
  extension === '' ? `${BASE}/${kind}/${name}` : `${BASE}/ext/${extension}/1.0/${kind}/${name}`

/** The document for those paths that there are, parameters as `:name`; `prefix` comes before every link. Source: RFC draft "json-home". */
export const jsonHome = (paths: readonly string[], prefix = ''): { resources: Record<string, object> } => {
  const served = new Set(paths.map(path => path.replace(/:\w+/g, ':')))
  const resources: Record<string, object> = {}
  for (const [extension, name, path] of relations) {
    if (!served.has(`/v3${path.replace(/\{\w+\}/g, ':')}`)) continue
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1]!)
    const vars = parameters.map(p => [p, relation(extensionParameters[p] ?? '', 'param', parameterNames[p] ?? p)])
    resources[relation(extension, 'rel', name)] = {
      ...(parameters.length === 0
        ? { href: `${prefix}${path}` }
        : { 'href-template': `${prefix}${path}`, 'href-vars': Object.fromEntries(vars) }),
      ...(experimental.includes(name) ? { hints: { status: 'experimental' } } : {}),
    }
  }
  return { resources }
}

const HOME = 'application/json-home'

/** Whether a client would rather have the document than plain JSON. */
export const prefersHome = (accept: string | undefined): boolean => {
  if (accept === undefined) return false
  const ranges = accept.split(',').map(range => {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const q = parameters.find(p => p.startsWith('q='))
    return { type, q: q === undefined ? 1 : Number(q.slice(2)) || 0 }
  })
  const quality = (type: string): number => {
    const match = [type, 'application/*', '*/*'].map(each => ranges.find(r => r.type === each)).find(r => r !== undefined)
    return match?.q ?? 0
  }
  return quality(HOME) > quality('application/json')
}

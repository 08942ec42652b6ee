import { createHash } from 'node:crypto'
import type { Tx } from '../../../kit/db/transaction.ts'
import type { CatalogEntry } from '../config.ts'
import { type CatalogService, ensureEndpoint, ensureRegion, ensureService } from '../store/catalog.ts'

/** In the URL of a service that runs with us: what clients call us. */
export const PUBLIC = '$(public_url)s'

export interface Words {
  readonly public_url: string
  readonly user_id: string
  readonly project_id: string | undefined
}

/** The catalog as a token shows it. An endpoint that needs a project is left out where there is none. Source: Keystone's `format_url`. */
export const renderCatalog = (services: readonly CatalogService[], words: Words, only?: ReadonlySet<string>): object[] => {
  // A project that is shown some endpoints is not shown services without any.
  const shown = only
    ? services.flatMap(s => {
        const endpoints = s.endpoints.filter(e => only.has(e.id))
        return endpoints.length > 0 ? [{ ...s, endpoints }] : []
      })
    : services
  return shown.map(({ id, type, name, endpoints }) => ({
    endpoints: endpoints.flatMap(e => {
      const url = fill(e.url, words)
      return url === undefined ? [] : [{ ...e.extra, id: e.id, interface: e.interface, region_id: e.region_id, url, region: e.region_id }]
    }),
    id,
    type,
    name,
  }))
}

const fill = (url: string, words: Words): string | undefined => {
  let whole = true
  const known: Record<string, string | undefined> = { ...words, tenant_id: words.project_id }
  const filled = url.replace(/[$%]\(([a-z_]+)\)s/g, (_, word: string) => {
    const value = Object.hasOwn(known, word) ? known[word] : undefined
    if (value === undefined) whole = false
    return value ?? ''
  })
  return whole ? filled : undefined
}

const idOf = (...words: string[]): string => createHash('sha256').update(words.join('\u0000')).digest('hex').slice(0, 32)

/** Rows for the services that run with us; an administrator may disable them or add others. */
export const ensureCatalog = async (tx: Tx, entries: readonly CatalogEntry[], region: string): Promise<void> => {
  if (entries.length === 0) return
  await ensureRegion(tx.db, region)
  for (const { type, name, path } of entries) {
    const id = idOf('service', type, name)
    await ensureService(tx.db, { id, type, name, description: '' })
    for (const face of ['public', 'internal', 'admin'])
      await ensureEndpoint(tx.db, {
        id: idOf('endpoint', type, name, region, face),
        service: id,
        region,
        interface: face,
        url: `${PUBLIC}${path}`,
      })
  }
}

import type { Database } from '../../kit/db/transaction.ts'
import type { Kit } from '../../kit/service.ts'
import type { Config } from './config.ts'
import { createFederation } from './federation/login.ts'
import type { Needs } from './needs.ts'
import { createPasswordCheck } from './passwords/check.ts'
import { createPasswords } from './passwords/passwords.ts'
import type { House } from './resources/house.ts'
import { type CatalogService, readCatalog } from './store/catalog.ts'
import { readFilters } from './store/endpoint-filter.ts'
import { type CloudRow, enabledClouds } from './store/federation.ts'
import { createTokenCache } from './tokens/cache.ts'
import { renderCatalog } from './tokens/catalog.ts'
import { createKeyring } from './tokens/keyring.ts'
import { createLending } from './tokens/lending.ts'
import { createLogin } from './tokens/login.ts'
import { createReceipts } from './tokens/receipts.ts'
import { createTokens } from './tokens/tokens.ts'

const PREFIX = '/identity'

interface Catalog {
  readonly clouds: readonly CloudRow[]
  readonly services: readonly CatalogService[]
  readonly filters: ReadonlyMap<string, ReadonlySet<string>>
}

const readWhole = async (db: Database['db']): Promise<Catalog> => {
  const [services, filters, clouds] = await Promise.all([readCatalog(db), readFilters(db), enabledClouds(db)])
  return { services, filters, clouds }
}

/** Puts the parts of the service together. */
export const openHouse = (kit: Kit, config: Config, needs: Needs): House => {
  const cache = createTokenCache(config.cacheSize, config.cacheAge)
  let catalog: { readonly read: Promise<Catalog>; readonly until: number } | undefined
  const forget = (): void => {
    cache.flush()
    catalog = undefined
  }
  // Whatever this process changes it knows at once; the others hear of it.
  const database: Database = {
    db: kit.database.db,
    async transaction(origin, work) {
      try {
        return await kit.database.transaction(origin, work)
      } finally {
        forget()
      }
    },
  }
  const { clock } = kit
  const passwords = createPasswords(config.password)
  const check = createPasswordCheck({ database: kit.database, clock, config, passwords, secrets: kit.secrets, log: kit.log })
  const keyring = createKeyring(database, kit.secrets, config.activeKeys)
  const tokens = createTokens({ database, clock, config, keyring, cache })
  const whole = (): Promise<Catalog> => {
    if (!catalog || catalog.until < performance.now()) {
      const read = readWhole(database.db)
      const mine = { read, until: performance.now() + config.cacheAge }
      catalog = mine
      read.catch(() => {
        if (catalog === mine) catalog = undefined
      })
    }
    return catalog.read
  }
  const lending = createLending({ database: kit.database, secrets: kit.secrets, clock })
  const root: House['root'] = ({ wire }) => wire.base.slice(0, -PREFIX.length)
  return {
    database,
    clock,
    config,
    needs,
    passwords,
    secrets: kit.secrets,
    keyring,
    tokens,
    check,
    lending,
    federation: createFederation({ database, clock, config, tokens, log: kit.log }),
    login: createLogin({ database: kit.database, clock, tokens, passwords, check, lending, receipts: createReceipts(keyring, clock) }),
    forget,
    root,
    async clouds() {
      return (await whole()).clouds
    },
    async catalog(context, token) {
      const { scope } = token.claims
      const { services, filters } = await whole()
      const project = scope.is === 'project' ? scope.project : undefined
      const words = { public_url: root(context), user_id: token.user.id, project_id: project }
      return renderCatalog(services, words, project === undefined ? undefined : filters.get(project))
    },
  }
}

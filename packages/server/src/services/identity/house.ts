import type { Database } from '../../kit/db/transaction.ts'
import type { Kit } from '../../kit/service.ts'
import type { Config } from './config.ts'
import { createPasswords } from './passwords/passwords.ts'
import type { House } from './resources/house.ts'
import { type CatalogService, readCatalog } from './store/catalog.ts'
import { createTokenCache } from './tokens/cache.ts'
import { renderCatalog } from './tokens/catalog.ts'
import { createKeyring } from './tokens/keyring.ts'
import { createLogin } from './tokens/login.ts'
import { createTokens } from './tokens/tokens.ts'

const PREFIX = '/identity'

/** Puts the parts of the service together. */
export const openHouse = (kit: Kit, config: Config): House => {
  const cache = createTokenCache(config.cacheSize, config.cacheAge)
  let catalog: { readonly services: Promise<readonly CatalogService[]>; readonly until: number } | undefined
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
  const keyring = createKeyring(database, kit.secrets, config.activeKeys)
  const tokens = createTokens({ database, clock, config, keyring, cache })
  const root: House['root'] = ({ wire }) => wire.base.slice(0, -PREFIX.length)
  return {
    database,
    clock,
    config,
    passwords,
    secrets: kit.secrets,
    keyring,
    tokens,
    login: createLogin({ database, clock, tokens, passwords }),
    forget,
    root,
    async catalog(context, token) {
      if (!catalog || catalog.until < performance.now()) {
        const services = readCatalog(database.db)
        const mine = { services, until: performance.now() + config.cacheAge }
        catalog = mine
        services.catch(() => {
          if (catalog === mine) catalog = undefined
        })
      }
      const { scope } = token.claims
      return renderCatalog(await catalog.services, {
        public_url: root(context),
        user_id: token.user.id,
        project_id: scope.is === 'project' ? scope.project : undefined,
      })
    },
  }
}

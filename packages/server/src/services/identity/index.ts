import { dialect } from '@esi/api/identity/dialect'
import type { Origin } from '../../kit/db/transaction.ts'
import { hex } from '../../kit/ids/ids.ts'
import { type Kit, type Running, service } from '../../kit/service.ts'
import { type Config, readConfig } from './config.ts'
import { createDoor, type Door } from './door.ts'
import { openHouse } from './house.ts'
import type { Needs } from './needs.ts'
import { failuresOf, LIMITED } from './passwords/check.ts'
import { policies } from './policies.ts'
import { routes } from './routes/all.ts'
import { imply, isEmpty, makeDefaultDomain, makeRole } from './store/foundation.ts'
import { lockSetup } from './store/keys.ts'
import { ensureCatalog } from './tokens/catalog.ts'

export type { Door as IdentityDoor } from './door.ts'

/** Each has what those after it have. */
const LADDER = ['admin', 'manager', 'member', 'reader'] as const
const OTHERS = ['owner', 'lessee', 'service'] as const

const start = (kit: Kit, config: Config, needs: Needs): Running<Door> => {
  const house = openHouse(kit, config, needs)
  let unsubscribe: (() => void) | undefined
  return {
    routes: routes(house),
    conductors: [],
    door: createDoor(house),
    async start() {
      const origin: Origin = { at: kit.clock.now(), by: { conductor: 'identity' } }
      await house.keyring.prepare(origin)
      await kit.database.transaction(origin, async tx => {
        await lockSetup(tx.db)
        const first = await isEmpty(tx.db)
        if (await makeDefaultDomain(tx.db, tx.at))
          tx.emit('identity', {
            type: 'identity.domain.created',
            object: { type: 'domain', id: 'default', name: 'Default' },
            projects: ['default'],
          })
        if (first) {
          for (const name of [...LADDER, ...OTHERS]) await makeRole(tx.db, hex(), name, tx.at)
          for (const [i, name] of LADDER.slice(1).entries()) await imply(tx.db, LADDER[i]!, name)
        }
        await ensureCatalog(tx, config.catalog, config.region)
      })
      // From here on nothing is remembered longer than it is true.
      unsubscribe = await kit.feed.subscribe(async events => {
        const limited = events.filter(event => event.type === `identity.${LIMITED}`)
        for (const event of limited) house.check.attempts.learn(failuresOf(event))
        const ours = events.filter(event => event.service === 'identity' && !limited.includes(event))
        if (ours.length === 0) return
        if (ours.some(event => event.type === 'identity.token_key.rotated')) await house.keyring.reload()
        house.forget()
      })
      house.forget()
    },
    async stop() {
      unsubscribe?.()
    },
  }
}

export const identity = service<Config, Needs, Door>({
  name: 'identity',
  prefix: '/identity',
  title: 'Identity API v3',
  dialect,
  catalog: [{ type: 'identity', name: 'keystone', path: '/identity' }],
  policies,
  migrations: new URL('./store/migrations/', import.meta.url),
  sealed: [
    { table: 'identity.token_key', key: 'number', column: 'sealed' },
    { table: 'identity.credential', key: 'id', column: 'sealed' },
    { table: 'identity.consumer', key: 'id', column: 'sealed' },
    { table: 'identity.request_token', key: 'id', column: 'sealed' },
    { table: 'identity.access_token', key: 'id', column: 'sealed' },
    { table: 'identity.domain_config', key: 'id', column: 'sealed' },
  ],
  needs: { holdings: 'late' },
  config: readConfig,
  start,
})

import { randomBytes } from 'node:crypto'
import type { Database, Origin } from '../../../kit/db/transaction.ts'
import type { Secrets } from '../../../kit/secrets/secrets.ts'
import { dropKeys, insertKey, lockSetup, promoteKey, readKeys } from '../store/keys.ts'
import { type FernetKey, fernetKey, type Opened, open, seal } from './fernet.ts'

/** The keys of all tokens, as this process knows them. */
export interface Keyring {
  /** Makes the first keys if there are none. */
  prepare(origin: Origin): Promise<void>
  reload(): Promise<void>
  /** The staged key becomes the primary, a new one is staged, the oldest goes. Every replica knew the staged one already. */
  rotate(origin: Origin): Promise<{ primary: number; kept: number }>
  seal(payload: Uint8Array, seconds: number): string
  open(token: string): Promise<Opened | undefined>
}

/** Milliseconds between two looks for a key that we do not know: rubbish must not become queries. */
const LOOK = 1000

export const createKeyring = (database: Database, secrets: Secrets, activeKeys: number): Keyring => {
  let keys: readonly FernetKey[] = []
  let looked = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | undefined

  const load = async (): Promise<void> => {
    const stored = await readKeys(database.db)
    keys = stored.map(key => fernetKey(Buffer.from(secrets.open(key.sealed), 'base64')))
  }
  const reload = (): Promise<void> => {
    looked = performance.now()
    loading ??= load().finally(() => {
      loading = undefined
    })
    return loading
  }
  const fresh = (number: number) => ({ number, sealed: secrets.seal(randomBytes(32).toString('base64')) })

  return {
    reload,
    async prepare(origin) {
      await database.transaction(origin, async tx => {
        await lockSetup(tx.db)
        if ((await readKeys(tx.db)).length > 0) return
        await insertKey(tx.db, fresh(0), tx.at)
        await insertKey(tx.db, fresh(1), tx.at)
      })
      await reload()
    },
    async rotate(origin) {
      const done = await database.transaction(origin, async tx => {
        await lockSetup(tx.db)
        const primary = (await readKeys(tx.db))[0]!.number + 1
        await promoteKey(tx.db, primary)
        await insertKey(tx.db, fresh(0), tx.at)
        await dropKeys(tx.db, activeKeys)
        tx.emit('identity', {
          type: 'identity.token_key.rotated',
          object: { type: 'token_key', id: String(primary) },
          projects: [],
          data: {},
        })
        return { primary, kept: (await readKeys(tx.db)).length }
      })
      await reload()
      return done
    },
    seal(payload, seconds) {
      const primary = keys[0]
      if (!primary) throw new Error('there are no token keys yet')
      return seal(primary, payload, seconds, randomBytes(16))
    },
    async open(token) {
      const opened = open(keys, token)
      if (opened || performance.now() - looked < LOOK) return opened
      await reload()
      return open(keys, token)
    },
  }
}

import { fromMillis, type Instant } from '@esi/api/time'
import { consoleBase } from './console/tokens.ts'
import { beat, forget } from './store/conductors.ts'
import type { World } from './world.ts'

const EVERY = 20_000

/** Says that this process conducts, until it stops: what `GET /v1/conductors` shows. A name for each group that it serves. */
export const presence = (world: World): { start(): Promise<void>; stop(): Promise<void> } => {
  const { clock, log } = world.kit
  const groups = world.kit.conducts === false ? [] : world.config.groups
  const names = groups.map(group => ({ group, hostname: group === '' ? world.host : `${world.host}-${group}` }))
  let started: Instant
  let cancel: (() => void) | undefined
  let beating: Promise<void> | undefined

  const write = async (): Promise<void> => {
    for (const { group, hostname } of names)
      await beat(world.database.db, {
        hostname,
        group,
        drivers: world.drivers.names,
        consoles: consoleBase(world),
        started,
        now: clock.now(),
      })
  }
  const next = (): void => {
    cancel = clock.at(fromMillis(clock.millis() + EVERY), () => {
      beating = write()
        .catch(e => log.warn({ err: e }, 'could not say that this process is there; saying it again later'))
        .finally(() => {
          if (cancel) next()
        })
    })
  }
  return {
    async start() {
      started = clock.now()
      await write()
      next()
    },
    async stop() {
      cancel?.()
      cancel = undefined
      await beating
      for (const { hostname } of names)
        await forget(world.database.db, hostname, started).catch(e => log.warn({ err: e }, 'could not say that this process is gone'))
    },
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromMillis } from '@esi/api/time'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../clock/clock.ts'
import { KIT_DB, migrate } from '../db/migrate.ts'
import { silent } from '../testing/silent-log.ts'
import { KIT_WORK } from '../work/schema.ts'
import { createFamily } from '../work/test/family.ts'
import { openWorld, type World } from '../work/test/world.ts'
import { createHold, type Holds } from './hold.ts'
import { KIT_HOLD } from './schema.ts'

let world: World
let family: ReturnType<typeof createFamily>
let holds: Holds
let folder: string

beforeAll(async () => {
  world = await openWorld()
  await migrate(world.pool, [KIT_DB, KIT_WORK, KIT_HOLD])
  holds = createHold({ database: world.database, clock: systemClock(), log: silent })
})
afterAll(() => world?.close())
beforeEach(async () => {
  family = createFamily(new URL('./test/child.ts', import.meta.url))
  folder = mkdtempSync(join(tmpdir(), 'esi-hold-'))
  await world.pool.query('truncate kit.work, kit.conductor, kit.hold, kit.site')
})
afterEach(async () => {
  await family.end()
  rmSync(folder, { recursive: true })
})

const start = (who: string) => family.start({ url: world.url, who, mark: join(folder, 'site.json') } as { url: string; who: string })
const wake = (key: string) => world.database.transaction({ at: fromMillis(Date.now()), by: {} }, async tx => tx.wake('machine', key))
const until = async (so: () => Promise<boolean>) => {
  while (!(await so().catch(() => false))) await new Promise(resolve => setTimeout(resolve, 20))
}
const by = 'an operator'

test('two processes: one is about to write, one is asked to begin; both are held from outside, and both go on', async () => {
  const both = await Promise.all([start('a'), start('b')])
  await wake('begun')
  const holder = await Promise.any(both.map(c => c.hear('began', 'begun').then(() => c)))
  await holds.hold({ scope: 'site', key: '', reason: 'trial', by })
  await wake('waiting')
  await Promise.all(both.map(c => c.hear('refused', 'site')))
  await until(async () => (await world.pool.query(`select from kit.work where key = 'waiting' and held`)).rowCount === 1)
  holder.tell({ go: 'begun' })
  expect((await holder.hear('refused', 'begun')).why).toBe('HeldNow')
  expect(both.flatMap(c => c.said).filter(s => s.key === 'waiting')).toEqual([])
  await holds.lift({ scope: 'site', key: '', by })
  for (const key of ['begun', 'waiting']) {
    const nth = key === 'begun' ? 2 : 1
    const again = await Promise.any(both.map(c => c.hear('began', key, c === holder ? nth : 1).then(() => c)))
    again.tell({ go: key })
    await again.hear('wrote', key)
  }
})

test('killed processes and a crashed database are no reason to hold', async () => {
  const [a, b] = await Promise.all([start('a'), start('b')])
  for (const key of ['x', 'y', 'z']) await wake(key)
  await Promise.any([a.hear('began'), b.hear('began')])
  // What the marks tell of: something that was seen.
  await holds.hold({ scope: 'thing', key: 'other', reason: 'trial', by })
  a.signal('SIGKILL')
  await a.gone
  await world.crash()
  await until(async () => (await world.pool.query('select from kit.conductor')).rowCount! > 0)
  b.signal('SIGKILL')
  await b.gone
  const c = await start('c')
  await c.hear('began')
  expect(await holds.list()).toEqual([expect.objectContaining({ scope: 'thing', key: 'other' })])
})

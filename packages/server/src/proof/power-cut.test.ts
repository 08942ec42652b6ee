import { afterEach, test, vi } from 'vitest'
import { type Moving, prepareMoving } from './testing/moving.ts'
import { killDatabase } from './testing/site.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 })

let moving: Moving | undefined
afterEach(() => moving?.site.end())

test('both servers, the database and the rack lose power while nodes move: every node arrives after the next start', async () => {
  moving = await prepareMoving()
  const { site } = moving
  await moving.setOut()
  await Promise.all([...site.servers.map(s => s.kill()), killDatabase(site.databasePid), site.lab.kill()])
  await site.relab()
  await site.start()
  await moving.takenOver()
  await moving.arrive()
  const after = await site.lab.last()
  await moving.checkArrival()
  await moving.checkRest(after)
})

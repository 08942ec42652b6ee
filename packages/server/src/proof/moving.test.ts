import { afterEach, expect, test, vi } from 'vitest'
import { checkLogs } from './testing/invariants.ts'
import { type Moving, prepareMoving } from './testing/moving.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 })

let moving: Moving | undefined
afterEach(() => moving?.site.end())

test('one of two servers is killed while nodes move: every node arrives, and none is switched again', async () => {
  moving = await prepareMoving()
  const { site } = moving
  const before = await site.lab.last()
  await moving.setOut()
  await site.servers[1]!.kill()
  await moving.takenOver()
  await moving.arrive()
  const after = await site.lab.last()
  await moving.checkArrival()
  // One command for each machine that had to be switched, and for no other.
  const resets = (await site.lab.changes(before)).filter(c => c.path.endsWith('/Actions/ComputerSystem.Reset') && c.done)
  expect(resets.map(c => c.machine).sort()).toEqual([...(await moving.switched())].sort())
  await moving.checkRest(after)
  checkLogs(site.servers)
})

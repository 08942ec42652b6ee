import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkInvariants, checkLogs } from './testing/invariants.ts'
import type { Server } from './testing/server.ts'
import { createSite, type Site } from './testing/site.ts'
import { HOUR, leisure, soon } from './testing/times.ts'
import { until } from './testing/until.ts'

// Nothing is proven by how long it takes; this only ends a run that hangs.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

// Two servers whose machines' clocks are 5 s apart, and neither agrees with the database's.

let site: Site
let early: Server
let late: Server

beforeAll(async () => {
  site = await createSite({ database: 'shared' })
  early = await site.start({ skew: 2500 })
  late = await site.start({ skew: -2500 })
})
afterAll(() => site?.end())

test('they do not know it', async () => {
  // What a server calls now, by a time that it writes down itself.
  for (const server of [early, late]) {
    const [{ before }] = await site.rows('select extract(epoch from clock_timestamp())::float8 as before')
    const made = await site.people.owner.must(server, 201, 'POST', '/lease/v1/offers', {
      resource_type: 'test_node',
      resource_uuid: `now at ${server.name}`.replaceAll(' ', '-'),
    })
    const [{ after, at }] = await site.rows(
      `select extract(epoch from clock_timestamp())::float8 as after, extract(epoch from created_at)::float8 as at from leasing.offer where uuid = $1`,
      [made.uuid],
    )
    // Half a round trip of the measurement, with rounding.
    expect(at).toBeGreaterThan(before - 1)
    expect(at).toBeLessThan(after + 1)
  }
})

test('leases begin and end at their time, one after the other, whichever server does it', async () => {
  const at = (millis: number) => new Date(millis).toISOString()
  const began = performance.now()
  const offers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      site.people.owner.must(i % 2 ? early : late, 201, 'POST', '/lease/v1/offers', {
        resource_type: 'test_node',
        resource_uuid: `clock-${i}`,
        end_time: soon(10 * HOUR),
      }),
    ),
  )
  const turn = Math.round(Date.now() + leisure(performance.now() - began))
  const made = await Promise.all(
    offers.map(async ({ uuid }, i) => {
      const [here, there] = i % 2 ? [early, late] : [late, early]
      const path = `/lease/v1/offers/${uuid}/claim`
      const first = await site.people.lessee.must(here, 201, 'POST', path, { end_time: at(turn) })
      const second = await site.people.rival.must(there, 201, 'POST', path, { start_time: at(turn), end_time: at(turn + HOUR) })
      return [first.uuid, second.uuid]
    }),
  )
  const open = `select uuid from leasing.lease where uuid = any($1) and status <> 'active'`
  const seconds = made.map(pair => pair[1])
  await until('all second leases have begun', async () => {
    await checkInvariants(site)
    return (await site.rows(open, [seconds])).length === 0
  })
  // By the database's clock, which all go by: none before its time, by more than the clocks are measured.
  const early_ = await site.rows(
    `select uuid, start_time, fulfill_time, end_time, expire_time from leasing.lease
     where fulfill_time < start_time or expire_time < end_time and status = 'expired'`,
  )
  expect(early_).toEqual([])
  const both = await site.rows(
    `select origin ->> 'conductor' as who, count(*)::int from kit.event where type = 'leasing.lease.fulfilled' group by 1`,
  )
  expect(both).toEqual([{ who: 'lease', count: 40 }])
  await checkInvariants(site)
})

test('nobody is given up for it, and neither met a fault', async () => {
  expect(await site.rows('select pid from kit.conductor order by pid')).toEqual(
    [early.pid, late.pid].sort((a, b) => a - b).map(pid => ({ pid })),
  )
  checkLogs([early, late])
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { debian } from '../tools/debian.ts'
import { rowId } from './harness/row.ts'
import { type Site, startSandbox } from './harness/site.ts'
import { readSkips, stale } from './harness/skips.ts'
import { type Client, startClient } from './openstack/client.ts'
import { runStory } from './openstack/run.ts'
import { PACKAGES, stories, withNobody } from './openstack/suite.ts'

const SLOW = 300_000
const skips = readSkips()

describe.skipIf(!debian(...PACKAGES).ready)('the openstack client', () => {
  let site: Site
  let client: Client
  beforeAll(async () => {
    site = await startSandbox()
    client = startClient(withNobody(site.clouds, site.folder))
  }, SLOW)
  afterAll(async () => {
    await client?.end()
    await site?.stop()
  }, SLOW)

  it.each(stories)(
    '$name',
    async story => {
      const outcomes = await runStory(client, story, skips)
      expect(outcomes.filter(o => o.result === 'failed').map(o => `${o.id}\n${o.why}`)).toEqual([])
    },
    SLOW,
  )
})

it('skips only what there is', () => {
  expect(
    stale(
      skips,
      'openstack',
      stories.flatMap(story => story.rows.map(row => rowId(story, row))),
    ),
  ).toEqual([])
})

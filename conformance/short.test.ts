import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { debian } from '../tools/debian.ts'
import { runEsi } from './esi/suite.ts'
import type { Outcome } from './harness/outcome.ts'
import { rowId } from './harness/row.ts'
import { type Site, startSandbox } from './harness/site.ts'
import { readSkips, stale } from './harness/skips.ts'
import { type Client, startClient } from './openstack/client.ts'
import { runStory } from './openstack/run.ts'
import { stories, withNobody } from './openstack/suite.ts'
import { OPENSTACK, SDK, TEMPEST } from './packages.ts'
import { runSdk } from './sdk/suite.ts'
import { tempestIdentity } from './suites.ts'
import { tempest } from './tempest/run.ts'

const SLOW = 300_000
const skips = readSkips()
const failures = (outcomes: readonly Outcome[]) => outcomes.filter(o => o.result === 'failed').map(o => `${o.id}\n${o.why}`)

let site: Site
beforeAll(async () => {
  site = await startSandbox()
}, SLOW)
afterAll(() => site?.stop(), SLOW)

it(
  "the requests of esi's own client",
  async () => {
    expect(failures(await runEsi(site, skips))).toEqual([])
  },
  SLOW,
)

describe.skipIf(!debian(...OPENSTACK, ...SDK).ready)('Python clients', () => {
  let client: Client
  beforeAll(() => {
    client = startClient(withNobody(site.clouds, site.folder))
  })
  afterAll(() => client?.end(), SLOW)

  it.each(stories)(
    'openstack: $name',
    async story => {
      const outcomes = await runStory(client, story, skips)
      expect(failures(outcomes)).toEqual([])
    },
    SLOW,
  )

  it(
    'openstacksdk, keystoneauth, keystoneclient',
    async () => {
      const outcomes = await runSdk(site, skips)
      expect(outcomes.length).toBeGreaterThan(15)
      expect(failures(outcomes)).toEqual([])
    },
    SLOW,
  )
})

describe.skipIf(!debian(...TEMPEST).ready)('tempest', () => {
  it(
    'for identity',
    async () => {
      const outcomes = await tempest(tempestIdentity)({ skips })
      expect(outcomes).toHaveLength(138)
      expect(failures(outcomes)).toEqual([])
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

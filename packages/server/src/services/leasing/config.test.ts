import { expect, it } from 'vitest'
import { config } from './config.ts'

const DAY = 86_400_000

it('has the original’s defaults', () => {
  expect(config({})).toMatchObject({
    defaultResourceType: 'ironic_node',
    defaultLeaseTime: 7 * DAY,
    maxLeaseTime: 21 * DAY,
    subleaseDepth: 1,
  })
  expect(config({}).maxLeasesPerProject).toBeUndefined()
})

it('reads settings by their names and refuses what is none', () => {
  expect(config({ maxLeaseTime: '3d', maxLeasesPerProject: 2 })).toMatchObject({ maxLeaseTime: 3 * DAY, maxLeasesPerProject: 2 })
  expect(() => config({ maxLeaseTyme: '3d' })).toThrow('maxLeaseTyme')
  expect(() => config({ maxLeaseTime: 3 })).toThrow('maxLeaseTime')
  expect(() => config({ consoleUrl: 'http://x' })).toThrow('consoleUrl')
})

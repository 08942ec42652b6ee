import { expect, it } from 'vitest'
import { config } from './config.ts'

it('has the original’s defaults', () => {
  expect(config(undefined)).toMatchObject({ defaultType: 'ironic_node', defaultDays: 7, longestDays: 21, leasesPerProject: undefined })
})

it('reads settings by their names and refuses what is none', () => {
  expect(config({ max_lease_time: 3, max_leases_per_project: 2 })).toMatchObject({ longestDays: 3, leasesPerProject: 2 })
  expect(() => config({ max_lease_tyme: 3 })).toThrow('leasing.max_lease_tyme is no setting')
  expect(() => config({ max_lease_time: '3' })).toThrow('leasing.max_lease_time must be a whole number')
  expect(() => config([])).toThrow('must be an object')
})
